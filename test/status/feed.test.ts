import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AuditEntry } from '../../src/status/audit-views.js'
import { Feed, type FeedLimits, type Subscription, type Wanted } from '../../src/status/feed.js'
import type { EventsView } from '../../src/status/views.js'
import { delivery, Happening } from './fake-deliveries.js'
import { request, revision } from './fake-views.js'

const deliveries = () => new Happening<ReturnType<typeof delivery>>()
let sources: {
  delivery: ReturnType<typeof deliveries>
  request: Happening<ReturnType<typeof request>>
  revision: Happening<ReturnType<typeof revision>>
  audit: Happening<AuditEntry>
}
let feed: Feed

function open(limits: Partial<FeedLimits> = {}): Feed {
  sources = { delivery: deliveries(), request: new Happening(), revision: new Happening(), audit: new Happening() }
  const { delivery, request, revision, audit } = sources
  const views: EventsView = {
    delivery: delivery.watch,
    request: request.watch,
    revision: revision.watch,
    audit: audit.watch,
  }
  return new Feed(() => views, limits)
}

beforeEach(() => {
  vi.useFakeTimers()
  feed = open()
})
afterEach(() => {
  feed.close()
  vi.useRealTimers()
})

const all: Wanted = { types: ['delivery', 'request', 'revision'] }
const read = (wanted: Wanted = all, more = () => {}) => feed.subscribe(wanted, more)

interface Frame {
  readonly id: string
  readonly event: string
  readonly data: { readonly id?: string; readonly message?: string; readonly namespace?: string }
}

function frames(subscription: Subscription): Frame[] {
  const found: Frame[] = []
  for (let text = subscription.next(); text !== undefined; text = subscription.next()) {
    const [, id = '', event = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)\n\n$/.exec(text) ?? []
    found.push({ id, event, data: JSON.parse(data) })
  }
  return found
}

const seen = (subscription: Subscription) => frames(subscription).map(({ event, data }) => data.id ?? event)

it('watches nothing while nobody reads, and only what somebody reads', () => {
  const watched = () => [sources.delivery, sources.request, sources.revision].map(({ listeners }) => listeners.size)
  expect(watched()).toEqual([0, 0, 0])
  const one = read({ types: ['request'] })
  const two = read({ types: ['request', 'revision'] })
  expect(watched()).toEqual([0, 1, 1])
  one.end()
  two.end()
  two.end()
  expect(watched()).toEqual([0, 1, 1])
  vi.advanceTimersByTime(60_000)
  expect(watched()).toEqual([0, 0, 0])
})

it('gives every reader what happens after it came, in order, of the types it wants', () => {
  const early = read()
  sources.delivery.tell(delivery(1))
  const late = read({ types: ['delivery', 'revision'] })
  sources.request.tell(request(1))
  sources.delivery.tell(delivery(2))
  sources.revision.tell(revision(4, 'cccc4444'))
  expect(seen(early)).toEqual(['d0001', 'r0001', 'd0002', 'revision'])
  expect(seen(late)).toEqual(['d0002', 'revision'])
  expect(seen(late)).toEqual([])
})

it('calls a reader when there is something to read', () => {
  let calls = 0
  const reader = read(all, () => {
    calls += 1
  })
  sources.delivery.tell(delivery(1))
  sources.delivery.tell(delivery(2))
  expect(calls).toBe(2)
  reader.end()
  sources.delivery.tell(delivery(3))
  expect([calls, reader.next()]).toEqual([2, undefined])
})

it('leaves out what is of another namespace, but not what is of none', () => {
  const reader = read({ ...all, namespace: 'shop' })
  sources.request.tell(request(1))
  sources.request.tell(request(2, { namespace: 'shop' }))
  sources.revision.tell(revision(4, 'cccc4444'))
  expect(seen(reader)).toEqual(['r0002', 'revision'])
})

it('holds nothing back of what a summary has, and nothing more', () => {
  const reader = read()
  sources.delivery.tell(delivery(1))
  const [frame] = frames(reader)
  const { sent, attempts, sync, delayMs, timeoutMs, retry, attemptsUsed, ...summary } = delivery(1)
  expect(frame?.data).toEqual(summary)
})

