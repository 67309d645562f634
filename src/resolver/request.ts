import type { Subjects } from '../expression/condition.js'
import { type Json, parseJson } from '../expression/json.js'
import { addNamed, type Location, type NamedValues, parsePairs, valuesOf } from './location.js'

export interface Body {
  /** After inflation. */
  readonly bytes: Buffer
  /** As it arrived. */
  readonly raw: Buffer
  /** Multipart bodies: their fields, parsed while reading; a file counts with its name. */
  readonly fields?: NamedValues
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

const noHeader: readonly string[] = Object.freeze([])

/** One request as conditions and expressions see it. Everything is worked out when first asked for. */
export class Request implements Subjects {
  readonly method: string
  readonly location: Location
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[]
  /** Lower-case names, as node:http joins them. For headers that make sense once. */
  readonly single: Headers
  received: Body | undefined
  #headers: Record<string, string[]> | undefined
  #query: NamedValues | undefined
  #cookies: NamedValues | undefined
  #form: NamedValues | undefined
  #text: string | undefined
  #json: { readonly value: Json } | null | undefined

  constructor(method: string, location: Location, rawHeaders: readonly string[], single: Headers) {
    this.method = method
    this.location = location
    this.rawHeaders = rawHeaders
    this.single = single
  }

  /** The body as it arrived; undefined when there is none, or it was not read. */
  get raw(): Buffer | undefined {
    return this.received?.raw
  }

  get headers(): Record<string, string[]> {
    this.#headers ??= headerLists(this.rawHeaders)
    return this.#headers
  }

  get queryParams(): NamedValues {
    this.#query ??= parsePairs(this.location.query)
    return this.#query
  }

  /** The body for expressions: parsed JSON, form fields as an object, else text; undefined when there is none. */
  get content(): Json | undefined {
    if (this.received === undefined) return undefined
    const json = this.#parsed()
    if (json !== null) return json.value
    return this.#isForm() ? this.fields : this.#asText()
  }

  get fields(): NamedValues {
    this.#form ??= this.#readForm()
    return this.#form
  }

  header(name: string): readonly string[] {
    return this.headers[name] ?? noHeader
  }

  query(name: string): readonly string[] {
    return valuesOf(this.queryParams, name)
  }

  cookie(name: string): readonly string[] {
    this.#cookies ??= parseCookies(this.header('cookie'))
    return valuesOf(this.#cookies, name)
  }

  form(name: string): readonly string[] {
    return valuesOf(this.fields, name)
  }

  body(): Json | undefined {
    if (this.received === undefined) return undefined
    const json = this.#parsed()
    return json === null ? this.#asText() : json.value
  }

  #type(): string {
    const type = this.single['content-type']
    return typeof type === 'string' ? type : ''
  }

  #isForm(): boolean {
    return this.received?.fields !== undefined || /^\s*application\/x-www-form-urlencoded/i.test(this.#type())
  }

  #readForm(): NamedValues {
    if (this.received === undefined || !this.#isForm()) return Object.create(null)
    return this.received.fields ?? parsePairs(this.#asText())
  }

  /** A body that claims JSON and is not stays text. */
  #parsed(): { readonly value: Json } | null {
    this.#json ??= this.#parse()
    return this.#json
  }

  #parse(): { readonly value: Json } | null {
    const type = this.#type()
    if (!isJson(type) && !this.#looksLikeJson(type)) return null
    try {
      return { value: parseJson(this.#asText()) }
    } catch {
      return null
    }
  }

  /** `curl -d '{…}'` calls its JSON a form, and some clients name no type at all. */
  #looksLikeJson(type: string): boolean {
    if (type !== '' && !/^\s*application\/x-www-form-urlencoded/i.test(type)) return false
    return /^\s*[{[]/.test(this.#asText())
  }

  #asText(): string {
    this.#text ??= decodeText(this.received?.bytes ?? Buffer.alloc(0), this.#type())
    return this.#text
  }
}

/** Names and values in turn, as lists by lower-case name. Null prototype. */
export function headerLists(raw: readonly string[]): Record<string, string[]> {
  const lists: Record<string, string[]> = Object.create(null)
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    const value = raw[at + 1] ?? ''
    const list = lists[name]
    if (list === undefined) lists[name] = [value]
    else list.push(value)
  }
  return lists
}

function isJson(type: string): boolean {
  return (
    type.startsWith('application/json') || /^\s*[\w.+-]+\/(?:json|[\w.+-]*\+json|json5|x-json)\s*(?:;|$)/i.test(type)
  )
}

function parseCookies(headers: readonly string[]): NamedValues {
  const values: NamedValues = Object.create(null)
  for (const pair of headers.flatMap((header) => header.split(';'))) {
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const value = pair.slice(equals + 1).trim()
    const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"')
    addNamed(values, pair.slice(0, equals).trim(), decodeCookie(quoted ? value.slice(1, -1) : value))
  }
  return values
}

function decodeCookie(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** By the type's charset, UTF-8 otherwise; without a byte order mark. */
function decodeText(bytes: Buffer, type: string): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1]?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    try {
      return new TextDecoder(charset).decode(bytes)
    } catch {
      // An unknown charset: read as UTF-8, as if none were named.
    }
  }
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
