// The callbacks of the quickstart, sent to the mocks beside them, and everything that can be seen of them.

import { cpSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { runCli } from '../../src/cli/program.js'
import type { DeliverySummary, DeliveryView } from '../../src/status/delivery-views.js'
import { ask } from './ask.js'
import { curlsIn, parseCurl } from './curl.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { operateToken, Running } from './running.js'
import { freePort } from './sink.js'

const quickstart = fileURLToPath(new URL('../../examples/quickstart', import.meta.url))

/** The quickstart on a port that is free; retries are as fast as a test wants them. */
async function start(change: (text: string) => string = (text) => text): Promise<Running> {
  const folder = new Folder()
  cpSync(quickstart, folder.root, { recursive: true })
  const port = await freePort()
  const text = readFileSync(folder.at('callbacks.yaml'), 'utf8')
  folder.write('callbacks.yaml', change(text.replaceAll('127.0.0.1:5770', `127.0.0.1:${port}`)))
  return Running.start(folder, {
    strict: true,
    network: { allow: [`127.0.0.1:${port}`] },
    ports: { resolver: port, control: 0 },
  })
}

const fast = (text: string) =>
  text.replace('retryDelay: 1\n', 'retryDelay: 0.02\n').replace('delay: 2\n', 'delay: 0.05\n')

/** The command of the example that has `part` in it. */
function curl(running: Running, part: string) {
  const lines = curlsIn(readFileSync(`${quickstart}/callbacks.yaml`, 'utf8')).filter((line) => line.includes(part))
  const [line] = lines
  if (line === undefined || lines.length !== 1) throw new Error(`${lines.length} commands with ${part}`)
  const { url, ...options } = parseCurl(line)
  return ask(url.replace('http://localhost:5770', running.resolver), options)
}

async function list(running: Running, query: string): Promise<readonly DeliverySummary[]> {
  return (await running.see<{ items: DeliverySummary[] }>(`/api/v1/deliveries?${query}`)).items
}

async function one(running: Running, query: string): Promise<DeliveryView> {
  const [found, ...more] = await list(running, query)
  if (found === undefined || more.length > 0)
    throw new Error(`${more.length + Number(!!found)} deliveries for ${query}`)
  return running.see(`/api/v1/deliveries/${encodeURIComponent(found.id)}`)
}

/** As a shell runs it. */
async function cli(
  running: Running,
  line: string,
): Promise<{ code: number | undefined; stdout: string; stderr: string }> {
  const ran = { code: undefined as number | undefined, stdout: '', stderr: '' }
  await runCli(line.split(' '), {
    stdout: (text) => {
      ran.stdout += text
    },
    stderr: (text) => {
      ran.stderr += text
    },
    isTerminal: false,
    env: { CALLBOARD_CONTROL_URL: running.control, CALLBOARD_TOKEN: operateToken },
    exit: (code) => {
      ran.code = code
    },
  })
  return ran
}

it('a charge tells the shop, and everything about that can be looked up', async () => {
  const running = await start()
  const { status, json, headers } = await curl(running, 'v1/charges')
  expect(status).toBe(201)
  const request = String(headers['callboard-request-id'])
  const [summary] = await list(running, `request=${request}&status=delivered&wait=30s`)
  expect(summary).toMatchObject({
    kind: 'callback',
    transport: 'http',
    target: running.resolver,
    status: 'delivered',
    namespace: 'payments',
    mock: { namespace: 'payments', name: 'create-charge', file: 'callbacks.yaml' },
    callback: 'tell-shop',
    request,
    generation: 1,
    revision: (await running.status()).lastAppliedRevision,
    round: 1,
    attemptsMade: 1,
    lastError: null,
    held: null,
    nextAttempt: null,
  })
  const { id } = json as { id: string }
  const full = await one(running, `request=${request}`)
  expect(full.sent).toMatchObject({
    method: 'POST',
    url: `${running.resolver}/stubs/shop/hooks/payments`,
    headers: { 'X-Provider-Signature': ['***'] },
  })
  expect(JSON.parse(full.sent?.body ?? '')).toEqual({
    type: 'charge.succeeded',
    charge: id,
    order: 'o-1',
    amount: 2500,
  })
  expect(full.attempts).toMatchObject([
    { number: 1, round: 1, ok: true, status: 200, class: null, response: '{"received":true}' },
  ])
  expect((await curl(running, '5770/stubs/shop/hooks/payments')).json).toEqual({
    type: 'charge.succeeded',
    order: 'o-1',
    amount: 2500,
  })
  // Where it came to, both are on record.
  const received = await running.see<{ items: { path: string }[] }>('/api/v1/requests?mock=shop/payment-events')
  expect(received.items).toHaveLength(1)
})

it('an order has two callbacks, one of them later and only for large orders', async () => {
  const running = await start(fast)
  await curl(running, 'shop/orders ')
  const delivered = await eventually('both are delivered', async () => {
    const found = await list(running, 'mock=shop/create-order&status=delivered')
    return found.length === 2 && found
  })
  expect(delivered.map(({ callback }) => callback).sort()).toEqual(['survey', 'warehouse'])
  const survey = await one(running, 'callback=survey')
  expect([survey.delayMs, survey.sent?.body]).toEqual([50, 'How was order o-1?'])
  expect(Date.parse(survey.attempts[0]?.time ?? '') - Date.parse(survey.created)).toBeGreaterThanOrEqual(50)
  await running.ask('/stubs/shop/orders', { body: { id: 'o-2', total: 99 } })
  expect(await list(running, 'callback=survey')).toHaveLength(1)
})

it('a chain of two mocks: the second has noted the order before the first has answered', async () => {
  const running = await start()
  const { status, json } = await curl(running, 'shop/pay ')
  expect([status, json]).toEqual([200, { paid: true, order: 'o-2' }])
  expect((await curl(running, 'notified')).json).toEqual({ order: 'o-2' })
  expect(await one(running, 'mock=pay')).toMatchObject({ status: 'delivered', sync: true })
})

it('an error of a tagged mock alerts people', async () => {
  const running = await start()
  expect((await curl(running, 'checkout')).status).toBe(503)
  const [alert] = await list(running, 'callback=alert-on-call&status=delivered&wait=30s')
  expect(alert?.mock).toMatchObject({ namespace: 'shop', name: 'checkout' })
  const { sent } = await one(running, 'callback=alert-on-call')
  expect(JSON.parse(sent?.body ?? '')).toMatchObject({ status: 503 })
})

it('a receiver that fails twice is asked three times, under one id', async () => {
  const running = await start(fast)
  await curl(running, 'parcels')
  await list(running, 'mock=shop/parcel&status=delivered&wait=30s')
  const parcel = await one(running, 'mock=shop/parcel')
  expect(parcel.attempts.map(({ ok, status, class: kind }) => ({ ok, status, kind }))).toEqual([
    { ok: false, status: 503, kind: 'server' },
    { ok: false, status: 503, kind: 'server' },
    { ok: true, status: 202, kind: null },
  ])
  const { items } = await running.see<{ items: { id: string }[] }>('/api/v1/requests?mock=shop/flaky-carrier')
  const ids = await Promise.all(
    items.map(async ({ id }) => {
      const { request } = await running.see<{ request: { headers: Record<string, string[]> } }>(
        `/api/v1/requests/${id}`,
      )
      return request.headers['callboard-delivery-id']?.[0]
    }),
  )
  expect(ids).toEqual([parcel.id, parcel.id, parcel.id])
})

it('a dead letter is found, shown and sent again from the command line, and metrics have counted it', async () => {
  const running = await start((text) => fast(text).replace('retryCount: 3\n      retryDelay: 0.02', 'retryCount: 0'))
  await curl(running, 'parcels')
  const found = await cli(running, 'deliveries --status dead_letter --wait 30s -o json')
  expect(found.code).toBe(0)
  const [{ id }] = JSON.parse(found.stdout)
  const shown = await cli(running, `deliveries show ${id}`)
  expect(shown.stdout).toContain('dead_letter (attempts)')
  expect(shown.stdout).toMatch(/1 +1 .* server +503 +answered 503/)
  expect(await cli(running, `deliveries cancel ${id}`)).toMatchObject({ code: 1, stdout: '' })
  // The receiver fails once more, then accepts.
  expect(await cli(running, `deliveries requeue ${id}`)).toMatchObject({ code: 0, stdout: `requeued ${id}\n` })
  await list(running, 'status=dead_letter&mock=parcel&wait=30s')
  const dry = await cli(running, 'deliveries requeue --mock shop/parcel --dry-run')
  expect(dry.stdout).toContain('requeue would change 1 delivery')
  const [, confirm] = /callboard (deliveries requeue --confirm .*)/.exec(dry.stdout) ?? []
  expect(await cli(running, confirm ?? '')).toMatchObject({ code: 0, stdout: 'requeued 1 of 1 delivery\n' })
  await list(running, 'status=delivered&mock=parcel&wait=30s')
  const delivery = await one(running, 'mock=parcel')
  expect(delivery).toMatchObject({ id, round: 3, attemptsMade: 3, status: 'delivered' })
  const { text } = await ask(`${running.control}/metrics`)
  for (const line of [
    'callboard_deliveries_total{kind="callback",transport="http",state="accepted"} 1',
    'callboard_deliveries_total{kind="callback",transport="http",state="dead_letter"} 2',
    'callboard_deliveries_total{kind="callback",transport="http",state="delivered"} 1',
    'callboard_delivery_attempts_total{kind="callback",transport="http",class="server"} 2',
    'callboard_delivery_attempts_total{kind="callback",transport="http",class="ok"} 1',
    'callboard_deliveries{status="delivered"} 1',
    'callboard_delivery_queue_depth 0',
    'callboard_delivery_oldest_waiting_seconds 0',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).not.toContain('127.0.0.1')
})

it('what waits for its time is called off, or fired before it', async () => {
  const running = await start((text) => text.replace('delay: 2\n', 'delay: 3600\n'))
  for (const id of ['a', 'b', 'c']) await running.ask('/stubs/shop/orders', { body: { id, total: 500 } })
  await eventually('they wait', async () => (await list(running, 'callback=survey')).length === 3)
  const { text } = await ask(`${running.control}/metrics`)
  expect(text).toContain('\ncallboard_delivery_queue_depth 3\n')
  expect(Number(/^callboard_delivery_oldest_waiting_seconds (.*)$/m.exec(text)?.[1])).toBeGreaterThan(0)
  const waiting = await list(running, 'callback=survey&status=pending')
  const [newest, middle, oldest] = waiting.map(({ id }) => id)
  expect(await cli(running, `deliveries fire ${middle}`)).toMatchObject({ code: 0, stdout: `fired ${middle}\n` })
  await list(running, 'callback=survey&status=delivered&wait=30s')
  expect(await cli(running, 'deliveries cancel --callback survey -o json')).toMatchObject({ code: 0 })
  const after = await list(running, 'callback=survey')
  expect(after.map(({ id, status }) => ({ id, status }))).toEqual([
    { id: newest, status: 'cancelled' },
    { id: middle, status: 'delivered' },
    { id: oldest, status: 'cancelled' },
  ])
})

it('the stream tells of a request, of what it sets off, and of revisions', async () => {
  const running = await start(fast)
  const stop = new AbortController()
  const response = await fetch(`${running.control}/api/v1/stream?namespace=shop`, { signal: stop.signal })
  let text = ''
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  })().catch(() => {})
  await eventually('it is open', () => text !== '')
  await curl(running, 'parcels')
  const told = () =>
    [...text.matchAll(/^event: delivery\ndata: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as DeliverySummary)
  await eventually('it is delivered', () => told().some(({ status }) => status === 'delivered'))
  expect(told().map(({ status, attemptsMade }) => `${status} ${attemptsMade}`)).toEqual([
    'pending 0',
    'retrying 1',
    'retrying 2',
    'delivered 3',
  ])
  expect(text).toMatch(/^event: request\ndata: .*"path":"\/stubs\/shop\/parcels"/m)
  running.folder.write(
    'more.yaml',
    readFileSync(`${quickstart}/namespaces.yaml`, 'utf8').replace('name: shop', 'name: x'),
  )
  await eventually('a revision was looked at', () => /^event: revision$/m.test(text))
  stop.abort()
  await reading
})

it('a stream ends when the program does', async () => {
  const running = await start()
  const response = await fetch(`${running.control}/api/v1/stream`)
  const ended = response.text()
  const from = performance.now()
  await running.stop()
  expect(await ended).toMatch(/^retry: /)
  expect(performance.now() - from).toBeLessThan(2_000)
})