describe('a reader that comes back', () => {
  it('goes on after the last it has seen', () => {
    const before = read()
    for (const number of [1, 2, 3]) sources.delivery.tell(delivery(number))
    const [first] = frames(before)
    before.end()
    sources.delivery.tell(delivery(4))
    expect(seen(read({ ...all, after: first?.id ?? '' }))).toEqual(['d0002', 'd0003', 'd0004'])
  })

  it('misses nothing when it has seen all', () => {
    const before = read()
    sources.delivery.tell(delivery(1))
    const [last] = frames(before)
    before.end()
    const again = read({ ...all, after: last?.id ?? '' })
    expect(seen(again)).toEqual([])
    sources.delivery.tell(delivery(2))
    expect(seen(again)).toEqual(['d0002'])
  })

  it('is told when it was away for too long', () => {
    const before = read()
    sources.delivery.tell(delivery(1))
    const [last] = frames(before)
    before.end()
    vi.advanceTimersByTime(60_000)
    expect(seen(read({ ...all, after: last?.id ?? '' }))).toEqual(['lost'])
  })

  it('is told when what it wants now was not watched then', () => {
    const before = read({ types: ['delivery'] })
    sources.delivery.tell(delivery(1))
    sources.delivery.tell(delivery(2))
    const [first] = frames(before)
    const other = read({ types: ['request'] })
    expect(seen(read({ types: ['delivery'], after: first?.id ?? '' }))).toEqual(['d0002'])
    expect(seen(read({ types: ['delivery', 'request'], after: first?.id ?? '' }))).toEqual(['lost'])
    other.end()
  })

  it('is told when one of the types stopped being watched meanwhile', () => {
    const requests = read({ types: ['request'] })
    const rest = read({ types: ['delivery'] })
    sources.request.tell(request(1))
    const [last] = frames(requests)
    requests.end()
    vi.advanceTimersByTime(60_000)
    sources.delivery.tell(delivery(1))
    expect(seen(read({ types: ['request'], after: last?.id ?? '' }))).toEqual(['lost'])
    expect(seen(rest)).toEqual(['d0001'])
  })

  it.each(['00000000-1', 'nonsense', '', '00000000-999999999999999'])(
    'is told when its id is not ours: %s',
    (after) => {
      const reader = read({ ...all, after })
      const [lost, ...rest] = frames(reader)
      expect([lost?.event, rest]).toEqual(['lost', []])
      sources.delivery.tell(delivery(1))
      sources.delivery.tell(delivery(2))
      // What it was told has an id of its own, so that it does not lose the same again.
      expect(seen(read({ ...all, after: lost?.id ?? '' }))).toEqual(['d0001', 'd0002'])
    },
  )
})

describe('bounds', () => {
  it('a reader too slow is told how much it missed, and goes on with the oldest that is left', () => {
    feed = open({ events: 10 })
    const slow = read()
    for (let number = 1; number <= 25; number += 1) sources.delivery.tell(delivery(number))
    const [lost, ...rest] = frames(slow)
    expect(lost?.data.message).toBe('this reader was too slow, and 15 events were dropped')
    expect(rest.map(({ data }) => data.id)).toEqual(Array.from({ length: 10 }, (_, at) => `d00${at + 16}`))
  })

  it('bytes are bounded as events are', () => {
    feed = open({ bytes: 3_000 })
    const slow = read()
    for (let number = 1; number <= 100; number += 1) sources.delivery.tell(delivery(number))
    const kept = frames(slow)
    expect(kept.length).toBeLessThan(8)
    expect(kept.at(-1)?.data.id).toBe('d0100')
  })

  it('goes on right over many thousands of events', () => {
    feed = open({ events: 50 })
    const reader = read()
    for (let number = 1; number <= 5_000; number += 1) {
      sources.delivery.tell(delivery(number))
      if (number % 40 === 0) expect(seen(reader)).toHaveLength(40)
    }
  })
})

it('a source that fails is not watched, and the others are left again', () => {
  const failing = new Feed(() => ({
    delivery: sources.delivery.watch,
    request: () => {
      throw new Error('broken')
    },
    revision: sources.revision.watch,
    audit: sources.audit.watch,
  }))
  expect(() => failing.subscribe(all, () => {})).toThrow('broken')
  vi.advanceTimersByTime(60_000)
  expect(sources.delivery.listeners.size).toBe(0)
})
