// Clients send the same headers again and again, or all but the same: an entry of the request journal refers to those of a
// former request, and has of its own only what differs.

/** Headers of a request that others have as well: names and values in turn. */
export interface HeaderSet {
  readonly raw: readonly string[]
  readonly bytes: number
}

/** So many are held against the headers of the next request. */
const setsCompared = 4
/** How many texts of otherwise equal headers may differ: a length, a trace, a tenant. */
const mostDiffering = 2

/** The headers of some of the last requests. */
export class HeaderSets {
  readonly #sets: HeaderSet[] = []
  #replaced = 0

  /** Headers that are the same, or all but a few texts. */
  find(raw: readonly string[]): HeaderSet | undefined {
    const sets = this.#sets
    for (let at = 0; at < sets.length; at += 1) {
      const set = sets[at]
      if (set !== undefined && areAlike(set.raw, raw)) return set
    }
    return undefined
  }

  remember(raw: readonly string[], bytes: number): void {
    this.#sets[this.#replaced] = { raw, bytes }
    this.#replaced = (this.#replaced + 1) % setsCompared
  }
}

function areAlike(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false
  let differing = 0
  for (let at = 0; at < some.length; at += 1) {
    if (some[at] === others[at]) continue
    differing += 1
    if (differing > mostDiffering) return false
  }
  return true
}

/** The texts that are others than those known, each behind its place; a line for each. */
export function differing(known: readonly string[], raw: readonly string[]): string {
  let lines = ''
  for (let at = 0; at < raw.length; at += 1) {
    if (raw[at] !== known[at]) lines += `${lines === '' ? '' : '\n'}${at}\n${raw[at]}`
  }
  return lines
}

/** The headers that `lines` were made of. */
export function patched(known: readonly string[], lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return known
  const raw = [...known]
  for (let at = 0; at + 1 < lines.length; at += 2) raw[Number(lines[at])] = lines[at + 1] ?? ''
  return raw
}
