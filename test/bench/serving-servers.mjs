// The servers that serving.mjs compares. Each says its port, then how much CPU it took between "begin" and "end".

import { createServer } from 'node:http'
import Koa from 'koa'

const dist = process.env.CALLBOARD_DIST ?? new URL('../../dist/', import.meta.url).href
const answer = {
  id: 'pay_1024',
  status: 'succeeded',
  amount: 4505,
  currency: 'EUR',
  customer: { id: 'c-1024', name: 'Ada Lovelace' },
  created: '2026-01-01T00:00:00.000Z',
  metadata: { channel: 'web', note: 'a payment as a mock answers' },
}
const text = JSON.stringify(answer)

const servers = {
  http() {
    return listening(
      createServer((_req, res) => {
        res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
        res.end(text)
      }),
    )
  },

  koa() {
    const app = new Koa()
    app.use(async (ctx) => {
      if (ctx.path === '/static') {
        ctx.type = 'application/json'
        ctx.body = text
        return
      }
      if (ctx.method !== 'POST') {
        ctx.status = 404
        ctx.body = { error: 'not found' }
        return
      }
      const chunks = []
      for await (const chunk of ctx.req) chunks.push(chunk)
      const order = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      const id = ctx.path.split('/')[2]
      ctx.status = 201
      ctx.body = {
        id,
        status: 'accepted',
        amount: order.amount,
        currency: order.currency,
        customer: { id: order.customer.id, name: order.customer.name },
        message: `Thank you ${order.customer.name}, order ${id} is on its way`,
        first: order.items[0],
      }
    })
    return listening(createServer(app.callback()))
  },

  async callboard() {
    const { createResolver } = await import(`${dist}resolver/resolver.js`)
    const { linkMock } = await import(`${dist}resources/kinds/mock.js`)
    const { memoryStore } = await import(`${dist}store/memory.js`)
    const { createGuard } = await import(`${dist}network/guard.js`)
    const quiet = () => {}
    const resolver = createResolver({
      store: memoryStore(),
      guard: createGuard({ allow: [], allowPrivate: false, connectTimeoutMs: 1000 }),
      now: () => new Date(),
      monotonic: () => performance.now(),
      random: Math.random,
      log: { debug: quiet, info: quiet, warn: console.error, error: console.error },
      options: {
        defaultNamespace: 'sandbox',
        correlationHeaders: process.env.BENCH_CORRELATION !== 'off',
        limits: { bodyBytes: 10 << 20, headerBytes: 16384, headerCount: 100, urlBytes: 8192 },
        requests: { bytes: Number(process.env.BENCH_JOURNAL ?? 16 << 20), bodyBytes: 4096, maskHeaders: [] },
        stores: { entriesPerStore: 1000, bytesPerStore: 1 << 20, chainIdleSeconds: 86400 },
      },
    })
    const mocks = [
      mock('static', { http: { route: '/static', httpMethod: 'GET' }, response: { payload: answer } }),
      mock('templated', {
        http: { route: '/orders/:id', httpMethod: 'POST' },
        response: {
          statusCode: 201,
          payload: {
            id: '$.pathParam.id',
            status: 'accepted',
            amount: '$.req.amount',
            currency: '$.req.currency',
            customer: { id: '$.req.customer.id', name: '$.req.customer.name' },
            message: 'Thank you $.req.customer.name, order $.pathParam.id is on its way',
            first: '$.req.items[0]',
          },
        },
      }),
    ]
    const desired = new Map(mocks.map((one) => [one.id, one]))
    resolver.prepare(desired, { create: mocks, update: [], prune: [], move: [] }, 1)()
    return (await resolver.listen({ host: '127.0.0.1', port: 0 })).port

    function mock(name, spec) {
      const { program, findings } = linkMock(
        { namespace: 'sandbox', name, annotations: {}, spec },
        { readFile: () => undefined, env: {}, defaultNamespace: 'sandbox' },
      )
      if (program === undefined) throw new Error(JSON.stringify(findings))
      return {
        id: `Mock/sandbox/${name}`,
        kind: 'Mock',
        namespace: 'sandbox',
        name,
        labels: {},
        annotations: {},
        spec,
        digest: name,
        file: 'bench.yaml',
        line: 1,
        program,
      }
    }
  },
}

const port = await servers[process.argv[2]]()
let before = process.cpuUsage()
process.on('message', (message) => {
  if (message === 'begin') before = process.cpuUsage()
  const { user, system } = process.cpuUsage(before)
  process.send({ cpu: user + system })
})
process.send({ port })

function listening(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })
}
