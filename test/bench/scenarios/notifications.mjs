// Events to twenty channels, three of which are in trouble, beside the same events to the others alone, beside bare undici.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { startCallboard } from '../harness/callboard.mjs'
import { Child, pathOf } from '../harness/child.mjs'
import { finding } from '../harness/report.mjs'
import { median, pairedRatios, spread } from '../harness/statistics.mjs'

const healthy = 17
const troubled = 3
/** As many as `delivery.poolSize` is by default. */
const connections = 10
/** Events of one request, and requests under way. */
const batch = 100
const posting = 4
const longestMs = 600_000

export const title = `Events to ${healthy + troubled} channels, of which two are down and one answers 429`

export async function run({ workspace, effort, profile }) {
  const { rounds, events, limitMs } = effort.notifications
  const receiver = new Child('webhooks', pathOf('../baselines/webhooks.mjs', import.meta.url))
  const bare = new Child('posts', pathOf('../baselines/posts.mjs', import.meta.url))
  const lanes = []
  try {
    const { port } = await receiver.message((message) => message.port !== undefined)
    const url = `http://127.0.0.1:${port}`
    await bare.message(({ listening }) => listening === true)
    const closed = await closedPort()
    for (const withTroubled of [false, true]) {
      lanes.push(await startLane({ workspace, profile, url, closed, withTroubled }))
    }
    const [alone, beside] = lanes
    const sides = [
      { lane: alone, measured: [], turn: () => round(alone, lanes, receiver, events) },
      { lane: beside, measured: [], turn: () => round(beside, lanes, receiver, events) },
      { lane: undefined, measured: [], turn: () => bareRound(bare, lanes, receiver, url, events * healthy) },
    ]
    // What is compiled and connected once is no part of it.
    for (const lane of lanes) await round(lane, lanes, receiver, Math.min(events, 500))
    receiver.send({ limitMs })
    await receiver.message(({ limiting }) => limiting === true)
    const limitedUntil = performance.now() + limitMs
    for (let turn = 0; turn < rounds; turn += 1) {
      const order = turn % 2 === 0 ? sides : [...sides].reverse()
      for (const side of order) side.measured.push(await side.turn())
    }
    const settled = await settle(beside, lanes, receiver, limitedUntil)
    const { peakBytes } = await beside.callboard.meter()
    return findings(sides, { ...settled, peakBytes, posted: beside.posted })
  } finally {
    for (const { callboard } of lanes) {
      resume(callboard)
      await callboard.stop()
    }
    await bare.stop()
    await receiver.stop()
  }
}

async function startLane({ workspace, profile, url, closed, withTroubled }) {
  const directory = mkdtempSync(join(workspace, 'notifications-'))
  mkdirSync(join(directory, 'channels'))
  const channel = (name, target, more = {}) => {
    const spec = { type: 'webhook', config: { url: target }, events: { 'callboard.*': false }, ...more }
    writeFileSync(join(directory, 'channels', `${name}.yaml`), documentOf('Channel', name, spec))
  }
  for (let index = 0; index < healthy; index += 1) channel(`c${index}`, `${url}/c${index}`)
  if (withTroubled) {
    channel('refusing', `http://127.0.0.1:${closed}/`)
    channel('hanging', `${url}/hanging`, { timeout: 2 })
    channel('limited', `${url}/limited`)
  }
  const title = 'Run {{ payload.run }} of {{ payload.suite }} failed'
  writeFileSync(join(directory, 'type.yaml'), documentOf('EventType', 'bench.failed', { severity: 'error', title }))
  const settings = 'network: {allow: ["127.0.0.1"]}\ncatalogues: []\n'
  const callboard = await startCallboard({ directory, workspace, profile, settings })
  return { callboard, posted: 0 }
}

function documentOf(kind, name, spec) {
  return JSON.stringify({ apiVersion: 'callboard/v1', kind, metadata: { name }, spec })
}

/** Nobody listens there, or is about to. */
async function closedPort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Posts events to one lane, and waits until its healthy channels have them all. The other lane stands still meanwhile. */
async function round(lane, lanes, receiver, events) {
  alone(lane, lanes)
  await expect(receiver, events * healthy)
  const before = await lane.callboard.meter()
  const started = performance.now()
  const all = received(receiver, events * healthy)
  await post(lane, events)
  const acceptedMs = performance.now() - started
  await all
  const ms = performance.now() - started
  const after = await lane.callboard.meter()
  return { acceptedMs, ms, cpuMicros: after.cpuMicros - before.cpuMicros, events }
}

async function bareRound(bare, lanes, receiver, url, count) {
  alone(undefined, lanes)
  await expect(receiver, count)
  const before = await bare.meter()
  const started = performance.now()
  bare.send({ post: { url, body: bodyOf(), count, connections } })
  await bare.message(({ posted }) => posted === count)
  const ms = performance.now() - started
  await received(receiver, count)
  const after = await bare.meter()
  return { ms, cpuMicros: after.cpuMicros - before.cpuMicros }
}

/** As long as what a channel sends. */
function bodyOf() {
  const { id, ...rest } = eventOf(123_456)
  return JSON.stringify({
    ...rest,
    event_id: id,
    severity: 'error',
    title: 'Run r-123456 of Checkout failed',
    body: '',
  })
}

function eventOf(number) {
  const payload = { run: `r-${number}`, suite: 'Checkout', passed: 412, failed: 3, url: `https://ci.example/${number}` }
  return { id: `e-${number}`, source: 'bench', type: 'bench.failed', time: '2026-01-01T00:00:00Z', payload }
}

