// Conditions of a mock or callback: one question to a request, compiled when a revision is linked.

import { createHash } from 'node:crypto'
import { type Place, toPlace, toScalarKey } from './condition-path.js'
import { type ConditionValue, decodeBase64, toConditionValue } from './condition-value.js'
import { isObject, type Json, RawNumber } from './json.js'
import { type Action, ActionError, type Test } from './matchers/action.js'
import { actions } from './matchers/index.js'
import { preview } from './preview.js'
import type { ConditionSubject, Subjects } from './subjects.js'
import { nearest } from './suggest.js'

export type { ConditionSubject, Subjects } from './subjects.js'

/** A declared condition, compiled. */
export interface Condition {
  readonly subject: ConditionSubject
  /** As declared, for messages: `$.amount`, `X-Env`. */
  readonly path: string
  /** One name for all ways to write the path: `$.amount`, `x-env`. */
  readonly place: string
  readonly action: string
  /** What the value there is compared with; null for actions that take nothing. */
  readonly wanted: Json
  /** The value there is decoded before it is compared. */
  readonly base64: boolean
  /** Two conditions with the same key accept the same requests. */
  readonly key: string
  /**
   * Set when the condition is a plain equality on one scalar: the request matches exactly when one of
   * `lookup(subjects)` equals `value`. The mock index tells mocks apart by it. Strings of header, query, cookie and form
   * are compared as text, scalars of a body as `typeof:value`.
   */
  readonly equality?: Equality | undefined
  matches(subjects: Subjects): boolean
  /** What was wanted, in words: `header X-Env equals "test"`. */
  describe(): string
  /** What the request has at the path, in words and bounded: `"prod"`, `nothing`. */
  found(subjects: Subjects): string
}

export interface Equality {
  readonly on: string
  readonly value: string
  lookup(subjects: Subjects): readonly string[]
}

/** A condition as declared. */
export interface ConditionSpec {
  readonly path: string
  readonly assertAction: string
  readonly value?: Json | undefined
  readonly valueFromFile?: string | undefined
  readonly decode?: string | undefined
  readonly sortArray?: boolean | undefined
}

/** What is wrong with a declared condition; `pointer` leads into the spec. */
export interface ConditionFinding {
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly pointer: string
  readonly message: string
  readonly hint?: string
}

/** `condition` is set exactly when no finding is an error and `valueFromFile`, if any, could be read. */
export interface CompiledCondition {
  readonly condition?: Condition
  readonly findings: readonly ConditionFinding[]
}

/**
 * Compiles a declared condition on `subject`. `readFile` gives the bytes of `valueFromFile`; undefined means that there is
 * no such file, which the caller reports. `checked`: the condition is known to compile, and its test is not made before it is
 * used. Never throws.
 */
export function compileCondition(
  spec: ConditionSpec,
  subject: ConditionSubject,
  readFile: (path: string) => Uint8Array | undefined,
  checked: boolean = false,
): CompiledCondition {
  const { place, findings: pathFindings } = toPlace(spec.path, subject)
  const findings: ConditionFinding[] = pathFindings.map((finding) => ({ pointer: '/path', ...finding }))
  const action = actions.get(spec.assertAction)
  if (action === undefined) findings.push(unknownAction(spec.assertAction))
  if (spec.decode !== undefined && spec.decode !== 'base64') {
    findings.push(error('condition-decode', '/decode', `unknown decode ${JSON.stringify(spec.decode)}`, 'write base64'))
  }
  if (action === undefined || place === undefined) return { findings }
  findings.push(...checkValue(action, spec))
  if (findings.some(({ severity }) => severity === 'error')) return { findings }

  const wantsFile = action.takes !== 'none' && spec.valueFromFile !== undefined
  const bytes = wantsFile ? readFile(spec.valueFromFile as string) : undefined
  if (wantsFile && bytes === undefined) return { findings }
  const asText = subject !== 'body'
  const base64 = spec.decode === 'base64'
  const sortArray = spec.sortArray === true
  try {
    const wanted = toConditionValue(action, { value: spec.value ?? null, bytes, asText, base64, subject })
    const test = checked ? undefined : action.compile({ value: wanted.value, sortArray })
    const { path } = spec
    const condition = new DeclaredCondition({ path, subject, place, action, wanted, test, base64, sortArray })
    return { condition, findings }
  } catch (problem) {
    if (!(problem instanceof ActionError)) throw problem
    findings.push(error(problem.rule, wantsFile ? '/valueFromFile' : '/value', problem.message, problem.hint))
    return { findings }
  }
}

function unknownAction(name: string): ConditionFinding {
  const meant = nearest(name.replace(/[\s-]+/g, '_'), actions.keys())
  const hint = meant === undefined ? `one of ${[...actions.keys()].join(', ')}` : `did you mean ${meant}?`
  return error('condition-action', '/assertAction', `unknown assertAction ${JSON.stringify(name)}`, hint)
}

