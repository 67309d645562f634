import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answered } from '../../src/resolver/recorded.js'
import { RequestRing } from '../../src/resolver/request-ring.js'

const bodyBytes = 3_000

function answered(sequence: number, more: Partial<Answered> = {}): Answered {
  return {
    sequence,
    at: 1_000 + sequence,
    durationMs: 1.5,
    method: 'GET',
    url: `/${sequence}`,
    rawHeaders: ['Host', 'a'],
    body: undefined,
    outcome: 'mock',
    status: 200,
    mock: undefined,
    sentHeaders: [],
    contentLength: undefined,
    sent: undefined,
    isShared: false,
    details: undefined,
    ...more,
  }
}

/** All that can be read of an entry. */
function readAll(ring: RequestRing, place: number): unknown {
  const [body, sent] = [ring.body(place), ring.sent(place)]
  return {
    entry: ring.entry(place),
    rawHeaders: ring.rawHeaders(place),
    sentHeaders: ring.sentHeaders(place),
    body: body && { ...body.readable(), isCut: body.isCut },
    sent: sent && { ...sent.readable(), isCut: sent.isCut },
  }
}

/** What `readAll` is to say of it. */
function expected(given: Answered): unknown {
  const { rawHeaders, sentHeaders, moreHeaders, body, sent, contentLength, details, isShared, ...entry } = {
    moreHeaders: given.details?.moreHeaders,
    ...given,
  }
  const cut = (bytes: Buffer | string | undefined) =>
    bytes === undefined || bytes.length === 0
      ? undefined
      : { body: bytes.toString().slice(0, bodyBytes), encoding: 'utf8', isCut: bytes.length > bodyBytes }
  const framing = contentLength === undefined ? [] : ['Content-Length', String(contentLength)]
  return {
    entry: { chain: undefined, nearMisses: undefined, moreHeaders, ...details, ...entry },
    rawHeaders,
    sentHeaders: sentHeaders && [...sentHeaders, ...framing, ...(moreHeaders ?? [])],
    body: cut(body),
    sent: cut(sent),
  }
}

const ascii = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b', '7', '/'), maxLength })

/** Long ones are told apart by all their letters. */
const bodies = fc
  .tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom(0, 1, 30, 700, 2_999, 3_000, 3_001, 6_000))
  .map(([number, length]) => `${number} `.repeat(length).slice(0, length))

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  url: ascii(60).map((text) => `/${text}`),
  rawHeaders: fc.oneof(
    fc.constantFrom(['Host', 'a'], ['Host', 'a', 'X', 'y'], []),
    fc.array(ascii(9)).map((texts) => texts.flatMap((text) => ['Name', text])),
  ),
  body: fc.option(
    bodies.map((text) => Buffer.from(text)),
    { nil: undefined },
  ),
  status: fc.constantFrom(200, 404, undefined),
  mock: fc.constantFrom({ namespace: 'shop', name: 'cart' }, undefined),
  sentHeaders: fc.constantFrom(['Content-Type', 'text/plain'], [], undefined),
  contentLength: fc.constantFrom(0, 12, undefined),
  sent: fc.option(
    fc.oneof(
      bodies,
      bodies.map((text) => Buffer.from(text)),
    ),
    { nil: undefined },
  ),
  isShared: fc.boolean(),
  details: fc.constantFrom(undefined, { chain: 'c', nearMisses: undefined, moreHeaders: ['Vary', 'Origin'] }),
})

const steps = fc.oneof(
  { weight: 12, arbitrary: requests },
  { weight: 1, arbitrary: fc.constantFrom('remove odd ones' as const, 'remove all' as const) },
)

describe('the ring of recorded requests', () => {
  it('reads back what was added, whatever was evicted and removed in between', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { minLength: 1, maxLength: 200, size: 'max' }),
        fc.constantFrom(0, 3_000, 20_000, 32_768, 33_500, 60_000),
        (all, bytes) => {
          const ring = new RequestRing({ bytes, bodyBytes })
          let held: Answered[] = []
          let evicted = 0
          for (const [sequence, step] of all.entries()) {
            if (typeof step === 'string') {
              const isMeant = ({ sequence }: Answered) => step === 'remove all' || sequence % 2 === 1
              const before = held.length
              held = held.filter((one) => !isMeant(one))
              const removed = ring.remove((place) => isMeant(answered(ring.sequence(place))))
              expect(removed).toBe(before - held.length)
              if (held.length === 0) evicted = 0
            } else {
              const one = answered(sequence, step)
              ring.add(one)
              held.push(one)
              expect(readAll(ring, ring.size - 1)).toEqual(expected(one))
              while (ring.isFull) ring.evict()
              evicted += held.length - ring.size
              held = held.slice(held.length - ring.size)
            }
            expect(ring.bytes).toBeLessThanOrEqual(bytes)
            expect(ring.evicted).toBe(evicted)
          }
          expect(Array.from({ length: ring.size }, (_, place) => readAll(ring, place))).toEqual(held.map(expected))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is as long as the bound lets it, and no longer', () => {
    const ring = new RequestRing({ bytes: 200_000, bodyBytes })
    for (let sequence = 0; sequence < 5_000; sequence += 1) {
      ring.add(answered(sequence, { body: Buffer.alloc(4_000, 'x'), sent: 'y'.repeat(100) }))
      while (ring.isFull) ring.evict()
    }
    expect(ring.bytes).toBeGreaterThan(190_000)
    expect(ring.size + ring.evicted).toBe(5_000)
    expect(ring.evictedAt).toBe(1_000 + ring.evicted - 1)
    expect(ring.entry(0).sequence).toBe(ring.evicted)
    expect(ring.entry(ring.size - 1).sequence).toBe(4_999)
    expect(ring.body(0)?.readable().body).toBe('x'.repeat(bodyBytes))
  })

  it('keeps an entry larger than its bound only until it was read', () => {
    const ring = new RequestRing({ bytes: 100, bodyBytes: 100_000 })
    ring.add(answered(1, { body: Buffer.alloc(90_000, 'x') }))
    expect(ring.body(0)?.text).toHaveLength(90_000)
    expect(ring.isFull).toBe(true)
    ring.evict()
    expect([ring.size, ring.bytes, ring.evicted, ring.isFull]).toEqual([0, 0, 1, false])
  })
})
