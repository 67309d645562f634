// Strict JSON (RFC 8259) with what JSON.parse does not give: places, duplicate keys, exact numbers, bounds.

import { type Json, RawNumber } from '../expression/json.js'
import { KeyCheck } from './key-check.js'
import type { Limits } from './limits.js'
import { exactNumber } from './number.js'
import {
  type FileReading,
  joinPointer,
  quote,
  type ReadDocument,
  type Span,
  splitPointer,
  type TextFault,
} from './reading.js'
import { macText } from './sops/mac-text.js'
import { macFault, type Unsealing } from './sops/unsealing.js'

class SyntaxFault extends Error {
  readonly rule: string
  readonly at: number
  readonly hint: string | undefined
  constructor(rule: string, at: number, message: string, hint?: string) {
    super(message)
    this.rule = rule
    this.at = at
    this.hint = hint
  }
}

interface Places {
  readonly keys: Map<string, Span>
  readonly values: Map<string, Span>
}

/** `unsealing`: what decrypts the values, in a file that SOPS has encrypted. */
export function readJson(text: string, limits: Limits, unsealing?: Unsealing): FileReading {
  if (text.trim() === '') return { text, documents: [], broken: undefined }
  const reader = new JsonReader(text, limits, undefined, unsealing)
  unsealing?.nextDocument()
  let document: ReadDocument
  try {
    const value = reader.document()
    document = {
      value,
      start: reader.firstKey,
      broken: undefined,
      faults: unsealing === undefined ? reader.keys.faults : [...reader.keys.faults, ...unsealing.faults],
      locate: locator(text, limits),
      ...(unsealing && { encrypted: unsealing.places }),
    }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    const end = Math.min(text.length, error.at + 1)
    const broken: TextFault = {
      rule: error.rule,
      span: [Math.min(error.at, Math.max(0, text.length - 1)), end],
      pointer: '',
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
    document = { value: undefined, start: 0, broken, faults: [], locate: () => broken.span }
  }
  return { text, documents: [document], broken: document.broken === undefined ? macFault(unsealing) : undefined }
}

/** Reads the text once more, this time keeping places; only when the first place is asked for. */
function locator(text: string, limits: Limits): ReadDocument['locate'] {
  let places: Places | undefined
  return (pointer, part) => {
    if (places === undefined) {
      places = { keys: new Map(), values: new Map() }
      new JsonReader(text, limits, places).document()
    }
    for (let path = splitPointer(pointer), wanted = part; ; path = path.slice(0, -1), wanted = 'value') {
      const at = path.reduce<string>(joinPointer, '')
      const span = (wanted === 'key' ? places.keys.get(at) : undefined) ?? places.values.get(at)
      if (span !== undefined) return span
      if (path.length === 0) return [0, Math.min(1, text.length)]
    }
  }
}

class JsonReader {
  readonly keys: KeyCheck
  firstKey = 0
  readonly #text: string
  readonly #limits: Limits
  readonly #places: Places | undefined
  readonly #unsealing: Unsealing | undefined
  readonly #path: (string | number)[] = []
  #at = 0

  constructor(text: string, limits: Limits, places: Places | undefined, unsealing?: Unsealing) {
    this.#text = text
    this.#limits = limits
    this.#places = places
    this.#unsealing = unsealing
    this.keys = new KeyCheck(text, limits)
  }

  document(): Json {
    this.#space()
    this.firstKey = this.#at
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) {
      throw new SyntaxFault(
        'json-syntax',
        this.#at,
        'a JSON file holds one value: there is more text after it',
        'put each document into a file of its own, or use YAML',
      )
    }
    return value
  }

  #value(depth: number): Json {
    if (depth > this.#limits.depth) {
      throw new SyntaxFault('too-deep', this.#at, `nested deeper than ${this.#limits.depth} levels`)
    }
    const start = this.#at
    const value = this.#unsealed(start, this.#bare(depth))
    this.#places?.values.set(this.#path.reduce<string>(joinPointer, ''), [start, this.#at])
    return value
  }

  /** What a scalar that stands from `start` on means once it is decrypted. */
  #unsealed(start: number, value: Json): Json {
    if (this.#unsealing === undefined || this.#path[0] === 'sops') return value
    if (value !== null && typeof value === 'object' && !(value instanceof RawNumber)) return value
    const text = typeof value === 'string' ? value : undefined
    const source = this.#text.slice(start, this.#at)
    const plain = value === null ? undefined : macText(value, text ?? source)
    return this.#unsealing.value(this.#path, { text, plain, span: [start, this.#at] })?.json ?? value
  }

  #bare(depth: number): Json {
    const char = this.#text[this.#at]
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    if (char === '"') return this.#string()
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    return this.#number()
  }

  #object(depth: number): Json {
    const object: { [key: string]: Json } = {}
    const seen = new Map<string, Span>()
    this.#at += 1
    this.#space()
    if (depth === 0 && this.#text[this.#at] === '"') this.firstKey = this.#at
    if (this.#text[this.#at] === '}') {
      this.#at += 1
      return object
    }
    for (;;) {
      const start = this.#at
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in double quotes')
      const key = this.#string()
      const span: Span = [start, this.#at]
      this.#space()
      if (this.#text[this.#at] !== ':') throw this.#unexpected("':'")
      this.#at += 1
      this.#space()
      const accepted = this.keys.accept(key, span, this.#path, seen)
      if (accepted) this.#places?.keys.set([...this.#path, key].reduce<string>(joinPointer, ''), span)
      // What a refused key leads to is read to get past it; its places must not hide those of the key before.
      this.#path.push(accepted ? key : `${key}\0`)
      const value = this.#value(depth + 1)
      this.#path.pop()
      if (this.#unsealing !== undefined && depth === 0 && key === 'sops') this.#cut(start)
      else if (accepted) object[key] = value
      this.#space()
      const next = this.#text[this.#at]
      if (next === '}') break
      if (next !== ',') throw this.#unexpected("',' or '}'")
      this.#at += 1
      this.#space()
    }
    this.#at += 1
    return object
  }

  /** The metadata of SOPS, from its key on, and a comma beside it. */
  #cut(start: number): void {
    const before = this.#text.slice(0, start).trimEnd()
    const [after = ''] = /^\s*,/.exec(this.#text.slice(this.#at)) ?? []
    const isLast = before.endsWith(',')
    this.#unsealing?.cuts.push([isLast ? before.length - 1 : start, this.#at + (isLast ? 0 : after.length)])
  }

  #array(depth: number): Json {
    const array: Json[] = []
    this.#at += 1
    this.#space()
    if (this.#text[this.#at] === ']') {
      this.#at += 1
      return array
    }
    for (;;) {
      this.#path.push(array.length)
      array.push(this.#value(depth + 1))
      this.#path.pop()
      this.#space()
      const next = this.#text[this.#at]
      if (next === ']') break
      if (next !== ',') throw this.#unexpected("',' or ']'")
      this.#at += 1
      this.#space()
    }
    this.#at += 1
    return array
  }

  #string(): string {
    const start = this.#at
    let at = start + 1
    for (;;) {
      const code = this.#text.charCodeAt(at)
      if (code === 0x22) break
      if (Number.isNaN(code)) throw new SyntaxFault('json-syntax', start, 'this text has no closing quote')
      if (code < 0x20)
        throw new SyntaxFault('json-syntax', at, 'line breaks and control characters have to be escaped within a text')
      at += code === 0x5c ? 2 : 1
    }
    const source = this.#text.slice(start, at + 1)
    this.#at = at + 1
    try {
      return JSON.parse(source) as string
    } catch {
      const bad = source.search(/\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})/)
      throw new SyntaxFault(
        'json-syntax',
        start + Math.max(0, bad),
        'unknown escape sequence',
        'write a backslash as \\\\',
      )
    }
  }

  #number(): Json {
    const match = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
    match.lastIndex = this.#at
    const source = match.exec(this.#text)?.[0]
    if (source === undefined || /[\w.+-]/.test(this.#text[this.#at + source.length] ?? ''))
      throw this.#unexpected('a value')
    this.#at += source.length
    return exactNumber(source, Number(source)) ?? null
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at += 1
    }
  }

  #unexpected(wanted: string): SyntaxFault {
    if (this.#at >= this.#text.length)
      return new SyntaxFault('json-syntax', this.#at, `the file ends where ${wanted} is needed`)
    const rest = this.#text.slice(this.#at, this.#at + 20)
    const found = /^(\/[/*]|[\w$-]+|.)/su.exec(rest)?.[0] ?? rest
    const hint =
      found === '//' || found === '/*' || found === '#'
        ? 'JSON has no comments: use YAML for them'
        : (found === '}' || found === ']') && this.#text.slice(0, this.#at).trimEnd().endsWith(',')
          ? 'remove the comma before it'
          : found === "'"
            ? 'use double quotes'
            : undefined
    return new SyntaxFault('json-syntax', this.#at, `${wanted} is needed here, not ${quote(found)}`, hint)
  }
}
