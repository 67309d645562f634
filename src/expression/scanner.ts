/** What ends an expression: the text, `}` or an argument's `,` and `)`. */
export type Stop = 'end' | '}' | ','

/** A default or argument longer than this is none. */
const maxLength = 4096

/** Finds where the pieces of an expression end, and counts how much it looked at. */
export class Scanner {
  /** Characters looked at, those looked at twice counted twice. */
  effort = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  stopsAt(at: number, stop: Stop): boolean {
    if (stop === 'end') return at === this.#text.length
    const char = this.#text[at]
    return stop === '}' ? char === '}' : char === ',' || char === ')'
  }

  skipSpace(at: number): number {
    let i = at
    while (/\s/.test(this.#text[i] ?? '')) i += 1
    this.effort += i - at
    return i
  }

  /** Where a default or argument that is a text ends; -1 when there is no end within reach. */
  endOfText(at: number, stop: Stop): number {
    const limit = Math.min(this.#text.length, at + maxLength)
    for (let i = at; i < limit; i += 1) {
      if (this.#text.startsWith('||', i) || (stop !== 'end' && this.stopsAt(i, stop))) {
        this.effort += i - at
        return i
      }
    }
    this.effort += limit - at
    return stop === 'end' && limit === this.#text.length ? limit : -1
  }

  /** After the JSON text, list or object that begins at `at`; -1 when its brackets and quotes do not pair up. */
  endOfJson(at: number): number {
    const limit = Math.min(this.#text.length, at + maxLength)
    let depth = 0
    let inString = false
    for (let i = at; i < limit; i += 1) {
      const char = this.#text[i]
      if (inString) {
        if (char === '\\') i += 1
        else if (char === '"') inString = false
      } else if (char === '"') inString = true
      else if (char === '[' || char === '{') depth += 1
      else if (char === ']' || char === '}') depth -= 1
      if (depth <= 0 && !inString) {
        this.effort += i - at
        return i + 1
      }
    }
    this.effort += limit - at
    return -1
  }
}
