// Which files of a snapshot are encrypted, and what opens each. Data keys are kept as long as the file is; what they
// open is never written anywhere.

import type { SourceFile } from '../../source/source.js'
import type { Limits } from '../limits.js'
import { Slices } from '../slices.js'
import { type AgeKeys, unlock } from './age-keys.js'
import { sealedStart } from './cipher.js'
import { type Envelope, EnvelopeFault, readEnvelope } from './envelope.js'
import { readPlain } from './plain-reading.js'
import { Unsealing } from './unsealing.js'

export interface SopsProblem {
  readonly rule: string
  readonly message: string
  readonly hint: string
}

/** A file that SOPS has encrypted. */
export interface EncryptedFile {
  /** Undefined when it cannot be told what is encrypted. */
  readonly envelope: Envelope | undefined
  readonly key: Uint8Array | undefined
  /** Why there is no key. */
  readonly problem: SopsProblem | undefined
  /** A text of another kind than YAML and JSON, in an envelope of JSON. */
  readonly isBinary: boolean
}

export class EncryptedFiles {
  readonly #keys: AgeKeys
  readonly #limits: Limits
  readonly #files = new WeakMap<SourceFile, EncryptedFile>()
  #locked = new Set<SourceFile>()
  #identities = ''

  constructor(keys: AgeKeys, limits: Limits) {
    this.#keys = keys
    this.#limits = limits
  }

  /** Undefined for one that is not encrypted, or was not looked at by `open`. */
  of(file: SourceFile): EncryptedFile | undefined {
    return this.#files.get(file)
  }

  /**
   * Looks for encrypted files among `changed`, and opens them. Returns those of `present` that were locked before and are
   * worth another look, because the keys are others now.
   */
  async open(changed: Iterable<SourceFile>, present: ReadonlyMap<string, SourceFile>): Promise<SourceFile[]> {
    const slices = new Slices()
    const found: SourceFile[] = []
    for (const file of changed) {
      if (mayBeEncrypted(file)) found.push(file)
      if (slices.over) await slices.next()
    }
    const locked = [...this.#locked].filter((file) => present.get(file.path) === file)
    this.#locked = new Set(locked)
    if (found.length === 0 && locked.length === 0) return []
    const identities = await this.#keys.identities()
    const text = JSON.stringify(identities)
    const again = text === this.#identities ? [] : locked.filter((file) => !found.includes(file))
    this.#identities = text
    for (const file of [...found, ...again]) {
      const encrypted = await this.#look(file, identities)
      if (encrypted === undefined) continue
      this.#files.set(file, encrypted)
      if (encrypted.key === undefined) this.#locked.add(file)
      else this.#locked.delete(file)
    }
    return again
  }

  async #look(file: SourceFile, identities: Parameters<typeof unlock>[1]): Promise<EncryptedFile | undefined> {
    const isBinary = !/\.(ya?ml|json)$/i.test(file.path)
    const locked = (problem: SopsProblem, envelope?: Envelope): EncryptedFile => {
      return { envelope, key: undefined, problem, isBinary }
    }
    try {
      const documents = readPlain(file, this.#limits)
      const envelope = documents.map(({ value }) => readEnvelope(value)).find((each) => each !== undefined)
      if (envelope === undefined) return undefined
      const fault = documents.flatMap(({ faults }) => faults).find(({ pointer }) => /^\/sops(\/|$)/.test(pointer))
      if (fault !== undefined) {
        throw new EnvelopeFault(`, and what sops says of it is damaged: ${fault.message}`, 'undo the change')
      }
      const unlocked = await unlock(envelope, identities)
      if (!('key' in unlocked)) return locked(unlocked, envelope)
      return { envelope, key: unlocked.key, problem: undefined, isBinary }
    } catch (error) {
      if (!(error instanceof EnvelopeFault)) throw error
      return locked({ rule: 'sops-metadata', message: `this file is encrypted${error.message}`, hint: error.hint })
    }
  }
}

/** For one reading of the file. Undefined when nothing is encrypted in it, or it cannot be told what. */
export function unsealingOf(file: EncryptedFile | undefined): Unsealing | undefined {
  return file?.envelope === undefined ? undefined : new Unsealing(file.envelope, file.key)
}

function mayBeEncrypted({ bytes }: SourceFile): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.includes(sealedStart) && buffer.includes('sops')
}
