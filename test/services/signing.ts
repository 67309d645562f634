// Real signatures: by ssh-keygen and gpg, as git has them made.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from './service-process.js'

/** Why there are no SSH signatures here, or undefined when there are. */
export function sshKeygenMissing(): string | undefined {
  return findCommand('ssh-keygen') === undefined ? 'there is no ssh-keygen command' : undefined
}

/** Why there are no OpenPGP signatures here, or undefined when there are. */
export function gpgMissing(): string | undefined {
  return findCommand('gpg') === undefined ? 'there is no gpg command' : undefined
}

export interface SshSigner {
  /** A line of `….pub`. */
  readonly publicKey: string
  /** Options of git that make it sign with this key. */
  readonly options: readonly string[]
}

/** A new key pair below `folder`. */
export function sshSigner(folder: string, name: string, ...args: readonly string[]): SshSigner {
  const file = join(folder, name)
  const options = args.length === 0 ? ['-t', 'ed25519'] : args
  execFileSync('ssh-keygen', ['-q', ...options, '-N', '', '-C', `${name}@example.com`, '-f', file])
  return {
    publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
    options: ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${file}.pub`],
  }
}

/** A keyring of gpg's own, whose agent ends with `end`. */
export class Gpg {
  readonly #home: string

  /** `folder` has to be short: the path of a socket below it may have 107 characters. */
  constructor(folder: string) {
    this.#home = join(folder, 'gnupg')
    mkdirSync(this.#home, { mode: 0o700 })
  }

  /** Options of git that make it sign with a new key of this name. */
  signer(name: string, algorithm = 'ed25519', expiry = 'never'): readonly string[] {
    this.#run('--quick-generate-key', `${name} <${name}@example.com>`, algorithm, 'sign', expiry)
    return [
      '-c',
      'gpg.format=openpgp',
      '-c',
      `gpg.program=${this.#program()}`,
      '-c',
      `user.signingkey=${this.fingerprint(name)}`,
    ]
  }

  fingerprint(name: string): string {
    return /^fpr:+([0-9A-F]+):/m.exec(this.#run('--list-keys', '--with-colons', `${name}@example.com`))?.[1] ?? ''
  }

  /** Armored. */
  publicKey(name: string): string {
    return this.#run('--armor', '--export', `${name}@example.com`)
  }

  /** With the certificate that gpg made beside the key. */
  revoke(name: string): void {
    const file = join(this.#home, 'openpgp-revocs.d', `${this.fingerprint(name)}.rev`)
    const certificate = readFileSync(file, 'utf8').replace(':-----BEGIN', '-----BEGIN')
    execFileSync('gpg', ['--batch', '--quiet', '--import'], { env: this.#env(), input: certificate, stdio: 'pipe' })
  }

  end(): void {
    execFileSync('gpgconf', ['--kill', 'all'], { env: this.#env() })
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, GNUPGHOME: this.#home }
  }

  #run(...args: readonly string[]): string {
    const options = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '']
    return execFileSync('gpg', [...options, ...args], {
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString()
  }

  /** Git calls a program by its name: one that knows this keyring. */
  #program(): string {
    const file = join(this.#home, 'gpg-here')
    writeFileSync(
      file,
      `#!/bin/sh\nexec gpg --homedir '${this.#home}' --batch --pinentry-mode loopback --passphrase '' "$@"\n`,
      { mode: 0o755 },
    )
    return file
  }
}