async function post(lane, events) {
  let next = lane.posted
  lane.posted += events
  const end = lane.posted
  const pool = new Pool(lane.callboard.control, { connections: posting })
  const headers = { authorization: `Bearer ${lane.callboard.token}`, 'content-type': 'application/json' }
  await Promise.all(
    Array.from({ length: posting }, async () => {
      while (next < end) {
        const from = next
        next = Math.min(end, from + batch)
        const body = JSON.stringify(Array.from({ length: next - from }, (_, index) => eventOf(from + index)))
        for (;;) {
          const answer = await pool.request({ method: 'POST', path: '/api/v1/events', headers, body })
          const text = await answer.body.text()
          if (answer.statusCode === 202) break
          if (answer.statusCode !== 503) throw new Error(`events were answered ${answer.statusCode}: ${text}`)
          await sleep(100)
        }
      }
    }),
  )
  await pool.close()
}

async function expect(receiver, count) {
  receiver.send({ expect: count })
  await receiver.message(({ expecting }) => expecting === count)
}

function received(receiver, count) {
  const late = AbortSignal.timeout(longestMs)
  return Promise.race([
    receiver.message(({ taken }) => taken === count),
    new Promise((_, reject) => {
      late.addEventListener('abort', () => reject(new Error(`${count} messages had not arrived in time`)))
    }),
  ])
}

/** What the others have still to do must not be measured. */
function alone(lane, lanes) {
  for (const other of lanes) {
    if (other !== lane) process.kill(other.callboard.child.pid, 'SIGSTOP')
  }
  if (lane !== undefined) resume(lane.callboard)
}

function resume({ child }) {
  if (child.isRunning) process.kill(child.pid, 'SIGCONT')
}

/** Once the limited channel has had its rest: where everything is that was accepted. */
async function settle(lane, lanes, receiver, limitedUntil) {
  alone(lane, lanes)
  const ended = performance.now() + longestMs
  await sleep(Math.max(0, limitedUntil - performance.now()))
  for (;;) {
    receiver.send({ count: true })
    const { counted } = await receiver.message((message) => message.counted !== undefined)
    if (counted.limited >= lane.posted) {
      const kept = await keptBy(lane.callboard)
      return { counted, ...kept }
    }
    if (performance.now() > ended) throw new Error(`of ${lane.posted} messages ${counted.limited} came after the rest`)
    await sleep(100)
  }
}

async function keptBy({ control }) {
  const text = await (await fetch(new URL('/metrics', control))).text()
  const sum = (pattern) =>
    [...text.matchAll(new RegExp(`^${pattern} (\\d+)$`, 'gm'))].reduce((total, [, count]) => total + Number(count), 0)
  const ended = (state) =>
    sum(`callboard_deliveries_total\\{kind="notification",transport="notification",[^}]*state="${state}"[^}]*\\}`)
  return {
    accepted: ended('accepted'),
    delivered: ended('delivered'),
    deadLetters: ended('dead_letter'),
    waiting: sum('callboard_delivery_queue_depth'),
  }
}

function findings([alone, beside, bare], { counted, accepted, delivered, deadLetters, waiting, peakBytes, posted }) {
  const scenario = 'notifications'
  const rates = ({ measured }, of) => measured.map(({ ms, events }) => Math.round((of(events) / ms) * 1000))
  const perDelivery = (side, field) => side.measured.map((one) => one[field])
  const accepting = beside.measured.map(({ acceptedMs, events }) => Math.round((events / acceptedMs) * 1000))
  const perSecond = (numbers) => `${Math.round(median(numbers)).toLocaleString('en-US')}/s`
  const ours = rates(alone, (events) => events * healthy)
  const theirs = bare.measured.map(({ ms }, turn) =>
    Math.round((((alone.measured[turn]?.events ?? 0) * healthy) / ms) * 1000),
  )
  const lost = posted * (healthy + troubled) - delivered - deadLetters - waiting
  return [
    finding({
      scenario,
      name: 'events accepted a second, beside channels in trouble',
      unit: 'count',
      value: spread(accepting),
      detail: `${(healthy + troubled) * posted} deliveries of ${posted} events, on disk when answered`,
    }),
    finding({
      scenario,
      name: 'time of all to healthy channels, beside those in trouble over without them',
      unit: 'ratio',
      value: pairedRatios(perDelivery(beside, 'ms'), perDelivery(alone, 'ms')),
      target: 1.25,
      detail: `${perSecond(rates(beside, (events) => events * healthy))}, ${perSecond(ours)}`,
    }),
    finding({
      scenario,
      name: 'time from the first event to the last delivery over bare undici',
      unit: 'ratio',
      value: pairedRatios(perDelivery(alone, 'ms'), perDelivery(bare, 'ms')),
      detail: `${perSecond(ours)}, ${perSecond(theirs)}`,
    }),
    finding({
      scenario,
      name: 'CPU of a delivery, accepting included, over bare undici',
      unit: 'ratio',
      value: pairedRatios(perDelivery(alone, 'cpuMicros'), perDelivery(bare, 'cpuMicros')),
    }),
    finding({
      scenario,
      name: 'deliveries that are nowhere',
      unit: 'count',
      value: spread([lost]),
      target: 0,
      detail: `accepted ${accepted}, delivered ${delivered}, dead letters ${deadLetters}, waiting ${waiting}`,
    }),
    finding({
      scenario,
      name: 'attempts at the limited channel before it was to be asked again',
      unit: 'count',
      value: spread([counted.askedTooEarly]),
      data: counted,
    }),
    finding({ scenario, name: 'resident memory at most', unit: 'MB', value: spread([peakBytes / 1e6]) }),
  ]
}
