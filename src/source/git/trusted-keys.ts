// The keys that settings declare, read anew for each look: a key that is taken away counts no more from then on.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { KeyUnusable, parseAllowedSigners, parsePublicKeys } from './allowed-signers.js'
import { OpenpgpKeys } from './openpgp.js'
import type { TrustedKeys } from './signature.js'

/** A text, or the file that holds it. Public keys are no secrets. */
export type KeyText = string | { readonly file: string }

/** `source.verify.keys` of the settings. */
export interface DeclaredKeys {
  /** Lines of OpenSSH public keys. */
  readonly ssh?: readonly KeyText[]
  /** What `gpg --export` writes. */
  readonly openpgp?: readonly KeyText[]
  /** As `gpg.ssh.allowedSignersFile` of git. */
  readonly allowedSigners?: KeyText
}

interface Found {
  readonly place: string
  readonly bytes: Buffer
}

export class TrustedKeyFiles {
  readonly #declared: DeclaredKeys
  readonly #read: (path: string) => Promise<Buffer>
  #last: { readonly found: readonly Found[]; readonly keys: TrustedKeys } | undefined

  constructor(declared: DeclaredKeys, read: (path: string) => Promise<Buffer> = (path) => readFile(path)) {
    this.#declared = declared
    this.#read = read
  }

  /** As the files are now; parsed again only when one has changed. Throws `KeyUnusable`. */
  async keys(): Promise<TrustedKeys> {
    const { ssh = [], openpgp = [], allowedSigners } = this.#declared
    const lines = await this.#all(ssh, 'ssh')
    const rings = await this.#all(openpgp, 'openpgp')
    const signers = allowedSigners === undefined ? [] : [await this.#find(allowedSigners, 'allowedSigners')]
    const found = [...lines, ...rings, ...signers]
    if (this.#last !== undefined && same(this.#last.found, found)) return this.#last.keys
    const keys = {
      ssh: [
        ...lines.flatMap(({ bytes, place }) => parsePublicKeys(bytes.toString('utf8'), place)),
        ...signers.flatMap(({ bytes, place }) => parseAllowedSigners(bytes.toString('utf8'), place)),
      ],
      openpgp: rings.length === 0 ? undefined : await OpenpgpKeys.read(rings),
    }
    this.#last = { found, keys }
    return keys
  }

  #all(texts: readonly KeyText[], name: string): Promise<Found[]> {
    return Promise.all(texts.map((text, index) => this.#find(text, `${name}[${index}]`)))
  }

  async #find(text: KeyText, name: string): Promise<Found> {
    const place = `source.verify.keys.${name}`
    if (typeof text === 'string') return { place, bytes: Buffer.from(text) }
    try {
      return { place: text.file, bytes: await this.#read(text.file) }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : error)
      throw new KeyUnusable(`${place}: the file ${resolve(text.file)} cannot be read: ${code}`)
    }
  }
}

function same(before: readonly Found[], now: readonly Found[]): boolean {
  return (
    before.length === now.length &&
    now.every(({ place, bytes }, index) => before[index]?.place === place && before[index].bytes.equals(bytes))
  )
}
