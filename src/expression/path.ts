import { isObject, type Json } from './json.js'
import { compileQuery, forbiddenKeys } from './query.js'

/** Finds values inside a JSON value. */
export interface Path {
  /** True when it can find one value at most: names and indexes only. */
  readonly singular: boolean
  /** The value found, or the list of values when the path may find several; undefined when there is nothing. */
  get(value: Json): Json | undefined
  /** Every value found. */
  nodes(value: Json): Json[]
}

/** A path that does not parse; `offset` is where. */
export class PathError extends Error {
  override readonly name = 'PathError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export type Segment = string | number

/** What a path read from a longer text is made of: plain segments, then whatever needs RFC 9535. */
export interface PathText {
  readonly segments: readonly Segment[]
  /** JSONPath without its `$`, from the first segment that is no name or index; mostly empty. */
  readonly rest: string
  readonly end: number
}

export interface PathRules {
  /** Wildcards, slices, filters, `..` and names in double quotes; otherwise names, `[n]` and `['…']` only. */
  readonly rich: boolean
  /** What a dotted name looks like; a sticky expression. */
  readonly name: RegExp
  /** No more names than this: what follows the last is not part of the path. */
  readonly names: number
  /** False: no `[n]` either. */
  readonly indexes: boolean
}

/** Letters of any script, digits and `_`; never starts with a digit. */
export const plainName = /[\p{L}_][\p{L}\p{N}\p{M}_]*/uy
/** Also `-`, between other characters: header names. */
export const dashedName = /[\p{L}_][\p{L}\p{N}\p{M}_]*(?:-+[\p{L}\p{N}\p{M}_]+)*/uy
/** Where the whole text is a path, a name is whatever cannot be anything else. */
const anyName = /[^\s.[\]()'"*?,]+/uy

/** Brackets and paths longer than this are not looked into. */
const maxLength = 4096

/** Compiles a path into a body: `$`, `$.a.b[0]`, `a.b`, or any RFC 9535 query. Throws a PathError. */
export function compilePath(path: string): Path {
  const text = path.trim()
  if (text === '') throw new PathError('an empty path; "$" is the body itself', 0)
  if (text.length > maxLength) throw new PathError(`a path longer than ${maxLength} characters`, maxLength)
  const dollar = text.startsWith('$') && (text.length === 1 || text[1] === '.' || text[1] === '[')
  const whole = dollar ? text.slice(1) : text.startsWith('[') ? text : `.${text}`
  const shift = text.length - whole.length
  const read = readPath(whole, 0, { rich: true, name: anyName, names: Number.POSITIVE_INFINITY, indexes: true })
  if (read.end < whole.length) {
    throw new PathError(`"${text.slice(read.end + shift)}" is not part of a path`, read.end + shift)
  }
  return toPath(read, whole.length - read.rest.length + shift)
}

/** Reads as much of a path as there is from `at` on. Never throws. */
export function readPath(text: string, at: number, rules: PathRules): PathText {
  const segments: Segment[] = []
  let names = 0
  let end = at
  let rich = -1
  while (end < text.length) {
    const dot = text[end] === '.'
    if (dot && names < rules.names) {
      const name = matchAt(rules.name, text, end + 1)
      if (name !== undefined) {
        if (rich < 0) segments.push(name)
        names += 1
        end += 1 + name.length
        continue
      }
    }
    if (text[end] === '[') {
      const simple = readBracket(text, end, rules.rich)
      if (simple !== undefined && (typeof simple.key === 'number' ? rules.indexes : names < rules.names)) {
        if (rich < 0) segments.push(simple.key)
        if (typeof simple.key === 'string') names += 1
        end = simple.end
        continue
      }
    }
    const next = rules.rich && rules.indexes ? endOfRich(text, end) : -1
    if (next < 0) break
    if (rich < 0) rich = end
    end = next
  }
  return { segments, rest: rich < 0 ? '' : text.slice(rich, end), end }
}

/** Compiles what was read. Throws a PathError when RFC 9535 does not allow it. */
export function toPath({ segments, rest }: PathText, offset = 0): Path {
  const reach = toReach(segments)
  if (rest === '') {
    return {
      singular: true,
      get: reach,
      nodes: (value) => {
        const found = reach(value)
        return found === undefined ? [] : [found]
      },
    }
  }
  const search = toSearch(rest, offset)
  return {
    singular: false,
    get: (value) => {
      const from = reach(value)
      return from === undefined ? undefined : search(from)
    },
    nodes: (value) => {
      const from = reach(value)
      return from === undefined ? [] : (search(from) ?? [])
    },
  }
}

/** A direct accessor. The short ones are written out: they are most of what mocks ask for. */
function toReach(segments: readonly Segment[]): (value: Json) => Json | undefined {
  const [first, second] = segments
  if (first === undefined) return (value) => value
  if (segments.length === 1)
    return typeof first === 'string' ? (value) => property(value, first) : (value) => step(value, first)
  if (segments.length === 2 && second !== undefined) return (value) => step(step(value, first), second)
  return (value) => {
    let found: Json | undefined = value
    for (const segment of segments) {
      found = step(found, segment)
      if (found === undefined) return undefined
    }
    return found
  }
}

function step(value: Json | undefined, segment: Segment): Json | undefined {
  if (typeof segment === 'string') return property(value, segment)
  return Array.isArray(value) ? value[segment < 0 ? value.length + segment : segment] : undefined
}

/** An own property of an object; nothing else has properties here. */
export function property(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) && !forbiddenKeys.has(name) ? value[name] : undefined
}

/** What the sticky `pattern` finds at `at`. */
export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** `[n]`, `['…']` and, where everything is allowed, `["…"]`. */
function readBracket(text: string, at: number, rich: boolean): { key: Segment; end: number } | undefined {
  const index = matchAt(/\[-?\d{1,15}\]/y, text, at)
  if (index !== undefined) return { key: Number(index.slice(1, -1)), end: at + index.length }
  const quote = text[at + 1]
  if (quote !== "'" && !(rich && quote === '"')) return undefined
  let key = ''
  for (let i = at + 2; i < text.length && i < at + maxLength; i += 1) {
    const char = text[i] as string
    if (char === quote) return text[i + 1] === ']' ? { key, end: i + 2 } : undefined
    if (char !== '\\') key += char
    else {
      const read = readEscape(text, i)
      if (read === undefined) return undefined
      key += read.char
      i = read.end - 1
    }
  }
  return undefined
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function readEscape(text: string, at: number): { char: string; end: number } | undefined {
  const next = text[at + 1]
  if (next === undefined) return undefined
  if (next === 'u') {
    const hex = matchAt(/[\da-f]{4}/iy, text, at + 2)
    return hex === undefined ? undefined : { char: String.fromCharCode(Number.parseInt(hex, 16)), end: at + 6 }
  }
  if (Object.hasOwn(escapes, next)) return { char: escapes[next] as string, end: at + 2 }
  return `'"\\/`.includes(next) ? { char: next, end: at + 2 } : undefined
}

/** Where one segment that needs RFC 9535 ends: `.*`, `..name`, `..*`, `..[…]`, `[…]`; -1 when there is none. */
function endOfRich(text: string, at: number): number {
  if (text[at] === '[') return endOfBracket(text, at)
  if (text[at] !== '.') return -1
  if (text[at + 1] === '*') return at + 2
  if (text[at + 1] !== '.') return -1
  if (text[at + 2] === '*') return at + 3
  if (text[at + 2] === '[') return endOfBracket(text, at + 2)
  const name = matchAt(plainName, text, at + 2)
  return name === undefined ? -1 : at + 2 + name.length
}

function endOfBracket(text: string, at: number): number {
  let depth = 0
  let quote = ''
  for (let i = at; i < text.length && i < at + maxLength; i += 1) {
    const char = text[i] as string
    if (quote !== '') {
      if (char === '\\') i += 1
      else if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === '[') depth += 1
    else if (char === ']') {
      depth -= 1
      if (depth === 0) return i + 1
    }
  }
  return -1
}

function toSearch(rest: string, offset: number): (value: Json) => Json[] | undefined {
  try {
    return compileQuery(`$${rest}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/ \(.*$/s, '') : String(error)
    throw new PathError(`"${rest}" is not valid JSONPath: ${reason}`, offset)
  }
}
