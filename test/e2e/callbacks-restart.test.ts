import { expect, it } from 'vitest'
import { eventually } from './eventually.js'
import { documents, Folder, mock, namespace } from './folder.js'
import { Running } from './running.js'
import { Sink } from './sink.js'

interface Deliveries {
  readonly items: readonly { readonly status: string; readonly held: { reason: string } | null }[]
}

const http = { route: '/fire', httpMethod: 'POST' }

function allowing(sink: Sink) {
  return { network: { allow: [sink.address] } }
}

it('what waits when the program stops is sent after the next start, its delay included', async () => {
  const sink = await Sink.start()
  const webhooks = [{ url: `${sink.url}/later`, delay: 0.6 }]
  const running = await Running.start({ 'a.yaml': mock('fire', { http, response: {}, webhooks }) }, allowing(sink))
  const at = performance.now()
  await running.ask('/fire', { method: 'POST' })
  await running.restart()
  expect(sink.received).toEqual([])
  const [later] = await sink.at('/later')
  expect((later?.at ?? 0) - at).toBeGreaterThan(580)
})

it('a stop lets attempts under way end, and begins no other', async () => {
  let answer = () => {}
  const sink = await Sink.start((_received, res) => {
    answer = () => res.writeHead(200).end()
    return undefined
  })
  const webhooks = [{ url: `${sink.url}/one` }]
  const running = await Running.start(
    { 'a.yaml': mock('fire', { http, response: {}, webhooks }) },
    { ...allowing(sink), delivery: { poolSize: 1 } },
  )
  await running.ask('/fire', { method: 'POST' })
  await sink.at('/one')
  await running.ask('/fire', { method: 'POST' })
  const stopped = running.stop()
  // The control port is closed before the pool is.
  await eventually('it is stopping', () =>
    running.see('/healthz').then(
      () => false,
      () => true,
    ),
  )
  answer()
  await stopped
  expect(sink.received).toHaveLength(1)
  await running.start()
  await sink.at('/one', 2)
  answer()
  await eventually('both are delivered', async () => {
    const { items } = await running.see<Deliveries>('/api/v1/deliveries')
    return items.length === 2 && items.every(({ status }) => status === 'delivered')
  })
  expect(new Set(sink.received.map(({ headers }) => headers['callboard-delivery-id'])).size).toBe(2)
})

it('a callback to a mock of its own program is delivered also while it stops', async () => {
  const running = await Running.start({
    'a.yaml': mock('slow', { http: { route: '/slow' }, response: { delay: 200 } }),
  })
  const address = running.resolver.replace('http://', '')
  await running.stop()
  const webhooks = [{ url: `http://${address}/slow`, method: 'GET' }]
  const again = await Running.start(
    new Folder({
      'a.yaml': documents(
        mock('slow', { http: { route: '/slow' }, response: { delay: 200 } }),
        mock('fire', { http, response: {}, webhooks }),
      ),
    }),
    { ports: { resolver: Number(address.split(':')[1]), control: 0 }, network: { allow: [address] } },
  )
  await again.ask('/fire', { method: 'POST' })
  await eventually('it is under way', async () => {
    const { items } = await again.see<{ items: { running: boolean }[] }>('/api/v1/deliveries')
    return items.some((item) => item.running)
  })
  await again.restart()
  const { items } = await again.see<Deliveries & { items: { attemptsMade: number }[] }>('/api/v1/deliveries')
  expect(items.map(({ status }) => status)).toEqual(['delivered'])
})

it('a suspended namespace holds its deliveries until it is resumed', async () => {
  const sink = await Sink.start()
  const webhooks = [{ url: `${sink.url}/held`, delay: 0.3 }]
  const fire = mock('fire', { http, response: {}, webhooks }, { namespace: 'shop' })
  const running = await Running.start({ 'a.yaml': fire, 'n.yaml': namespace('shop') }, allowing(sink))
  await running.ask('/stubs/shop/fire', { method: 'POST' })
  running.folder.replace('n.yaml', namespace('shop', { suspend: true }))
  await eventually('it is held', async () => {
    const { items } = await running.see<Deliveries>('/api/v1/deliveries?status=held')
    return items[0]?.held?.reason === 'suspend'
  })
  expect((await running.ask('/stubs/shop/fire', { method: 'POST' })).status).toBe(503)
  expect(sink.received).toEqual([])
  running.folder.replace('n.yaml', namespace('shop'))
  await sink.at('/held')
})
