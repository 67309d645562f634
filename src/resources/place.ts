import { LineIndex } from './line-index.js'
import type { FileProblem } from './parsed-file.js'
import type { Severity } from './problem.js'
import type { FileReading, Span } from './reading.js'

/** Turns spans of one file into problems with lines and columns. The lines are counted when the first is asked for. */
export class Placer {
  readonly #text: string
  #lines: LineIndex | undefined

  constructor(reading: Pick<FileReading, 'text'>) {
    this.#text = reading.text
  }

  line(offset: number): number {
    if (offset === 0) return 1
    return this.#index().at(offset).line
  }

  problem(
    span: Span,
    found: { rule: string; severity: Severity; pointer: string; message: string; hint?: string | undefined },
  ): FileProblem {
    const start = this.#index().at(span[0])
    // What goes over several lines is marked in its first: that is where the mistake begins.
    const lineEnd = this.#text.indexOf('\n', span[0])
    const line = lineEnd === -1 ? this.#text.length : lineEnd
    const trimmed = this.#text.slice(span[0], Math.min(span[1], line)).trimEnd().length
    const { rule, severity, pointer, message, hint } = found
    return {
      rule,
      severity,
      line: start.line,
      column: start.column,
      endLine: start.line,
      endColumn: start.column + Math.max(1, trimmed),
      pointer,
      message,
      ...(hint === undefined ? {} : { hint }),
    }
  }

  #index(): LineIndex {
    this.#lines ??= new LineIndex(this.#text)
    return this.#lines
  }
}
