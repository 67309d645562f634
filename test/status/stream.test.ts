import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, type ControlPort, openControlPort } from './control-port.js'
import { delivery } from './fake-deliveries.js'
import { request, revision } from './fake-views.js'

let port: ControlPort
beforeEach(async () => {
  port = await openControlPort()
})
afterEach(() => port.api.close())

const path = '/api/v1/stream'

/** Reads until `enough`; `begun` is called when the stream is open. */
function stream(query: string, enough: (text: string) => boolean, begun: () => void = () => {}, options: Ask = {}) {
  let isOpen = false
  return port.ask(path + query, {
    ...options,
    enough: (text) => {
      if (!isOpen) {
        isOpen = true
        begun()
      }
      return enough(text)
    },
  })
}

const events = (text: string) => [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)
const idOf = (text: string) => /^id: (.*)$/m.exec(text)?.[1] ?? ''

describe('the stream', () => {
  it('tells of deliveries, requests and revisions as they happen', async () => {
    const { controller } = port
    const { status, headers, text } = await stream(
      '',
      (all) => events(all).length === 3,
      () => {
        controller.deliveries.put(delivery(1))
        controller.record(request(2))
        controller.reconciled.tell(revision(4, 'cccc4444'))
      },
    )
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no-store',
    ])
    expect(events(text)).toEqual(['delivery', 'request', 'revision'])
    expect(text).toMatch(/^retry: \d+\n\n/)
    const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json))
    expect(data.map((one) => one.id ?? one.revision)).toEqual(['d0001', 'r0002', 'main@sha1:cccc4444'])
  })

  it('tells of what is asked for alone', async () => {
    const { controller } = port
    const { text } = await stream(
      '?types=delivery&namespace=shop',
      (all) => all.includes('d0003'),
      () => {
        controller.record(request(2))
        controller.deliveries.put(delivery(1))
        controller.deliveries.put(delivery(3, { namespace: 'shop' }))
      },
    )
    expect(events(text)).toEqual(['delivery'])
    expect(controller.requested.listeners.size).toBe(0)
  })

  it.each([
    {
      how: 'the header that browsers send',
      options: (id: string) => ({ query: '', headers: { 'last-event-id': id } }),
    },
    { how: 'a parameter', options: (id: string) => ({ query: `?after=${id}`, headers: {} }) },
  ])('goes on where a client was cut off, by $how', async ({ options }) => {
    const { deliveries } = port.controller
    const first = await stream(
      '',
      (all) => all.includes('d0001'),
      () => deliveries.put(delivery(1)),
    )
    deliveries.put(delivery(2))
    const { query, headers } = options(idOf(first.text))
    const second = await stream(query, (all) => all.includes('\ndata'), undefined, { headers })
    expect(second.text).toContain('d0002')
    expect(second.text).not.toContain('d0001')
  })

  it('says that events were lost when it no longer knows them', async () => {
    const { text } = await stream('', (all) => events(all).length === 1, undefined, {
      headers: { 'last-event-id': '00000000-7' },
    })
    expect(events(text)).toEqual(['lost'])
  })

  it('says from time to time that it is still there', async () => {
    await port.api.close()
    port = await openControlPort({ heartbeatMs: 2 })
    const { text } = await stream('', (all) => (all.match(/^: still here$/gm) ?? []).length === 3)
    expect(events(text)).toEqual([])
  })

  it('ends when the server closes, and keeps nothing watched', async () => {
    const { status } = await stream(
      '',
      () => false,
      () => void port.api.close(),
    )
    expect(status).toBe(200)
    expect(port.controller.deliveries.happening.listeners.size).toBe(0)
    port = await openControlPort()
  })

  it('drops the events of a client that does not read, and keeps serving the others', async () => {
    await port.api.close()
    port = await openControlPort({ feed: { events: 20 } })
    const { deliveries } = port.controller
    const slow = connect(port.port, '127.0.0.1').on('error', () => {})
    slow.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await new Promise<void>((resolve) => slow.once('data', () => resolve()))
    slow.pause()
    const before = process.memoryUsage().heapUsed
    const long = 'x'.repeat(20_000)
    for (let number = 1; number <= 2_000; number += 1) {
      deliveries.put({ ...delivery(1), chain: `${number} ${long}` })
      if (number % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    // What was told is 40 MB; what is kept of it is the feed's 400 KB and what sockets hold.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30e6)
    const { text } = await stream(
      '',
      (all) => all.includes('d0002'),
      () => deliveries.put(delivery(2)),
    )
    expect(events(text)).toEqual(['delivery'])
    let rest = ''
    slow.on('data', (chunk) => {
      rest += chunk
    })
    slow.resume()
    await expect.poll(() => rest.includes('d0002')).toBe(true)
    expect(rest).toContain('event: lost\ndata: {"message":"this reader was too slow')
    slow.destroy()
  })

  it('is bounded in number, and frees its place', async () => {
    const open: AbortController[] = []
    const waiting: Promise<unknown>[] = []
    for (let number = 0; number < 100; number += 1) {
      const gone = new AbortController()
      open.push(gone)
      const options = { signal: gone.signal }
      await new Promise<void>((resolve) => {
        waiting.push(stream('', () => false, resolve, options).catch(() => {}))
      })
    }
    const { status, json, headers } = await port.ask(path)
    expect([status, json.type, headers['retry-after']]).toEqual([503, 'urn:callboard:problem:too-many-streams', '5'])
    open.pop()?.abort()
    await expect.poll(async () => (await stream('', () => true)).status).toBe(200)
    for (const gone of open) gone.abort()
    await Promise.all(waiting)
  })

  it('answers HEAD without a stream', async () => {
    const { status, headers } = await port.ask(path, { method: 'HEAD' })
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
  })

  it.each(['types=', 'types=deliveries', 'after=x', 'limit=1'])('?%s is refused', async (query) => {
    expect((await port.ask(`${path}?${query}`)).status).toBe(400)
  })
})
