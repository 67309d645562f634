/** Turns offsets into lines and columns, both one-based; columns count UTF-16 code units. */
export class LineIndex {
  readonly #starts: number[] = [0]

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  at(offset: number): { line: number; column: number } {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 }
  }

  /** The text of a line, without its end; undefined for one that does not exist. */
  line(text: string, line: number): string | undefined {
    const start = this.#starts[line - 1]
    if (start === undefined) return undefined
    const end = this.#starts[line]
    return text.slice(start, end === undefined ? text.length : end - 1).replace(/\r$/, '')
  }
}
