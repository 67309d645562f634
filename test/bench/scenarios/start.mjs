// From nothing to serving 10,000 files, and what it takes to stay there.
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCallboard } from '../harness/callboard.mjs'
import { Child, pathOf } from '../harness/child.mjs'
import { corpus } from '../harness/corpus.mjs'
import { finding } from '../harness/report.mjs'
import { median, pairedRatios, spread } from '../harness/statistics.mjs'

const settleMs = 2_000
const megabyte = 1024 * 1024

export const title = 'Start and memory with 10,000 files'

export async function run(context) {
  const { directory, stateDir, files } = corpus(context.workspace)
  const parse = { wallMs: [], cpuMs: [] }
  const first = { wallMs: [], cpuMs: [], rss: [], peak: [] }
  const restart = { wallMs: [], cpuMs: [], rss: [], peak: [] }
  // The files are in the page cache for everybody, also for whoever comes first.
  await parseAll(directory, files)
  for (let round = 0; round < context.effort.starts; round += 1) {
    append(parse, await parseAll(directory, files))
    rmSync(stateDir, { recursive: true, force: true })
    append(first, await startOnce(context, directory, stateDir, files))
    append(restart, await startOnce(context, directory, stateDir, files))
  }
  const read = await residentAfter(directory)
  const watching = await residentAfter(directory, '--watch')
  const share = spread([(watching - read) / megabyte])
  const ms = (numbers) => `${Math.round(median(numbers)).toLocaleString('en-US')} ms`
  const both = (of, over) => `${ms(of.wallMs)} over ${ms(over.wallMs)}; CPU ${ms(of.cpuMs)} over ${ms(over.cpuMs)}`
  const data = { parse, first, restart }
  const scenario = 'start'
  return [
    finding({
      scenario,
      name: 'first start over parsing the same bytes with yaml',
      unit: 'ratio',
      value: pairedRatios(first.wallMs, parse.wallMs),
      target: 1.3,
      detail: both(first, parse),
      data,
    }),
    finding({
      scenario,
      name: 'the same in CPU time',
      unit: 'ratio',
      value: pairedRatios(first.cpuMs, parse.cpuMs),
    }),
    finding({
      scenario,
      name: 'restart over first start',
      unit: 'ratio',
      value: pairedRatios(restart.wallMs, first.wallMs),
      target: 0.2,
      detail: both(restart, first),
    }),
    memory('resident after a first start', first.rss, { detail: peak(first) }),
    memory('resident after a restart', restart.rss, { detail: peak(restart) }),
    finding({
      scenario,
      name: 'of it, the share of watching',
      unit: 'MB',
      value: share,
      detail: 'reading and watching − reading',
    }),
  ]
}

function memory(name, bytes, { detail }) {
  return finding({
    scenario: 'start',
    name,
    unit: 'MB',
    value: spread(bytes.map((count) => count / megabyte)),
    target: 200,
    detail,
  })
}

function peak({ peak: bytes }) {
  return `${settleMs / 1000} s after it was ready; peak ${Math.round(median(bytes) / megabyte)} MB`
}

function append(lists, values) {
  for (const [name, list] of Object.entries(lists)) list.push(values[name])
}

async function parseAll(directory, files) {
  const child = new Child('yaml', pathOf('../baselines/yaml-parse.mjs', import.meta.url), [directory])
  try {
    const { documents } = await child.message((message) => message.documents !== undefined)
    const wallMs = performance.now() - child.startedAt
    if (documents !== files) throw new Error(`${documents} documents parsed instead of ${files}`)
    return { wallMs, cpuMs: (await child.meter()).cpuMicros / 1000 }
  } finally {
    await child.stop()
  }
}

async function startOnce({ workspace, profile }, directory, stateDir, files) {
  const callboard = await startCallboard({ directory, stateDir, workspace, profile })
  try {
    const { cpuMicros } = await callboard.meter()
    // Before anything is asked: what a page of the status costs is not what being there costs.
    await sleep(settleMs)
    const { rssBytes, peakBytes } = await callboard.meter()
    const { items } = await callboard.get('/api/v1/revisions?limit=1')
    if (!['applied', 'unchanged'].includes(items[0]?.outcome))
      throw new Error(`not applied: ${JSON.stringify(items[0]).slice(0, 500)}`)
    const { items: mocks } = await callboard.get('/api/v1/mocks?limit=1')
    if (mocks.length === 0) throw new Error(`none of ${files} mocks is served`)
    return { wallMs: callboard.readyMs, cpuMs: cpuMicros / 1000, rss: rssBytes, peak: peakBytes }
  } finally {
    await callboard.stop()
  }
}

async function residentAfter(directory, ...args) {
  const script = pathOf('../baselines/watch.mjs', import.meta.url)
  const child = new Child('watch', script, [directory, ...args])
  try {
    await child.message((message) => message.watching !== undefined)
    await sleep(settleMs)
    return (await child.meter()).rssBytes
  } finally {
    await child.stop()
  }
}
