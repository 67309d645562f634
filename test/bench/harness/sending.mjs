// Deliveries to a broker, journalled, sent and confirmed one by one, beside the library alone with the same confirmations.
import { spawn } from 'node:child_process'
import { createEngine } from '../../../dist/delivery/engine.js'
import { RawNumber } from '../../../dist/expression/json.js'
import { DeliveryReplay, openDeliveries } from '../../../dist/store/deliveries.js'
import { openStore } from '../../../dist/store/embedded.js'
import { systemTimer } from '../../../dist/store/timer.js'
import { pathOf } from './child.mjs'
import { finding } from './report.mjs'
import { median, pairedRatios, spread } from './statistics.mjs'

export const now = () => performance.timeOrigin + performance.now()

/** A broker of the tests' services, until `stop`; undefined, with the reason printed, where there is none. */
export async function startBroker(name) {
  const child = spawn(process.execPath, [pathOf('../../services/run.mjs', import.meta.url), name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = await new Promise((resolve) => {
    child.stdout.once('data', (data) => resolve(String(data)))
    child.once('exit', () => resolve(undefined))
  })
  if (line === undefined) {
    console.log(`left out: ${name} did not start; test/services/install installs it`)
    return undefined
  }
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', resolve)
      child.stdin.end()
    })
  return { addresses: JSON.parse(line)[name], stop }
}

/** An engine with its journal in `dir`. `describe(index)`: what of a delivery is the transport's own. */
export async function openEngine(dir, name, transport, describe) {
  const replay = new DeliveryReplay()
  const store = await openStore(dir, { rawNumber: RawNumber, onDisk: replay.onDisk, onReplay: replay.onReplay })
  const deliveries = openDeliveries(store, { now, limits: { waiting: 1_000_000 } }, replay)
  const waiting = new Map()
  const engine = createEngine({
    deliveries,
    transports: new Map([[name, transport]]),
    now,
    timer: systemTimer,
    random: Math.random,
    poolSize: 10,
    observer: {
      changed: ({ id }, { status, attempts }) => {
        const { resolve, reject } = waiting.get(id)
        waiting.delete(id)
        if (status === 'delivered') resolve()
        else reject(new Error(`a delivery is ${status}: ${attempts.at(-1)?.message}`))
      },
    },
  })
  await engine.start()
  let last = 0
  return {
    send: async (index) => {
      last += 1
      const id = `0190f3b2-7c4e-7000-8000-${String(last).padStart(12, '0')}`
      const delivery = {
        id,
        kind: 'callback',
        transport: name,
        breaker: true,
        about: { namespace: 'shop', mock: 'orders', callback: 'created', request: `r${last}`, revision: 'abc' },
        created: now(),
        delayMs: 0,
        expires: now() + 72 * 3600_000,
        timeoutMs: 30_000,
        retry: { retries: 3, delayMs: 5000, growth: 'fixed', maxDelayMs: 300_000, final: ['guard', 'template'] },
        ...describe(index),
      }
      const done = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
      await engine.accept([delivery])
      await done
    },
    close: async () => {
      await engine.close(1000)
      await transport.close()
      await store.close()
    },
  }
}

/**
 * Rounds of `messages` each, by all `sides` in turn: `{name, send, atATime}`, where `send(index)` sends as many as `atATime`,
 * one without it. Before each, `clear` is called. Returns the rates per second and the microseconds of CPU by name.
 */
export async function alternateSending(sides, { messages, rounds, waiting, clear = async () => {} }) {
  const rates = Object.fromEntries(sides.map(({ name }) => [name, []]))
  const cpu = Object.fromEntries(sides.map(({ name }) => [name, []]))
  const measure = async ({ name, send, atATime = 1 }) => {
    await clear()
    const spent = process.cpuUsage()
    const since = performance.now()
    let index = 0
    await Promise.all(
      Array.from({ length: waiting / atATime }, async () => {
        while (index < messages) {
          const first = index
          index += atATime
          await send(first)
        }
      }),
    )
    const { user, system } = process.cpuUsage(spent)
    rates[name].push((messages / (performance.now() - since)) * 1000)
    cpu[name].push((user + system) / messages)
  }
  for (let round = -1; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) await measure(side)
    // The first round warms up.
    if (round === -1) for (const list of [...Object.values(rates), ...Object.values(cpu)]) list.length = 0
  }
  return { rates, cpu }
}

/** Time of a delivery by `ours` over that by another side. */
export function sendingFinding({ rates, cpu }, over, { scenario, name, target }) {
  const perDelivery = (perSecond) => perSecond.map((rate) => 1 / rate)
  const show = (numbers) => Math.round(median(numbers)).toLocaleString('en-US')
  return finding({
    scenario,
    name,
    unit: 'ratio',
    value: pairedRatios(perDelivery(rates.ours), perDelivery(rates[over])),
    target,
    detail: `${show(rates.ours)}/s over ${show(rates[over])}/s; ${show(cpu.ours)} µs over ${show(cpu[over])} µs of CPU`,
    data: { perSecond: { ours: spread(rates.ours), [over]: spread(rates[over]) } },
  })
}

/** As many per second as 0.8 of what a library does alone. */
export const sendingTarget = 1.25