function checkValue(action: Action, spec: ConditionSpec): ConditionFinding[] {
  const both = spec.value !== undefined && spec.valueFromFile !== undefined
  if (both)
    return [error('condition-value', '/valueFromFile', 'both value and valueFromFile are given', 'keep one of them')]
  const given = spec.value !== undefined || spec.valueFromFile !== undefined
  if (action.takes === 'none' || given) return []
  return [error('condition-value', '', `${action.name} needs a value to compare with`, 'add value or valueFromFile')]
}

function error(rule: string, pointer: string, message: string, hint: string | undefined): ConditionFinding {
  return { rule, severity: 'error', pointer, message, ...(hint === undefined ? {} : { hint }) }
}

interface Parts {
  readonly path: string
  readonly subject: ConditionSubject
  readonly place: Place
  readonly action: Action
  readonly wanted: ConditionValue
  readonly test: Test | undefined
  readonly base64: boolean
  readonly sortArray: boolean
}

class DeclaredCondition implements Condition {
  readonly path: string
  readonly subject: ConditionSubject
  readonly equality: Equality | undefined
  readonly #place: Place
  readonly #action: Action
  readonly #wanted: ConditionValue
  readonly #base64: boolean
  readonly #sortArray: boolean
  #test: Test | undefined

  constructor(parts: Parts) {
    this.path = parts.path
    this.subject = parts.subject
    this.equality = toEquality(parts)
    this.#place = parts.place
    this.#action = parts.action
    this.#wanted = parts.wanted
    this.#base64 = parts.base64
    this.#sortArray = parts.sortArray
    this.#test = parts.test
  }

  get place(): string {
    return this.#place.name
  }

  get action(): string {
    return this.#action.name
  }

  get wanted(): Json {
    return this.#action.takes === 'none' ? null : this.#wanted.value
  }

  get base64(): boolean {
    return this.#base64
  }

  get key(): string {
    const { name, takes } = this.#action
    const { value, fromFile } = this.#wanted
    if (name === 'any') return 'any'
    const parts = [this.subject, this.#place.name, name, this.#base64 ? 'base64' : '', fromFile ? 'file' : '']
    const sorted = this.#sortArray && takes === 'text'
    if (takes !== 'none') parts.push(sorted ? 'sorted' : '', canonical(value, sorted))
    const key = parts.join('\0')
    return key.length <= 300 ? key : `sha256:${createHash('sha256').update(key).digest('base64')}`
  }

  matches(subjects: Subjects): boolean {
    const { prepare, value } = this.#wanted
    let values = this.#place.read(subjects)
    if (prepare !== undefined) values = values.map(prepare).filter((found) => found !== undefined)
    if (values.length === 0) return this.#action.whenAbsent
    // What several values are together can only be meant where a list is wanted.
    if (this.subject === 'body' && !this.#place.singular && Array.isArray(value)) values = [...values, [...values]]
    this.#test ??= this.#action.compile({ value, sortArray: this.#sortArray })
    return this.#action.needs === 'all' ? values.every(this.#test) : values.some(this.#test)
  }

  describe(): string {
    const { words, takes } = this.#action
    const value = takes === 'none' ? '' : ` ${this.#isHidden ? '(masked)' : preview(this.#wanted.value)}`
    return `${this.subject} ${this.path} ${words}${value}${this.#base64 ? ', after base64' : ''}`
  }

  found(subjects: Subjects): string {
    const values = this.#place.read(subjects)
    if (values.length === 0) return 'nothing'
    if (this.#isHidden) return '(masked)'
    const shown = values.slice(0, 5).map((found) => (this.#base64 ? previewBase64(found) : preview(found)))
    return shown.join(', ') + (values.length > 5 ? ` and ${values.length - 5} more` : '')
  }

  get #isHidden(): boolean {
    return isSecret(this.subject, this.#place)
  }
}

function toEquality({ subject, place, action, wanted, base64 }: Parts): Equality | undefined {
  const { value } = wanted
  if (action.name !== 'equals' || base64 || wanted.fromFile || !place.singular) return undefined
  const text = subject !== 'body' ? value : toScalarKey(value)
  return typeof text === 'string' ? { on: place.on, value: text, lookup: place.lookup } : undefined
}

function canonical(value: Json, sorted: boolean): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item, sorted))
    return `[${(sorted ? items.sort() : items).join()}]`
  }
  if (value instanceof RawNumber) return value.text
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json, sorted)}`)
    .join()}}`
}

const secretHeaders: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie'])

function isSecret(subject: ConditionSubject, { name }: Place): boolean {
  return subject === 'cookie' || (subject === 'header' && secretHeaders.has(name))
}

function previewBase64(found: Json): string {
  const bytes = decodeBase64(typeof found === 'string' ? found.slice(0, 1000) : found)
  return bytes === undefined ? `${preview(found)} (not base64)` : preview(bytes.toString('utf8'))
}
