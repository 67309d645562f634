// CPU per request of a static and a templated mock against bare Koa and raw node:http answering the same bytes.
//
//   npm run build && node test/bench/serving.mjs [--rounds 7] [--requests 20000] [--json file]
//
// Each server runs in a process of its own and measures its own CPU time; the load comes from this process over keep-alive
// connections. Rounds of all servers alternate, so that a noisy moment meets all of them; medians are compared.

import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '20000' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const requests = Number(values.requests)
const connections = 32

const order = {
  customer: { id: 'c-1024', name: 'Ada Lovelace', email: 'ada@example.com' },
  items: [
    { sku: 'A-1', quantity: 2, price: 19.9 },
    { sku: 'B-7', quantity: 1, price: 5.25 },
  ],
  currency: 'EUR',
  amount: 45.05,
  note: 'please leave it with the neighbour on the second floor, thank you so very much!!!',
  channel: 'web',
}
const body = JSON.stringify(order)
const get = 'GET /static HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nUser-Agent: bench\r\n\r\n'
const post = `POST /orders/77 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nUser-Agent: bench\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const contenders = [
  { name: 'node:http static', server: 'http', request: get, against: 'koa static' },
  { name: 'koa static', server: 'koa', request: get, against: 'koa static' },
  { name: 'callboard static', server: 'callboard', request: get, against: 'koa static' },
  { name: 'koa templated', server: 'koa', request: post, against: 'koa templated' },
  { name: 'callboard templated', server: 'callboard', request: post, against: 'koa templated' },
  { name: 'koa 404', server: 'koa', request: get.replace('/static', '/no-such-mock'), against: 'koa 404' },
  { name: 'callboard 404', server: 'callboard', request: get.replace('/static', '/no-such-mock'), against: 'koa 404' },
].filter(({ name }) => values.only === undefined || name.includes(values.only))

const script = fileURLToPath(new URL('serving-servers.mjs', import.meta.url))
const children = new Map()
for (const { server } of contenders) if (!children.has(server)) children.set(server, await start(server))
const results = new Map(contenders.map(({ name }) => [name, []]))
for (let round = -1; round < rounds; round += 1) {
  for (const { name, server, request } of contenders) {
    const child = children.get(server)
    await child.ask('begin')
    const began = performance.now()
    await load(child.port, request, requests)
    const seconds = (performance.now() - began) / 1000
    const { cpu } = await child.ask('end')
    // The first round warms up.
    if (round >= 0) results.get(name).push({ cpu: cpu / requests, rate: requests / seconds })
  }
}
for (const child of children.values()) child.process.kill()

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const table = contenders.map(({ name, against }) => {
  const cpu = median(results.get(name).map((round) => round.cpu))
  const rate = median(results.get(name).map((round) => round.rate))
  const base = results.has(against) ? median(results.get(against).map((round) => round.cpu)) : cpu
  return {
    name,
    'CPU µs/request': +cpu.toFixed(1),
    'requests/s': Math.round(rate),
    ratio: +(cpu / base).toFixed(2),
    against,
  }
})
console.table(table)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(table, null, 2)}\n`)

async function start(name) {
  const process_ = fork(script, [name])
  const answers = []
  const waiting = []
  process_.on('message', (message) => {
    const next = waiting.shift()
    if (next === undefined) answers.push(message)
    else next(message)
  })
  const answer = () =>
    answers.length > 0 ? Promise.resolve(answers.shift()) : new Promise((resolve) => waiting.push(resolve))
  const { port } = await answer()
  return {
    process: process_,
    port,
    ask(question) {
      process_.send(question)
      return answer()
    },
  }
}

/** Sends `count` requests, one after the other on each of the connections. */
function load(port, request, count) {
  const bytes = Buffer.from(request)
  return new Promise((resolve, reject) => {
    let sent = 0
    let done = 0
    for (let index = 0; index < connections; index += 1) {
      const socket = connect(port, '127.0.0.1')
      socket.setNoDelay(true)
      let text = ''
      const next = () => {
        if (sent >= count) return socket.end()
        sent += 1
        socket.write(bytes)
      }
      socket.on('connect', next)
      socket.on('error', reject)
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
        const end = text.indexOf('\r\n\r\n')
        if (end < 0) return
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
        if (text.length < end + 4 + length) return
        text = ''
        done += 1
        if (done === count) resolve()
        next()
      })
    }
  })
}
