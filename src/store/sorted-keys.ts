/** Keys in order, for lists by prefix. In chunks, so that adding one moves few others. Order: by UTF-16 code units. */
export class SortedKeys {
  readonly #chunks: string[][] = []

  constructor(keys: Iterable<string>) {
    const sorted = [...keys].sort()
    for (let at = 0; at < sorted.length; at += chunkSize / 2) this.#chunks.push(sorted.slice(at, at + chunkSize / 2))
  }

  add(key: string): void {
    const index = Math.max(0, this.#chunkOf(key))
    const chunk = this.#chunks[index]
    if (chunk === undefined) {
      this.#chunks.push([key])
      return
    }
    const at = lowerBound(chunk, key)
    if (chunk[at] === key) return
    chunk.splice(at, 0, key)
    if (chunk.length > chunkSize) this.#chunks.splice(index + 1, 0, chunk.splice(chunkSize / 2))
  }

  delete(key: string): void {
    const index = this.#chunkOf(key)
    const chunk = this.#chunks[index]
    if (chunk === undefined) return
    const at = lowerBound(chunk, key)
    if (chunk[at] !== key) return
    chunk.splice(at, 1)
    if (chunk.length === 0) this.#chunks.splice(index, 1)
  }

  /** Keys with `prefix`, those after `after` in the direction asked for. */
  *range(prefix: string, after: string | undefined, reverse: boolean): Generator<string> {
    if (reverse) {
      const end = successor(prefix)
      const start = after !== undefined && (end === undefined || after < end) ? after : end
      for (const key of this.#backwards(start)) {
        if (!key.startsWith(prefix)) return
        yield key
      }
      return
    }
    for (const key of this.#forwards(after !== undefined && after > prefix ? after : prefix)) {
      if (key === after) continue
      if (!key.startsWith(prefix)) return
      yield key
    }
  }

  *#forwards(from: string): Generator<string> {
    const first = Math.max(0, this.#chunkOf(from))
    for (let index = first; index < this.#chunks.length; index += 1) {
      const chunk = this.#chunks[index] ?? []
      for (let at = index === first ? lowerBound(chunk, from) : 0; at < chunk.length; at += 1) yield chunk[at] as string
    }
  }

  /** Keys before `end`, the last first. */
  *#backwards(end: string | undefined): Generator<string> {
    const last = end === undefined ? this.#chunks.length - 1 : this.#chunkOf(end)
    for (let index = last; index >= 0; index -= 1) {
      const chunk = this.#chunks[index] ?? []
      const from = index === last && end !== undefined ? lowerBound(chunk, end) : chunk.length
      for (let at = from - 1; at >= 0; at -= 1) yield chunk[at] as string
    }
  }

  /** The last chunk whose first key is not after `key`; -1 when all are. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#chunks[middle]?.[0] as string) <= key) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

const chunkSize = 512

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The least text after all that begin with `prefix`; none when there is no such text. */
function successor(prefix: string): string | undefined {
  for (let end = prefix.length; end > 0; end -= 1) {
    const code = prefix.charCodeAt(end - 1)
    if (code < 0xffff) return prefix.slice(0, end - 1) + String.fromCharCode(code + 1)
  }
  return undefined
}
