// Cost of deliveries beside what they are made of: `npm run build && node --expose-gc test/bench/delivery.mjs [part …]`.
// Parts: enqueue, deliver, recover, memory, dead.
import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { createHttpTransport, targetOf } from '../../dist/callbacks/http.js'
import { createEngine } from '../../dist/delivery/engine.js'
import { RawNumber } from '../../dist/expression/json.js'
import { createGuard } from '../../dist/network/guard.js'
import { DeliveryReplay, openDeliveries } from '../../dist/store/deliveries.js'
import { openStore } from '../../dist/store/embedded.js'
import { systemTimer } from '../../dist/store/timer.js'

const now = () => performance.timeOrigin + performance.now()
const body = JSON.stringify({
  id: 'evt_1',
  type: 'payment_intent.succeeded',
  data: { amount: 2500, currency: 'usd', customer: 'c-1' },
})

function record(index, url) {
  return {
    id: `0190f3b2-7c4e-7000-8000-${String(index).padStart(12, '0')}`,
    kind: 'callback',
    transport: 'http',
    target: targetOf(url),
    breaker: true,
    about: { namespace: 'payments', mock: 'create-payment', callback: 'stripe', request: `r${index}`, revision: 'abc' },
    created: now(),
    delayMs: 0,
    expires: now() + 72 * 3600_000,
    timeoutMs: 30_000,
    retry: { retries: 3, delayMs: 5000, growth: 'fixed', maxDelayMs: 300_000, final: ['guard', 'template'] },
    payload: { method: 'POST', url, headers: [['Content-Type', 'application/json']], body },
  }
}

async function openAll(dir, limits) {
  const replay = new DeliveryReplay()
  const store = await openStore(dir, { rawNumber: RawNumber, onDisk: replay.onDisk, onReplay: replay.onReplay })
  const deliveries = openDeliveries(store, { now, limits: { waiting: 5_000_000, ...limits } }, replay)
  return { store, deliveries }
}

async function inFolder(work) {
  const dir = mkdtempSync(join(tmpdir(), 'delivery-bench-'))
  try {
    return await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Runs `one` `total` times, `atATime` at once; microseconds of CPU and of time for each. */
async function costOf(total, atATime, one) {
  const cpu = process.cpuUsage()
  const since = performance.now()
  let index = 0
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (index < total) await one(index++)
    }),
  )
  const used = process.cpuUsage(cpu)
  return { cpuUs: (used.user + used.system) / total, perSecond: (total / (performance.now() - since)) * 1000 }
}

async function enqueue() {
  for (const atATime of [1, 10, 50, 200]) {
    await inFolder(async (dir) => {
      const { store, deliveries } = await openAll(dir)
      await costOf(20_000, 50, (index) => deliveries.accept([record(index, 'http://127.0.0.1:1/x')]))
      const accepted = await costOf(20_000, atATime, (index) =>
        deliveries.accept([record(index + 30_000, 'http://127.0.0.1:1/x')]),
      )
      const building = await costOf(20_000, atATime, async (index) =>
        JSON.stringify(record(index, 'http://127.0.0.1:1/x')),
      )
      const file = await open(join(dir, 'bare'), 'a')
      const line = `${JSON.stringify(record(1, 'http://127.0.0.1:1/x'))}\n`
      const bare = await costOf(20_000, atATime, groupCommit(file, line))
      await file.close()
      console.log(
        `enqueue at ${atATime}: ${accepted.cpuUs.toFixed(1)} µs CPU, ${accepted.perSecond.toFixed(0)}/s;` +
          ` bare group commit ${bare.cpuUs.toFixed(1)} µs; JSON alone ${building.cpuUs.toFixed(1)} µs`,
      )
      await store.close()
    })
  }
}

function groupCommit(file, line) {
  let waiting = []
  let writing = false
  const pump = async () => {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await file.write(line.repeat(batch.length))
      for (const resolve of batch) resolve()
      await null
    }
    writing = false
  }
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (!writing) process.nextTick(() => writing || pump())
    })
}

function sink() {
  const child = fork(new URL(import.meta.url), ['sink'])
  return new Promise((resolve) => child.once('message', (ports) => resolve({ ...ports, close: () => child.kill() })))
}

