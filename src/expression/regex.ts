// Regular expressions of declarations: RE2 syntax, so that no pattern and no text can make matching take more than
// linear time. Everything declared as a pattern (`matches`, `routePattern`, JSON Schema's `pattern`) goes through here.

import { createRequire } from 'node:module'
import type { RE2JS, RE2JSSyntaxException } from 're2js'

export interface Regex {
  readonly source: string
  /**
   * True when the pattern matches somewhere in `text`. A text longer than `maxTextLength` never matches: part of it
   * would give a wrong answer, and all of it would hold the event loop.
   */
  test(text: string): boolean
  readonly maxTextLength: number
}

/** A pattern that does not compile. */
export class RegexError extends Error {
  override readonly name = 'RegexError'
  /** The offending part of the pattern, where the engine names one. */
  readonly part: string | undefined
  /** Where `part` begins in the pattern; -1 when that is not certain. */
  readonly offset: number
  readonly hint: string | undefined
  constructor(message: string, { part, offset, hint }: { part?: string; offset?: number; hint?: string }) {
    super(message)
    this.part = part
    this.offset = offset ?? -1
    this.hint = hint
  }
}

export const maxPatternLength = 4096

/** Instructions of the compiled program. Time is at worst program size times text length. */
const maxProgramSize = 2000

/** Steps one test may take at worst, about a third of a second when every step misses the automaton's cache. */
const maxSteps = 20_000_000

/** Equal patterns of many mocks share one program and its cache; the oldest leave first. */
const compiled = new Map<string, Regex>()
const maxCompiled = 1000

/** Compiles a pattern in RE2 syntax; unanchored unless it says `^` or `$`. Throws a RegexError. */
export function compileRegex(source: string): Regex {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const regex = toRegex(source)
  if (compiled.size >= maxCompiled) {
    const [oldest] = compiled.keys()
    if (oldest !== undefined) compiled.delete(oldest)
  }
  compiled.set(source, regex)
  return regex
}

function toRegex(source: string): Regex {
  if (source.length > maxPatternLength) {
    throw new RegexError(
      `a regular expression of ${source.length} characters; at most ${maxPatternLength} are allowed`,
      {},
    )
  }
  const engine = parse(source)
  const size = engine.programSize()
  if (size > maxProgramSize) {
    throw new RegexError(`a regular expression that needs ${size} steps; at most ${maxProgramSize} are allowed`, {
      hint: 'use smaller repeat counts: each x{n} is n copies of x',
    })
  }
  const maxTextLength = Math.floor(maxSteps / Math.max(size, 1))
  return { source, maxTextLength, test: (text) => text.length <= maxTextLength && engine.test(text) }
}

function parse(source: string): RE2JS {
  const engine = load()
  try {
    return engine.RE2JS.compile(source)
  } catch (error) {
    if (error instanceof engine.RE2JSSyntaxException) throw toRegexError(source, error)
    // The engine's own errors for what it cannot hold; a pattern must never be more than a finding.
    throw new RegexError(`cannot compile the regular expression: ${error instanceof Error ? error.message : error}`, {})
  }
}

let engine: typeof import('re2js') | undefined

/** Loaded with the first pattern: many sources have none. */
function load(): typeof import('re2js') {
  engine ??= createRequire(import.meta.url)('re2js') as typeof import('re2js')
  return engine
}

function toRegexError(source: string, error: RE2JSSyntaxException): RegexError {
  const part = error.getPattern() || undefined
  const offset = part === undefined ? -1 : source.indexOf(part)
  const unique = offset >= 0 && source.indexOf(part as string, offset + 1) < 0
  const hint = hintFor(part, error.getDescription())
  const where = part === undefined || part === source ? '' : ` at "${shorten(part)}"`
  const what = hint === undefined ? error.getDescription() : describe(part ?? '', error.getDescription())
  return new RegexError(`${what}${where} in the regular expression "${shorten(source)}"`, {
    ...(part === undefined ? {} : { part }),
    ...(unique ? { offset } : {}),
    ...(hint === undefined ? {} : { hint }),
  })
}

function describe(part: string, fallback: string): string {
  if (part.startsWith('(?=') || part.startsWith('(?!')) return 'look-ahead is not supported'
  if (part.startsWith('(?<=') || part.startsWith('(?<!')) return 'look-behind is not supported'
  if (part.startsWith('(?>') || /^[*+?}]\+$/.test(part)) return 'possessive matching is not supported'
  if (/^\\[1-9k]/.test(part)) return 'back references are not supported'
  return fallback
}

function hintFor(part: string | undefined, description: string): string | undefined {
  if (part === undefined) return undefined
  if (part.startsWith('(?=') || part.startsWith('(?!') || part.startsWith('(?<=') || part.startsWith('(?<!')) {
    return 'RE2 syntax has no look-around, so that matching takes linear time; use a second condition, for example with not_contains'
  }
  if (part.startsWith('(?>') || /^[*+?}]\+$/.test(part)) return 'RE2 never backtracks: write the plain form'
  if (/^\\[1-9k]/.test(part)) return 'RE2 syntax has no back references; repeat the expression itself'
  if (part === '\\Z') return 'write \\z for the end of the text'
  if (description.startsWith('invalid repeat count'))
    return 'a repeat count, also of nested repeats together, is at most 1000'
  return undefined
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
