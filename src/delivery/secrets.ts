// Secrets are references until something is sent, and gone again afterwards: what is recorded of an attempt never shows
// one, in whatever form it comes back.

import { readFile } from 'node:fs/promises'

/** Where a secret is, and what stands before it. */
export interface SecretReference {
  readonly env?: string
  readonly file?: string
  readonly prefix?: string
}

/** A text, or where to find it. */
export type SecretText = string | SecretReference

/** A secret cannot be used for what it is for. The message shows nothing of it. */
export class SecretUnusable extends Error {
  override readonly name: string = 'SecretUnusable'
}

/** The secret that a reference names is not there. */
export class SecretMissing extends SecretUnusable {
  override readonly name = 'SecretMissing'
}

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The file system's by default. */
  readonly readFile?: (path: string) => Promise<string>
}

/** The secrets of one attempt. */
export class Secrets {
  readonly #sources: SecretSources
  readonly #values = new Set<string>()

  constructor(sources: SecretSources) {
    this.#sources = sources
  }

  /** The text meant. Throws `SecretMissing`. */
  async resolve({ env, file, prefix = '' }: SecretReference): Promise<string> {
    const value = env !== undefined ? this.#fromEnv(env) : await this.#fromFile(file ?? '')
    this.#values.add(value)
    return prefix + value
  }

  /** Hides this too: what a secret holds besides what is around it. */
  hide(part: string): void {
    if (part !== '') this.#values.add(part)
  }

  /** Hides what was resolved: as it is, escaped as anybody may, in hexadecimal, and in base64 on its own or within more. */
  redact(text: string): string {
    if (this.#values.size === 0 || text === '') return text
    let redacted = text
    for (const { form } of this.#forms(text.length)) redacted = redacted.replaceAll(form, '******')
    return redacted
  }

  /** Those that a text of this length can hold, the longest first, so that no part of one is left beside another. */
  #forms(longest: number): Form[] {
    const forms: Form[] = []
    for (const value of this.#values) {
      if (value.length > longest) continue
      for (const form of writtenForms(value)) forms.push({ length: value.length, form })
      for (const form of new Set([...base64Forms(value), ...hexForms(value)])) forms.push({ length: form.length, form })
    }
    return forms.sort((a, b) => b.length - a.length)
  }

  #fromEnv(name: string): string {
    const value = this.#sources.env[name]
    if (value === undefined || value === '') throw new SecretMissing(`the environment variable ${name} is not set`)
    return value
  }

  async #fromFile(path: string): Promise<string> {
    const read = this.#sources.readFile ?? ((from: string) => readFile(from, 'utf8'))
    let text: string
    try {
      text = await read(path)
    } catch (error) {
      throw new SecretMissing(
        `the secret's file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? ''}`,
      )
    }
    // Editors and `echo` end a file with a line break that nobody means.
    const value = text.replace(/\r?\n$/, '')
    if (value === '') throw new SecretMissing(`the secret's file ${path} is empty`)
    return value
  }
}

interface Form {
  readonly length: number
  readonly form: string | RegExp
}

/** A text, however its signs are escaped: in JSON, URLs or HTML, by whatever wrote it, all of them or some. */
function writtenForms(value: string): readonly (string | RegExp)[] {
  if (/^[A-Za-z0-9]*$/.test(value)) return [value]
  let pattern = compiled.get(value)
  if (pattern === undefined) {
    pattern = new RegExp([...value].map(anyWriting).join(''), 'g')
    if (compiled.size >= mostCompiled) compiled.clear()
    compiled.set(value, pattern)
  }
  return [pattern]
}

/** The same few secrets are hidden in every answer. */
const compiled = new Map<string, RegExp>()
const mostCompiled = 500

const namedEntities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }
const shortEscapes: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' }

/** Letters and digits are never escaped. */
function anyWriting(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character
  const code = character.codePointAt(0) as number
  const bytes = [...Buffer.from(character)].map((byte) => `%${anyCase(byte.toString(16).padStart(2, '0'))}`)
  const units = [...character.split('')].map(
    (unit) => `\\\\{1,3}u${anyCase(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`,
  )
  const literal = character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  const named = namedEntities[character]
  const short = shortEscapes[character]
  const ways = [
    // A backslash may be escaped by others; before anything else there may be some.
    character === '\\' ? '\\\\{1,4}' : `\\\\{0,3}${literal}`,
    bytes.join(''),
    units.join(''),
    `&#(?:0*${code}|[xX]0*${anyCase(code.toString(16))});`,
    ...(named === undefined ? [] : [`&${named};`]),
    ...(short === undefined ? [] : [`\\\\{1,3}${short}`]),
    ...(character === ' ' ? ['\\+'] : []),
  ]
  return `(?:${ways.join('|')})`
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

/** Shorter ones are in many numbers. */
const leastHexed = 6

function hexForms(value: string): string[] {
  const hex = Buffer.from(value).toString('hex')
  return value.length < leastHexed ? [] : [hex, hex.toUpperCase()]
}

/** Shorter runs would hide what is no secret. */
const leastBase64 = 6

/** What of a value shows in the base64 of any text around it: six bits a character, so there are three alignments. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value)
  const whole = bytes.toString('base64')
  const forms = [whole, whole.replace(/=+$/, '')]
  for (let shift = 0; shift < 3; shift += 1) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const from = Math.ceil((shift * 8) / 6)
    const to = Math.floor(((shift + bytes.length) * 8) / 6)
    if (to - from >= leastBase64) forms.push(encoded.slice(from, to))
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}
