// One reading of an encrypted file: values are decrypted where they stand, in their order, which the MAC is over.

import { createHash } from 'node:crypto'
import type { Json } from '../../expression/json.js'
import { exactNumber } from '../number.js'
import { joinPointer, type Span, type TextFault } from '../reading.js'
import { readSealed, unseal } from './cipher.js'
import type { Envelope } from './envelope.js'
import { macText } from './mac-text.js'

/** SHA-256 of `sops`: so that a MAC over the encrypted values alone is never one over all. */
const onlyEncrypted = createHash('sha256').update('sops').digest()

const commentEnd = 'type:comment]'

export type Path = readonly (string | number)[]

/** A scalar as it stands in the text. */
export interface Written {
  /** Undefined for what is no text. */
  readonly text: string | undefined
  /** What the MAC sees of a value that is not encrypted; undefined for null, which it does not see. */
  readonly plain: string | undefined
  readonly span: Span
}

export interface Replacement {
  readonly span: Span
  readonly value: Json
}

/** Without a key nothing is decrypted; what is encrypted is noted all the same. */
export class Unsealing {
  /** Pointers to the encrypted values of the document at hand. */
  places = new Set<string>()
  /** What was wrong in the document at hand. */
  faults: TextFault[] = []
  readonly replacements: Replacement[] = []
  /** Where the metadata stands, and comments in lists. */
  readonly cuts: Span[] = []
  readonly #envelope: Envelope
  readonly #key: Uint8Array | undefined
  readonly #hash = createHash('sha512')
  #failed = false

  constructor(envelope: Envelope, key: Uint8Array | undefined) {
    this.#envelope = envelope
    this.#key = key
    if (envelope.macOnlyEncrypted) this.#hash.update(onlyEncrypted)
  }

  nextDocument(): void {
    this.places = new Set()
    this.faults = []
  }

  /** A comment within a list, which SOPS encrypts to an entry of it. */
  isComment(path: Path, text: unknown): boolean {
    if (typeof text !== 'string' || !text.endsWith(commentEnd)) return false
    const keys = keysOf(path)
    const sealed = this.#envelope.isEncrypted(keys) === false ? undefined : readSealed(text)
    if (sealed === undefined) return false
    return this.#key === undefined || unseal(sealed, this.#key, placeOf(keys)) !== undefined
  }

  /** The decrypted value; undefined when it stays as it is written. */
  value(path: Path, { text, plain, span }: Written): { readonly json: Json } | undefined {
    if (plain === undefined) return undefined
    const sealed = text === undefined ? undefined : readSealed(text)
    const keys = keysOf(path)
    if (!(this.#envelope.isEncrypted(keys) ?? sealed !== undefined)) {
      if (!this.#envelope.macOnlyEncrypted) this.#hash.update(plain)
      return undefined
    }
    // SOPS leaves empty texts as they are.
    if (text === '') return undefined
    const pointer = path.reduce<string>(joinPointer, '')
    if (sealed === undefined) {
      const message = 'this value is not encrypted, although the rules of its file say that it is'
      return this.#fail(
        'sops-not-encrypted',
        span,
        pointer,
        message,
        'encrypt it with sops, by editing with `sops edit`',
      )
    }
    this.places.add(pointer)
    if (this.#key === undefined) return undefined
    const decrypted = unseal(sealed, this.#key, placeOf(keys))
    if (decrypted === undefined) {
      const message = 'this value cannot be decrypted: it was changed, or belongs to another place or file'
      return this.#fail('sops-value', span, pointer, message, 'change encrypted files with `sops edit` only')
    }
    const value = decodedValue(sealed.type, decrypted)
    if (value === undefined) {
      const message = `this value is encrypted as "${sealed.type}", which cannot be read`
      return this.#fail('sops-value', span, pointer, message, 'write it as text, number, or true or false')
    }
    this.#hash.update(macText(value.json, decrypted))
    this.replacements.push({ span, value: value.json })
    return value
  }

  /** Undefined when everything is as it was when SOPS wrote the file; always without a key. */
  finish(): { rule: string; message: string; hint: string } | undefined {
    if (this.#key === undefined || this.#failed) return undefined
    const sealed = readSealed(this.#envelope.mac)
    const mac = sealed === undefined ? undefined : unseal(sealed, this.#key, this.#envelope.lastModified)
    if (mac === this.#hash.digest('hex').toUpperCase()) return undefined
    return {
      rule: 'sops-mac',
      message: 'the MAC of this encrypted file does not match: values were changed, removed or added without sops',
      hint: 'undo the change, or look at it with `sops decrypt --ignore-mac` and save it with `sops edit --ignore-mac`',
    }
  }

  #fail(rule: string, span: Span, pointer: string, message: string, hint: string): undefined {
    this.#failed = true
    this.faults.push({ rule, span, pointer, message, hint })
  }
}

/** What is wrong with the file as a whole when all of it is decrypted. */
export function macFault(unsealing: Unsealing | undefined): TextFault | undefined {
  const fault = unsealing?.finish()
  return fault === undefined ? undefined : { ...fault, span: unsealing?.cuts.at(-1) ?? [0, 1], pointer: '' }
}

function placeOf(keys: readonly string[]): string {
  return `${keys.join(':')}:`
}

/** SOPS does not count the entries of lists. */
function keysOf(path: Path): string[] {
  return path.filter((part) => typeof part === 'string')
}

function decodedValue(type: string, text: string): { json: Json } | undefined {
  if (type === 'str' || type === 'bytes' || type === 'time') return { json: text }
  if (type === 'bool') return { json: /^(1|t|true)$/i.test(text) }
  if (type !== 'int' && type !== 'float') return undefined
  const number = exactNumber(text, Number(text))
  return number === undefined ? undefined : { json: number }
}
