import type { Json } from '../json.js'

/** What a condition wants, ready to be compared with. */
export interface Wanted {
  /** The declared value; null for actions that take none. */
  readonly value: Json
  readonly sortArray: boolean
}

/** One `assertAction`: its file is the only place that knows what it means. */
export interface Action {
  readonly name: string
  /** Between the path and the value, in words: `equals`, `is not empty`. */
  readonly words: string
  /** `text`: any JSON for a body, text for the rest. `json`: any JSON always. `none`: a value is not used. */
  readonly takes: 'none' | 'text' | 'json'
  /** The outcome when nothing is at the path. */
  readonly whenAbsent: boolean
  /** With several values: one that passes is enough, or all must. */
  readonly needs: 'one' | 'all'
  /** Compiles the test of one value. Throws an ActionError when `value` makes no sense for this action. */
  compile(wanted: Wanted): Test
}

export type Test = (found: Json) => boolean

/** A declared value that an action cannot use. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  readonly rule: string
  readonly hint: string | undefined
  constructor(rule: string, message: string, hint?: string) {
    super(message)
    this.rule = rule
    this.hint = hint
  }
}

/** The action that accepts exactly what `action` does not: of several values every one must differ. */
export function negate(action: Action, name: string, words: string): Action {
  return {
    name,
    words,
    takes: action.takes,
    whenAbsent: !action.whenAbsent,
    needs: 'all',
    compile: (wanted) => {
      const test = action.compile(wanted)
      return (found) => !test(found)
    },
  }
}
