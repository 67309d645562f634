import { randomInt } from 'node:crypto'

/** Finds the number that belongs to a key, in an eighth of what a Map needs: the keys themselves are kept by whoever asks. */
export class KeyIndex {
  /** A number, or -1, at the place that a key's hash says or the next free one after it. */
  #places = new Int32Array(64).fill(free)
  #size = 0
  readonly #keyOf: (number: number) => string
  /** Nobody can choose keys that stand at one place without knowing it. */
  readonly #seed: number

  /** `keyOf` gives the key that a number was added with, as long as it is not deleted. */
  constructor(keyOf: (number: number) => string, seed = randomInt(2 ** 32)) {
    this.#keyOf = keyOf
    this.#seed = seed
  }

  get size(): number {
    return this.#size
  }

  find(key: string): number | undefined {
    const number = this.#places[this.#placeOf(key)] as number
    return number === free ? undefined : number
  }

  /** Unless the key is there: then its number is returned, and stays. */
  add(key: string, number: number): number | undefined {
    if (2 * this.#size >= this.#places.length) this.#grow()
    const at = this.#placeOf(key)
    const known = this.#places[at] as number
    if (known !== free) return known
    this.#size += 1
    this.#places[at] = number
    return undefined
  }

  /** Returns the number that the key had. */
  delete(key: string): number | undefined {
    if (this.#size === 0) return undefined
    const mask = this.#places.length - 1
    let gap = this.#placeOf(key)
    const deleted = this.#places[gap] as number
    if (deleted === free) return undefined
    this.#size -= 1
    // Those behind it that were pushed on by it, or by others before it, move up.
    for (let at = (gap + 1) & mask; this.#places[at] !== free; at = (at + 1) & mask) {
      const number = this.#places[at] as number
      const wanted = hash(this.#keyOf(number), this.#seed) & mask
      if (((at - wanted) & mask) < ((at - gap) & mask)) continue
      this.#places[gap] = number
      gap = at
    }
    this.#places[gap] = free
    return deleted
  }

  /** Where the key is, or would be. */
  #placeOf(key: string): number {
    const mask = this.#places.length - 1
    let at = hash(key, this.#seed) & mask
    for (;;) {
      const number = this.#places[at] as number
      if (number === free || this.#keyOf(number) === key) return at
      at = (at + 1) & mask
    }
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Int32Array(2 * before.length).fill(free)
    for (const number of before) if (number !== free) this.#places[this.#placeOf(this.#keyOf(number))] = number
  }
}

const free = -1

/** FNV-1a over two characters at a time, and MurmurHash's way to mix the upper bits into the lower ones at the end. */
function hash(text: string, seed: number): number {
  let sum = seed | 0
  const even = text.length & ~1
  for (let at = 0; at < even; at += 2) {
    sum = Math.imul(sum ^ (text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)), 0x01000193)
    sum ^= sum >>> 15
  }
  if (even < text.length) sum = Math.imul(sum ^ text.charCodeAt(even), 0x01000193)
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b)
  return sum ^ (sum >>> 13)
}
