import type { Limits } from './limits.js'
import { joinPointer, quote, type Span, type TextFault } from './reading.js'

/** Which keys a document may have, in JSON and YAML alike. Gathers what it refuses. */
export class KeyCheck {
  readonly faults: TextFault[] = []
  readonly #text: string
  readonly #limits: Limits
  readonly #places = new Set<number>()

  constructor(text: string, limits: Limits) {
    this.#text = text
    this.#limits = limits
  }

  /** False when the key is to be left out. `seen`: the keys of the same mapping so far; the key is added. */
  accept(key: string, span: Span, parent: readonly (string | number)[], seen: Map<string, Span>): boolean {
    const first = seen.get(key)
    if (first !== undefined) {
      this.#refuse('duplicate-key', span, [...parent, key], () => [
        `duplicate key ${quote(key)}: it is already set in line ${this.#line(first[0])}`,
        'remove one of the two',
      ])
      return false
    }
    seen.set(key, span)
    if (key === '__proto__') {
      this.#refuse('forbidden-key', span, [...parent, key], () => ['the key "__proto__" is not allowed', 'rename it'])
      return false
    }
    if (key.length > this.#limits.keyLength) {
      this.#refuse('key-too-long', span, parent, () => [
        `this key has ${key.length} characters, more than ${this.#limits.keyLength}: ${quote(key)}`,
      ])
      return false
    }
    return true
  }

  add(fault: TextFault): void {
    // Aliases lead through the same text several times.
    if (this.faults.length >= this.#limits.problemsPerDocument || this.#places.has(fault.span[0])) return
    this.#places.add(fault.span[0])
    this.faults.push(fault)
  }

  #refuse(
    rule: string,
    span: Span,
    path: readonly (string | number)[],
    say: () => [message: string, hint?: string],
  ): void {
    if (this.faults.length >= this.#limits.problemsPerDocument) return
    const [message, hint] = say()
    const pointer = path.reduce<string>(joinPointer, '')
    this.add({ rule, span, pointer, message, ...(hint === undefined ? {} : { hint }) })
  }

  #line(offset: number): number {
    let line = 1
    for (let at = this.#text.indexOf('\n'); at !== -1 && at < offset; at = this.#text.indexOf('\n', at + 1)) line += 1
    return line
  }
}