/** Rounds of both in turn, so that whatever else the machine does meets both: the medians tell. */
async function deliver() {
  const { port, close } = await sink()
  const url = `http://127.0.0.1:${port}/x`
  const total = 10_000
  const atATime = 50
  const pool = new Pool(`http://127.0.0.1:${port}`)
  const bare = async () => {
    const { body: answer } = await pool.request({
      method: 'POST',
      path: '/x',
      headers: { 'content-type': 'application/json' },
      body,
    })
    await answer.text()
  }
  await inFolder(async (dir) => {
    const { store, deliveries } = await openAll(dir)
    const guard = createGuard({ allow: ['127.0.0.1'], allowPrivate: false, connectTimeoutMs: 10_000 })
    // By number: a Map that entries come to and go from would cost what is to be measured.
    const waiting = []
    const engine = createEngine({
      deliveries,
      transports: new Map([['http', createHttpTransport({ guard, now, env: {}, userAgent: 'callboard' })]]),
      now,
      timer: systemTimer,
      random: Math.random,
      poolSize: 2 * atATime,
      observer: {
        attempted: ({ id }, { ok }) => {
          if (!ok) console.log('failed')
          waiting[Number(id.slice(-12))]()
          waiting[Number(id.slice(-12))] = undefined
        },
      },
    })
    await engine.start()
    let index = 0
    // As many under way as of the bare ones: the next is accepted when one has arrived.
    const journalled = async () => {
      const delivery = record(index, url)
      const arrived = new Promise((resolve) => {
        waiting[index] = resolve
      })
      index += 1
      await engine.accept([delivery])
      await arrived
    }
    // Beyond what is kept of finished ones, so that forgetting is part of it.
    await costOf(15_000, atATime, journalled)
    await costOf(3000, atATime, bare)
    const rounds = []
    for (let round = 0; round < 9; round += 1) {
      const reference = await costOf(total, atATime, bare)
      const ours = await costOf(total, atATime, journalled)
      rounds.push({
        reference,
        ours,
        rate: ours.perSecond / reference.perSecond,
        cpu: reference.cpuUs / ours.cpuUs,
      })
    }
    const of = (pick) => median(rounds.map(pick))
    console.log(
      `deliver at ${atATime}: ${of(({ ours }) => ours.perSecond).toFixed(0)}/s, ${of(({ ours }) => ours.cpuUs).toFixed(1)} µs CPU;` +
        ` bare undici ${of(({ reference }) => reference.perSecond).toFixed(0)}/s, ${of(({ reference }) => reference.cpuUs).toFixed(1)} µs;` +
        ` ratio by rate ${of(({ rate }) => rate).toFixed(2)}, by CPU ${of(({ cpu }) => cpu).toFixed(2)}`,
    )
    await engine.close(1000)
    await guard.close()
    await store.close()
  })
  await pool.close()
  close()
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}

async function recover() {
  for (const total of [100_000, 1_000_000]) {
    await inFolder(async (dir) => {
      const { store, deliveries } = await openAll(dir)
      for (let at = 0; at < total; at += 1000) {
        await deliveries.accept(
          Array.from({ length: 1000 }, (_, index) => record(at + index, `http://h${(at + index) % 20}.example/x`)),
        )
      }
      deliveries.close()
      await store.close()
      for (let round = 0; round < 3; round += 1) {
        globalThis.gc?.()
        let since = performance.now()
        let kept = new Map()
        for (const name of readdirSync(join(dir, 'journal'))) {
          for (const line of readFileSync(join(dir, 'journal', name), 'utf8').split('\n')) {
            if (line === '') continue
            const operations = JSON.parse(line)
            for (let index = 3; index < operations.length; index += 1)
              kept.set(operations[index][0], operations[index][1])
          }
        }
        const plain = performance.now() - since
        kept = undefined
        globalThis.gc?.()
        since = performance.now()
        const again = await openAll(dir)
        const ours = performance.now() - since
        console.log(
          `recover ${total}: ${ours.toFixed(0)} ms; plain JSON.parse replay ${plain.toFixed(0)} ms; ratio ${(ours / plain).toFixed(2)}`,
        )
        again.deliveries.close()
        await again.store.close()
      }
    })
  }
}

async function memory() {
  await inFolder(async (dir) => {
    const total = 1_000_000
    const { store, deliveries } = await openAll(dir)
    showMemory('at first')
    for (let at = 0; at < total; at += 1000) {
      await deliveries.accept(
        Array.from({ length: 1000 }, (_, index) => record(at + index, `http://h${(at + index) % 20}.example/x`)),
      )
    }
    showMemory('with 1,000,000 accepted')
    deliveries.close()
    await store.close()
    // In a process of its own: here, what was accepted is still in memory.
    const child = fork(new URL(import.meta.url), ['open', dir], { execArgv: ['--expose-gc'] })
    await new Promise((resolve) => child.once('exit', resolve))
  })
}

