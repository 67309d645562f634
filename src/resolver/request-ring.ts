// What is kept of the last requests. It is written with every answer and must cost next to nothing, so an entry is no
// object: its texts lie one after another in one buffer, its numbers in typed arrays, and what requests have in common is
// referred to. Objects that live this long would be copied twice by the garbage collector, and then marked again and again.

import { Buffer } from 'node:buffer'
import { differing, type HeaderSet, HeaderSets, patched } from './header-sets.js'
import { KeptBody } from './kept-body.js'
import type { Answered, MockName, Outcome, RecordedDetails } from './recorded.js'
import { TextRing } from './text-ring.js'

export interface RingBounds {
  readonly bytes: number
  /** Where bodies are cut. */
  readonly bodyBytes: number
}

/** One entry without what has to be made readable first. */
export interface RingEntry extends RecordedDetails {
  readonly sequence: number
  readonly at: number
  readonly durationMs: number
  readonly method: string
  readonly url: string
  readonly outcome: Outcome
  readonly status: number | undefined
  readonly mock: MockName | undefined
}

/** What an entry takes besides its texts, a body besides its bytes, a phrase besides its letters. */
const entryBytes = 240
const bodyBytes = 48
const phraseBytes = 32
const fewestSlots = 256

// Columns of `#numbers`.
const sequenceAt = 0
const timeAt = 1
const durationAt = 2
const numberColumns = 3

// Columns of `#sizes`: where the entry's texts begin, how long each of them is, and what else is a small whole number.
const placeAt = 0
const urlAt = 1
const headersAt = 2
const bodyAt = 3
const sentAt = 4
const cutsAt = 5
const statusAt = 6
const contentLengthAt = 7
const bytesAt = 8
const sizeColumns = 9

// Bits of the column `cutsAt`.
const bodyIsCut = 1
const sentIsCut = 2

/** In a column: there is none. */
const none = -1

const noDetails: RecordedDetails = { chain: undefined, nearMisses: undefined, moreHeaders: undefined }

/** The youngest requests that fit into a bound, the oldest of them at 0. */
export class RequestRing {
  readonly #bounds: RingBounds
  /** A power of two. */
  #slots = 0
  /** The slot of the oldest entry. */
  #first = 0
  #size = 0
  #bytes = 0
  #numbers = new Float64Array()
  #sizes = new Int32Array()
  #methods: (string | undefined)[] = []
  #outcomes: (Outcome | undefined)[] = []
  #mocks: (MockName | undefined)[] = []
  /** Undefined for headers that lie among the texts. */
  #headers: (HeaderSet | undefined)[] = []
  #sentHeaders: (readonly string[] | undefined)[] = []
  /** Undefined for what lies among the texts. */
  #sent: (string | undefined)[] = []
  #details: (RecordedDetails | undefined)[] = []
  readonly #texts = new TextRing()
  readonly #headerSets = new HeaderSets()
  #evicted = 0
  #evictedAt = 0

  constructor(bounds: RingBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#size
  }

  /** What the entries take. */
  get bytes(): number {
    return this.#bytes
  }

  /** Entries that had to make room since the start, or since everything was removed. */
  get evicted(): number {
    return this.#evicted
  }

  /** When the youngest of them came, in milliseconds since 1970; 0 when there are none. */
  get evictedAt(): number {
    return this.#evictedAt
  }

  get isFull(): boolean {
    return this.#bytes > this.#bounds.bytes && this.#size > 0
  }

