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

  /** Hides what was resolved: as it is, escaped as in JSON or in a URL, and in base64 on its own or within more. */
  redact(text: string): string {
    if (this.#values.size === 0) return text
    let redacted = text
    for (const form of this.#forms()) redacted = redacted.replaceAll(form, '******')
    return redacted
  }

  /** The longest first, so that no part of one is left beside another. */
  #forms(): string[] {
    const forms = new Set<string>()
    for (const value of this.#values) {
      forms.add(value)
      forms.add(JSON.stringify(value).slice(1, -1))
      forms.add(encodeURIComponent(value))
      forms.add(new URLSearchParams([['', value]]).toString().slice(1))
      for (const form of base64Forms(value)) forms.add(form)
    }
    return [...forms].sort((a, b) => b.length - a.length)
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

/** Shorter runs would hide what is no secret. */
const leastBase64 = 6

/** What of a value shows in the base64 of any text around it: six bits a character, so there are three alignments. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value)
  const forms = [bytes.toString('base64')]
  for (let shift = 0; shift < 3; shift += 1) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const from = Math.ceil((shift * 8) / 6)
    const to = Math.floor(((shift + bytes.length) * 8) / 6)
    if (to - from >= leastBase64) forms.push(encoded.slice(from, to))
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}
