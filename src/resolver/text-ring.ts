import { Buffer } from 'node:buffer'

const fewestBytes = 16_384

/** One buffer that is written round and round, each piece in one stretch. Whoever writes knows where the oldest begins. */
export class TextRing {
  #bytes: Buffer = Buffer.alloc(0)
  /** Where the newest piece ends. */
  #end = 0

  get capacity(): number {
    return this.#bytes.length
  }

  /** Where a piece of `length` bytes, at least one, has room; -1 when it has none. `oldest`: -1 when nothing is kept. */
  place(length: number, oldest: number): number {
    if (oldest < 0) return length <= this.capacity ? 0 : -1
    // A piece that ended where the oldest begins would look as if nothing were kept.
    if (this.#end <= oldest) return length < oldest - this.#end ? this.#end : -1
    if (length <= this.capacity - this.#end) return this.#end
    return length < oldest ? 0 : -1
  }

  /** Makes room for `length` bytes more. Says where what began at a place begins now. */
  grow(length: number, oldest: number): (place: number) => number {
    const { capacity } = this
    const begin = Math.max(0, oldest)
    let next = Math.max(fewestBytes, 2 * capacity)
    while (next < capacity + length) next *= 2
    const bytes = Buffer.allocUnsafeSlow(next)
    this.#bytes.copy(bytes, 0, begin)
    this.#bytes.copy(bytes, capacity - begin, 0, begin)
    this.#bytes = bytes
    const moved = (place: number): number => (place >= begin ? place - begin : place + capacity - begin)
    // An end at the oldest's beginning cannot be: it is behind it, or before it by a byte at least.
    this.#end = oldest < 0 ? 0 : moved(this.#end)
    return moved
  }

  /** Both return where the piece goes on. `text` has one byte a character. */
  write(text: string, at: number): number {
    this.#end = at + this.#bytes.write(text, at, 'latin1')
    return this.#end
  }

  copy(bytes: Buffer, at: number): number {
    this.#bytes.set(bytes, at)
    this.#end = at + bytes.length
    return this.#end
  }

  /** One byte a character. */
  text(at: number, length: number): string {
    return this.#bytes.toString('latin1', at, at + length)
  }

  /** A copy. */
  bytes(at: number, length: number): Buffer {
    return Buffer.from(this.#bytes.subarray(at, at + length))
  }
}
