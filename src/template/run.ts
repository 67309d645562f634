// One rendering: what it may still do, what it wrote, and the names it knows.

import type { Json } from '../expression/json.js'

/** What a template computes with. There are no functions, and nothing has a prototype that matters. */
export type Value = Json | undefined

/** Own properties only; `__proto__`, `constructor` and `prototype` are in none. */
export type Context = Readonly<Record<string, Value>>

export interface Bounds {
  /** Evaluated parts of templates and handled elements; a message needs a few hundred. */
  readonly steps: number
  /** Characters; what is longer is cut. */
  readonly output: number
}

export const defaultBounds: Bounds = { steps: 100_000, output: 256 * 1024 }

/** No text on the way may be longer, in characters. */
export const maxText = 1024 * 1024

/** Characters that are handled in one step. */
const charactersPerStep = 64
/** Characters that are only looked at in one step. */
const charactersPerLook = 1024
const stepsToKnowZone = 500

const maxDepth = 50

/** A rendering that was ended. The message is for people, without a trailing period. */
export class RenderFailure extends Error {
  override readonly name = 'RenderFailure'
}

/** Thrown to end a rendering whose output is full. */
export const full = Symbol('the output is full')

/** Something that the data does not have. */
export interface Missing {
  readonly path: string
  /** What there is instead. */
  readonly target: Value
  readonly key: string
  readonly line: number
  readonly column: number
}

export class Scope {
  readonly values = new Map<string, Value>()
  readonly parent: Scope | undefined
  /** What is set in it does not change what is around it. */
  readonly isolated: boolean
  /** What `caller()` writes in a macro. */
  caller: ((args: readonly Value[], run: Run) => Value) | undefined

  constructor(parent?: Scope, isolated = false) {
    this.parent = parent
    this.isolated = isolated
  }

  find(name: string): Value {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      const value = scope.values.get(name)
      if (value !== undefined || scope.values.has(name)) return value
    }
    return undefined
  }

  /** Of the macro that this is in. */
  callerHere(): Scope['caller'] {
    let scope: Scope | undefined = this
    while (scope !== undefined && scope.caller === undefined) scope = scope.parent
    return scope?.caller
  }

  /** Where the name is known already, else here. */
  set(name: string, value: Value): void {
    let scope: Scope = this
    while (!scope.values.has(name) && !scope.isolated && scope.parent !== undefined) scope = scope.parent
    const target = scope.values.has(name) ? scope : this
    target.values.set(name, value)
  }
}

export class Run {
  readonly top: Scope
  scope: Scope
  readonly locale: string
  readonly timezone: string
  /** Undefined: nobody wants to know. */
  readonly missing: Missing[] | undefined
  readonly #zones = new Set<string>()
  #steps: number
  #room: number
  #depth = 0
  #text = ''
  /** Texts that are gathered and not written: blocks of `set`, bodies of macros. */
  #captures = 0

  constructor(context: Context, bounds: Bounds, missing?: Missing[]) {
    this.top = new Scope()
    for (const name of Object.keys(context)) this.top.values.set(name, context[name])
    this.scope = this.top
    const user = own(context, 'user')
    this.locale = textOr(own(user, 'locale'), 'en')
    this.timezone = textOr(own(user, 'timezone'), 'UTC')
    this.missing = missing
    this.#steps = bounds.steps
    this.#room = bounds.output
  }

  /** Counts work; ends the rendering when it was too much. */
  spend(steps = 1): void {
    this.#steps -= steps
    if (this.#steps < 0) throw new RenderFailure('the template does too much: it was stopped')
  }

  /** Counts a text that was made. */
  made(text: string): string {
    this.expect(text.length)
    return text
  }

  /** Counts a text of that length before it is made. */
  expect(length: number): void {
    if (!(length <= maxText)) throw new RenderFailure(`a text grew beyond ${maxText} characters`)
    this.spend(1 + length / charactersPerStep)
  }

  /** Counts looking at values whose length matters, such as comparing two texts. */
  look(...values: readonly Value[]): void {
    let characters = 0
    for (const value of values) if (typeof value === 'string') characters += value.length
    this.spend(1 + characters / charactersPerLook)
  }

  /** Counts a search; at worst each place in the text is compared with all of what is searched. */
  search(text: string, wanted: string): void {
    this.spend(1 + (text.length / charactersPerStep) * (1 + wanted.length / charactersPerStep))
  }

  /** Counts a time zone: getting to know it takes long, and is done once. Whether others know it does not matter. */
  zone(name: string): void {
    if (this.#zones.has(name)) return
    this.#zones.add(name)
    this.spend(stepsToKnowZone)
  }

  get text(): string {
    return this.#text
  }

  write(text: string): void {
    this.spend(1 + text.length / charactersPerStep)
    if (this.#captures > 0) this.expect(this.#text.length > maxText - text.length ? Number.NaN : 0)
    else if (text.length > this.#room) {
      this.#text += whole(text.slice(0, this.#room))
      throw full
    } else this.#room -= text.length
    this.#text += text
  }

  /** What `body` writes, instead of writing it. */
  capture(body: () => void): string {
    const outer = this.#text
    this.#text = ''
    this.#captures++
    try {
      body()
      return this.made(this.#text)
    } finally {
      this.#captures--
      this.#text = outer
    }
  }

  within(scope: Scope, body: () => void): void {
    const outer = this.scope
    if (++this.#depth > maxDepth) throw new RenderFailure(`loops and macros are nested more than ${maxDepth} deep`)
    this.scope = scope
    try {
      body()
    } finally {
      this.scope = outer
      this.#depth--
    }
  }
}

/** Without half of a character at its end. */
export function whole(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last < 0xdc00 ? text.slice(0, -1) : text
}

/** Names that are in no value, whatever it holds. */
export const unreachable: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** A property of a plain object; nothing else is looked at. */
export function own(value: unknown, key: string): Value {
  if (typeof value !== 'object' || value === null || unreachable.has(key) || !Object.hasOwn(value, key))
    return undefined
  return (value as Record<string, Value>)[key]
}

function textOr(value: Value, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise
}