async function opened(dir) {
  const { store, deliveries } = await openAll(dir)
  // What the collector frees is given back a moment later.
  globalThis.gc?.()
  await new Promise((resolve) => setTimeout(resolve, 1000))
  showMemory(`after opening ${deliveries.counts.pending} again`)
  const page = await deliveries.list({ about: { mock: 'create-payment' } }, { limit: 100 })
  showMemory(`after a list of ${page.items.length}`)
  await store.close()
}

function showMemory(what) {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  console.log(`memory ${what}: heap ${mb(heapUsed)}, rss ${mb(rss)}, external ${mb(external)}`)
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

/**
 * What ten targets that hang until their timeout and one that refuses do to one that answers, with the default pool.
 * Rounds with and without them in turn: each pair meets the same noise, and the median of the pairs tells.
 */
async function dead() {
  const { close, ...ports } = await sink()
  const rounds = []
  for (let round = 0; round < 12; round += 1) {
    // Neither is always the first.
    const order = round % 2 === 0 ? [false, true] : [true, false]
    const took = new Map()
    for (const withDead of order) took.set(withDead, await healthyBeside(ports, withDead))
    rounds.push({ alone: took.get(false), beside: took.get(true) })
  }
  close()
  const all = (name) => rounds.flatMap((round) => round[name])
  const [alone, beside] = [all('alone'), all('beside')]
  const pairs = rounds.map((round) => quantile(round.beside, 0.99) / quantile(round.alone, 0.99))
  console.log(
    `healthy target alone: p50 ${quantile(alone, 0.5).toFixed(2)} ms, p99 ${quantile(alone, 0.99).toFixed(2)} ms;` +
      ` beside ten hanging and one refusing: p50 ${quantile(beside, 0.5).toFixed(2)} ms, p99 ${quantile(beside, 0.99).toFixed(2)} ms;` +
      ` ratio of p99 ${(quantile(beside, 0.99) / quantile(alone, 0.99)).toFixed(2)} of ${alone.length} each,` +
      ` median of ${pairs.length} pairs of rounds ${median(pairs).toFixed(2)}`,
  )
}

function quantile(values, part) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)]
}

function healthyBeside({ port, hanging }, withDead) {
  return inFolder(async (dir) => {
    const { store, deliveries } = await openAll(dir)
    const guard = createGuard({ allow: ['127.0.0.0/8'], allowPrivate: false, connectTimeoutMs: 10_000 })
    let took = []
    let arrived = () => {}
    let expected = 0
    const engine = createEngine({
      deliveries,
      transports: new Map([['http', createHttpTransport({ guard, now, env: {}, userAgent: 'callboard' })]]),
      now,
      timer: systemTimer,
      random: Math.random,
      poolSize: 10,
      observer: {
        changed: ({ created }, { status }) => {
          if (status !== 'delivered') return
          took.push(now() - created)
          if (took.length === expected) arrived()
        },
      },
    })
    await engine.start()
    let index = 0
    const healthy = async (count) => {
      took = []
      expected = count
      const all = new Promise((resolve) => {
        arrived = resolve
      })
      for (let sent = 0; sent < count; sent += 1) {
        await engine.accept([record(index++, `http://127.0.0.1:${port}/x`)])
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      await all
    }
    await healthy(300)
    if (withDead) {
      for (const other of hanging) {
        const url = `http://127.0.0.1:${other}/hang`
        await engine.accept(Array.from({ length: 50 }, () => ({ ...record(index++, url), timeoutMs: 300 })))
      }
      await engine.accept(Array.from({ length: 50 }, () => record(index++, 'http://127.0.0.1:9/x')))
      await healthy(100)
    }
    await healthy(1000)
    await engine.close(0)
    await guard.close()
    await store.close()
    return took
  })
}

if (process.argv[2] === 'sink') {
  const listen = () =>
    new Promise((resolve) => {
      const server = createServer((req, res) => {
        req.resume()
        if (req.url !== '/hang') req.on('end', () => res.end('ok'))
      })
      server.listen(0, '127.0.0.1', () => resolve(server.address().port))
    })
  const [port, ...hanging] = await Promise.all(Array.from({ length: 11 }, listen))
  process.send({ port, hanging })
} else if (process.argv[2] === 'open') {
  await opened(process.argv[3])
} else {
  const parts = { enqueue, deliver, recover, memory, dead }
  const asked = process.argv.slice(2)
  for (const name of asked.length > 0 ? asked : Object.keys(parts)) await parts[name]()
  process.exit(0)
}
