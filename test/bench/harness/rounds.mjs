// Servers that answer the same requests take turns, so that a noisy moment meets all of them.
import { pin } from './child.mjs'
import { Load } from './load.mjs'

const connections = 16
const serverCore = 0
const loadCore = 1
/** So many there are also on a machine that is too busy for all. */
const fewestRounds = 3

/**
 * `contenders`: `{name, child, url, requests, expect?: {status, bytes}}`.
 * @returns by name, per round: CPU time of the server per request in microseconds, and requests per second.
 */
export async function alternate(contenders, { rounds, requests, warmup, longestMs }) {
  const enough = performance.now() + longestMs
  const lanes = []
  try {
    for (const contender of contenders) {
      const load = await Load.start({ url: contender.url, requests: contender.requests, connections })
      lanes.push({ ...contender, load, cpuMicros: [], rate: [] })
      pin(contender.child, serverCore)
      pin(load.child, loadCore)
      load.expect({ status: load.first.status, ...contender.expect })
    }
    for (const { load } of lanes) await load.run(warmup)
    for (let round = 0; round < rounds; round += 1) {
      if (round >= fewestRounds && performance.now() > enough) break
      // Nobody always comes first, or always after the same other one.
      const order = round % 2 === 0 ? lanes : [...lanes].reverse()
      for (const lane of order) {
        const before = await lane.child.meter()
        const { seconds } = await lane.load.run(requests)
        const after = await lane.child.meter()
        lane.cpuMicros.push((after.cpuMicros - before.cpuMicros) / requests)
        lane.rate.push(requests / seconds)
      }
    }
  } finally {
    for (const { load } of lanes) await load.stop()
  }
  return Object.fromEntries(
    lanes.map(({ name, cpuMicros, rate, load }) => [name, { cpuMicros, rate, first: load.first }]),
  )
}