  /** Until the oldest are evicted it may be too full: so the newest can be read in any case. */
  add(answered: Answered): void {
    const { url, rawHeaders, body, sent, details } = answered
    const limit = this.#bounds.bodyBytes
    const known = this.#headerSets.find(rawHeaders)
    const headers = known === undefined ? rawHeaders.join('\n') : differing(known.raw, rawHeaders)
    if (known === undefined) this.#headerSets.remember(rawHeaders, headers.length)
    const bodyLength = body === undefined ? 0 : Math.min(body.length, limit)
    const sentLength = sent === undefined ? 0 : Math.min(sent.length, limit)
    const shared = answered.isShared && typeof sent === 'string' && sent.length <= limit ? sent : undefined
    const copied = shared === undefined ? sentLength : 0
    const bytes =
      entryBytes +
      url.length +
      headers.length +
      (known === undefined ? 0 : known.bytes) +
      (bodyLength > 0 ? bodyLength + bodyBytes : 0) +
      (sentLength > 0 ? sentLength + bodyBytes : 0) +
      (details === undefined ? 0 : detailBytes(details))

    const place = this.#reserve(url.length + headers.length + bodyLength + copied)
    let to = this.#texts.write(url, place)
    if (headers !== '') to = this.#texts.write(headers, to)
    if (bodyLength > 0 && body !== undefined) to = this.#put(body, bodyLength, to)
    if (copied > 0 && sent !== undefined) this.#put(sent, copied, to)

    if (this.#size === this.#slots) this.#addSlots()
    const slot = this.#slotOf(this.#size)
    this.#size += 1
    this.#bytes += bytes
    const numbers = this.#numbers
    const number = slot * numberColumns
    numbers[number + sequenceAt] = answered.sequence
    numbers[number + timeAt] = answered.at
    numbers[number + durationAt] = answered.durationMs
    const sizes = this.#sizes
    const size = slot * sizeColumns
    sizes[size + placeAt] = place
    sizes[size + urlAt] = url.length
    sizes[size + headersAt] = headers.length
    sizes[size + bodyAt] = bodyLength
    sizes[size + sentAt] = copied
    sizes[size + cutsAt] =
      (body !== undefined && body.length > limit ? bodyIsCut : 0) |
      (sent !== undefined && sent.length > limit ? sentIsCut : 0)
    sizes[size + statusAt] = answered.status ?? none
    sizes[size + contentLengthAt] = answered.contentLength ?? none
    sizes[size + bytesAt] = bytes
    this.#methods[slot] = answered.method
    this.#outcomes[slot] = answered.outcome
    this.#mocks[slot] = answered.mock
    this.#headers[slot] = known
    this.#sentHeaders[slot] = answered.sentHeaders
    this.#sent[slot] = shared
    this.#details[slot] = details
  }

  /** The oldest makes room. */
  evict(): void {
    if (this.#size === 0) return
    this.#evicted += 1
    this.#evictedAt = Math.max(this.#evictedAt, this.at(0))
    this.#bytes -= this.#sizeOf(0, bytesAt)
    this.#forget(this.#first)
    this.#first = this.#slotOf(1)
    this.#size -= 1
  }

  /** Removes entries, and says how many. The room of their texts is free once those before them are gone. */
  remove(isMeant: (place: number) => boolean): number {
    const before = this.#size
    let kept = 0
    for (let place = 0; place < before; place += 1) {
      if (isMeant(place)) this.#bytes -= this.#sizeOf(place, bytesAt)
      else {
        if (kept < place) this.#move(this.#slotOf(place), this.#slotOf(kept))
        kept += 1
      }
    }
    for (let place = kept; place < before; place += 1) this.#forget(this.#slotOf(place))
    this.#size = kept
    if (kept === 0) {
      this.#evicted = 0
      this.#evictedAt = 0
    }
    return before - kept
  }

  sequence(place: number): number {
    return this.#numbers[this.#slotOf(place) * numberColumns + sequenceAt] ?? 0
  }

  at(place: number): number {
    return this.#numbers[this.#slotOf(place) * numberColumns + timeAt] ?? 0
  }

  entry(place: number): RingEntry {
    const slot = this.#slotOf(place)
    const status = this.#sizeOf(place, statusAt)
    return {
      ...(this.#details[slot] ?? noDetails),
      sequence: this.sequence(place),
      at: this.at(place),
      durationMs: this.#numbers[slot * numberColumns + durationAt] ?? 0,
      method: this.#methods[slot] ?? '',
      url: this.#texts.text(this.#sizeOf(place, placeAt), this.#sizeOf(place, urlAt)),
      outcome: this.#outcomes[slot] ?? 'failed',
      status: status === none ? undefined : status,
      mock: this.#mocks[slot],
    }
  }

  rawHeaders(place: number): readonly string[] {
    const known = this.#headers[this.#slotOf(place)]
    const length = this.#sizeOf(place, headersAt)
    const begin = this.#sizeOf(place, placeAt) + this.#sizeOf(place, urlAt)
    const texts = length === 0 ? [] : this.#texts.text(begin, length).split('\n')
    return known === undefined ? texts : patched(known.raw, texts)
  }

  /** Undefined when nothing was sent. */
  sentHeaders(place: number): readonly string[] | undefined {
    const slot = this.#slotOf(place)
    const shared = this.#sentHeaders[slot]
    if (shared === undefined) return undefined
    const length = this.#sizeOf(place, contentLengthAt)
    const framing = length === none ? [] : ['Content-Length', String(length)]
    return [...shared, ...framing, ...(this.#details[slot]?.moreHeaders ?? [])]
  }

  body(place: number): KeptBody | undefined {
    const length = this.#sizeOf(place, bodyAt)
    if (length === 0) return undefined
    const begin = this.#sizeOf(place, placeAt) + this.#sizeOf(place, urlAt) + this.#sizeOf(place, headersAt)
    return new KeptBody(this.#texts.bytes(begin, length), (this.#sizeOf(place, cutsAt) & bodyIsCut) > 0)
  }

  sent(place: number): KeptBody | undefined {
    const shared = this.#sent[this.#slotOf(place)]
    if (shared !== undefined) return shared === '' ? undefined : new KeptBody(Buffer.from(shared, 'latin1'), false)
    const length = this.#sizeOf(place, sentAt)
    if (length === 0) return undefined
    const before = this.#sizeOf(place, urlAt) + this.#sizeOf(place, headersAt) + this.#sizeOf(place, bodyAt)
    const begin = this.#sizeOf(place, placeAt) + before
    return new KeptBody(this.#texts.bytes(begin, length), (this.#sizeOf(place, cutsAt) & sentIsCut) > 0)
  }

  #slotOf(place: number): number {
    return (this.#first + place) & (this.#slots - 1)
  }

  #sizeOf(place: number, column: number): number {
    return this.#sizes[this.#slotOf(place) * sizeColumns + column] ?? 0
  }

  #put(bytes: Buffer | string, length: number, to: number): number {
    if (typeof bytes === 'string') return this.#texts.write(bytes.length > length ? bytes.slice(0, length) : bytes, to)
    return this.#texts.copy(bytes.length > length ? bytes.subarray(0, length) : bytes, to)
  }

  /** Where so many bytes of text have room; the buffer grows up to the bound, then the oldest entries go. */
  #reserve(length: number): number {
    for (;;) {
      const oldest = this.#size === 0 ? none : this.#sizeOf(0, placeAt)
      const place = this.#texts.place(length, oldest)
      if (place !== none) return place
      if (this.#size > 0 && this.#texts.capacity >= this.#bounds.bytes) this.evict()
      else this.#addTexts(length, oldest)
    }
  }

  #addTexts(length: number, oldest: number): void {
    const moved = this.#texts.grow(length, oldest)
    for (let place = 0; place < this.#size; place += 1) {
      const at = this.#slotOf(place) * sizeColumns + placeAt
      this.#sizes[at] = moved(this.#sizes[at] ?? 0)
    }
  }

  /** Twice as many; all there are are in use. */
  #addSlots(): void {
    const first = this.#first
    const slots = Math.max(fewestSlots, 2 * this.#slots)
    const numbers = new Float64Array(slots * numberColumns)
    numbers.set(this.#numbers.subarray(first * numberColumns))
    numbers.set(this.#numbers.subarray(0, first * numberColumns), (this.#slots - first) * numberColumns)
    this.#numbers = numbers
    const sizes = new Int32Array(slots * sizeColumns)
    sizes.set(this.#sizes.subarray(first * sizeColumns))
    sizes.set(this.#sizes.subarray(0, first * sizeColumns), (this.#slots - first) * sizeColumns)
    this.#sizes = sizes
    this.#methods = unrolled(this.#methods, first, slots)
    this.#outcomes = unrolled(this.#outcomes, first, slots)
    this.#mocks = unrolled(this.#mocks, first, slots)
    this.#headers = unrolled(this.#headers, first, slots)
    this.#sentHeaders = unrolled(this.#sentHeaders, first, slots)
    this.#sent = unrolled(this.#sent, first, slots)
    this.#details = unrolled(this.#details, first, slots)
    this.#first = 0
    this.#slots = slots
  }

  #move(from: number, to: number): void {
    this.#numbers.copyWithin(to * numberColumns, from * numberColumns, (from + 1) * numberColumns)
    this.#sizes.copyWithin(to * sizeColumns, from * sizeColumns, (from + 1) * sizeColumns)
    this.#methods[to] = this.#methods[from]
    this.#outcomes[to] = this.#outcomes[from]
    this.#mocks[to] = this.#mocks[from]
    this.#headers[to] = this.#headers[from]
    this.#sentHeaders[to] = this.#sentHeaders[from]
    this.#sent[to] = this.#sent[from]
    this.#details[to] = this.#details[from]
  }

  /** Lets go of what the slot refers to. */
  #forget(slot: number): void {
    this.#mocks[slot] = undefined
    this.#headers[slot] = undefined
    this.#sentHeaders[slot] = undefined
    this.#sent[slot] = undefined
    this.#details[slot] = undefined
  }
}

/** The oldest first again, with room for more. */
function unrolled<Item>(ring: readonly (Item | undefined)[], first: number, size: number): (Item | undefined)[] {
  const list = [...ring.slice(first), ...ring.slice(0, first)]
  while (list.length < size) list.push(undefined)
  return list
}

function detailBytes({ nearMisses }: RecordedDetails): number {
  if (nearMisses === undefined) return 0
  let bytes = 0
  for (const { differs } of nearMisses) for (const text of differs) bytes += text.length + phraseBytes
  return bytes
}
