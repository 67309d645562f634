import type { Run, Value } from '../run.js'

/** What may stand after `|` in a template. Filters never throw for what they are given; they count what they do. */
export interface Filter {
  /** Names of its arguments, in their order; all may be left out, or given by name. */
  readonly params: readonly string[]
  /** For people: what it does, and an example with what comes of it. */
  readonly description: string
  readonly example: readonly [template: string, result: string]
  apply(value: Value, args: readonly Value[], run: Run): Value
  /** Says what is wrong with arguments that are written out in the template. */
  check?(args: readonly Value[]): string | undefined
}

export type Filters = Readonly<Record<string, Filter>>
