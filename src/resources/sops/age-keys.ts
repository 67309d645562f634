// The age keys of whoever reads, and what they open. The library is loaded when there is a file to decrypt.

import { readFile } from 'node:fs/promises'
import type { Envelope } from './envelope.js'

/** Where the key is that settings name; besides it SOPS's own variables are read. */
export interface AgeKeySettings {
  readonly age?: { readonly env?: string; readonly file?: string } | undefined
}

export interface AgeKeySources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The file system's by default. */
  readonly readFile?: (path: string) => Promise<string>
}

/** Keys as they are at one moment. */
export interface AgeIdentities {
  readonly keys: readonly string[]
  /** Why there are not more: sentences without a secret in them. */
  readonly trouble: readonly string[]
}

export type Unlocked =
  | { readonly key: Uint8Array }
  | { readonly rule: string; readonly message: string; readonly hint: string }

const keyForm = /^AGE-SECRET-KEY-[A-Z0-9-]+$/
const dataKeyBytes = 32
const whereKeys = 'set secrets.age in the settings to {env: NAME} or {file: path}, or SOPS_AGE_KEY or SOPS_AGE_KEY_FILE'

export class AgeKeys {
  readonly #declared: AgeKeySettings['age']
  readonly #sources: AgeKeySources

  constructor({ age }: AgeKeySettings, sources: AgeKeySources) {
    this.#declared = age
    this.#sources = sources
  }

  /** Read anew at each call: a file may have come meanwhile. */
  async identities(): Promise<AgeIdentities> {
    const keys = new Set<string>()
    const trouble: string[] = []
    const { env } = this.#sources
    const fromEnv = (name: string, what: string): void => {
      const text = env[name]
      if (text === undefined || text.trim() === '') trouble.push(`the environment variable ${name} is not set`)
      else take(text, what, keys, trouble)
    }
    if (this.#declared?.env !== undefined) fromEnv(this.#declared.env, `the environment variable ${this.#declared.env}`)
    if (env.SOPS_AGE_KEY) fromEnv('SOPS_AGE_KEY', 'SOPS_AGE_KEY')
    for (const path of [this.#declared?.file, env.SOPS_AGE_KEY_FILE]) {
      if (path === undefined || path === '') continue
      try {
        const read = this.#sources.readFile ?? ((from: string) => readFile(from, 'utf8'))
        take(await read(path), path, keys, trouble)
      } catch (error) {
        trouble.push(`the key file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'no text'}`)
      }
    }
    return { keys: [...keys], trouble }
  }
}

/** Lines as age-keygen writes them. What is no key is named by its number, never shown. */
function take(text: string, what: string, keys: Set<string>, trouble: string[]): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const key = line.trim()
    if (key === '' || key.startsWith('#')) continue
    if (keyForm.test(key)) keys.add(key)
    else if (key.startsWith('AGE-PLUGIN-')) trouble.push(`${what} names an age plugin, which is not supported`)
    else trouble.push(`line ${index + 1} of ${what} is no age key (AGE-SECRET-KEY-…)`)
  }
}

/** The file's data key, by the first of the keys that opens it for one of its recipients. */
export async function unlock({ age, others }: Envelope, { keys, trouble }: AgeIdentities): Promise<Unlocked> {
  if (age.length === 0) {
    const services = others.length === 0 ? 'for no recipient' : `with ${others.join(', ')} only, which is not supported`
    const hint = 'add an age recipient: sops rotate --in-place --add-age age1… FILE'
    return { rule: 'sops-key-type', message: `this file is encrypted ${services}`, hint }
  }
  const why = trouble.length === 0 ? '' : `: ${trouble.join('; ')}`
  const recipients = age.map(({ recipient }) => recipient).join(', ')
  if (keys.length === 0) {
    const message = `this file is encrypted for ${recipients}, and there is no age key here${why}`
    return { rule: 'sops-no-key', message, hint: whereKeys }
  }
  const { armor, Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const [index, key] of keys.entries()) {
    try {
      decrypter.addIdentity(key)
    } catch {
      const message = `this file is encrypted, and the ${ordinal(index)} age key here is damaged`
      return { rule: 'sops-no-key', message, hint: whereKeys }
    }
  }
  for (const { enc } of age) {
    try {
      const key = await decrypter.decrypt(armor.decode(enc))
      if (key.length === dataKeyBytes) return { key }
    } catch {
      // It is for somebody else, or damaged: another entry may do.
    }
  }
  const message = `this file is encrypted for ${recipients}, and no age key here is theirs${why}`
  return { rule: 'sops-wrong-key', message, hint: whereKeys }
}

function ordinal(index: number): string {
  return ['first', 'second', 'third'][index] ?? `${index + 1}th`
}
