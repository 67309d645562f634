// SSH signatures as `ssh-keygen -Y sign` makes them: OpenSSH's PROTOCOL.sshsig.

import { createHash } from 'node:crypto'
import type { AllowedSigner } from './allowed-signers.js'
import { fingerprintOf, readSshKey, type SshKey, UnsupportedSshKey } from './ssh-key.js'
import { SshReader, sshString, WireFault } from './ssh-wire.js'
import { refused, type Verdict } from './verdict.js'

const magic = 'SSHSIG'
const namespace = 'git'
const hashes: ReadonlySet<string> = new Set(['sha256', 'sha512'])
const armor = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\s]+)\n-----END SSH SIGNATURE-----\s*$/

interface SshSignature {
  readonly key: Buffer
  readonly namespace: string
  readonly hash: string
  readonly signature: Buffer
}

/** `times`: all moments at which the key has to be valid, in milliseconds since 1970. */
export function verifySsh(
  payload: Uint8Array,
  armored: string,
  signers: readonly AllowedSigner[],
  times: readonly number[],
): Verdict {
  let parts: SshSignature
  try {
    parts = read(armored)
  } catch (error) {
    if (!(error instanceof WireFault)) throw error
    return refused('bad-signature', `has a damaged SSH signature: ${error.message}`)
  }
  const fingerprint = fingerprintOf(parts.key)
  const by = `is signed by the SSH key ${fingerprint}`
  const candidates = signers.filter(({ key }) => key.blob.equals(parts.key))
  if (candidates[0] === undefined) {
    return refused('unknown-key', `${by}, which is not among the declared keys${whyUnusable(parts.key)}`)
  }
  if (parts.namespace !== namespace) {
    return refused('wrong-namespace', `${by} for ${quote(parts.namespace)}, not for "${namespace}"`)
  }
  if (!hashes.has(parts.hash)) return refused('weak-algorithm', `${by} over the hash ${quote(parts.hash)}`)
  try {
    if (!isGenuine(candidates[0].key, parts, payload)) {
      return refused('bad-signature', `has a signature of the SSH key ${fingerprint} that is not over its content`)
    }
  } catch (error) {
    if (error instanceof UnsupportedSshKey) return refused('weak-algorithm', `${by}, but ${error.message}`)
    if (!(error instanceof WireFault)) throw error
    return refused('bad-signature', `has a damaged signature of the SSH key ${fingerprint}: ${error.message}`)
  }
  return judge(candidates, times, by)
}

/** The first signer with this key that may sign for Git now. */
function judge(candidates: readonly AllowedSigner[], times: readonly number[], by: string): Verdict {
  const reasons: Verdict[] = []
  for (const { key, name, namespaces, validAfter, validBefore } of candidates) {
    const whose = name === '' ? '' : ` of ${name}`
    if (namespaces !== undefined && !namespaces(namespace)) {
      reasons.push(
        refused('wrong-namespace', `${by}${whose}, whose declaration is not for the namespace "${namespace}"`),
      )
    } else if (validBefore !== undefined && times.some((time) => time >= validBefore)) {
      reasons.push(refused('expired', `${by}${whose}, which was valid before ${iso(validBefore)} only`))
    } else if (validAfter !== undefined && times.some((time) => time < validAfter)) {
      reasons.push(refused('expired', `${by}${whose}, which is valid from ${iso(validAfter)} on`))
    } else {
      return { verified: true, signer: { scheme: 'ssh', key: key.fingerprint, name: name || key.fingerprint } }
    }
  }
  return reasons[0] ?? refused('unknown-key', by)
}

function isGenuine(key: SshKey, { namespace, hash, signature }: SshSignature, payload: Uint8Array): boolean {
  const digest = createHash(hash).update(payload).digest()
  const signed = [sshString(namespace), sshString(''), sshString(hash), sshString(digest)]
  return key.verify(Buffer.concat([Buffer.from(magic), ...signed]), signature)
}

function read(armored: string): SshSignature {
  const encoded = armor.exec(armored)?.[1]?.replace(/\s+/g, '')
  if (encoded === undefined) throw new WireFault('it is not one whole armored block')
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) throw new WireFault('it is not base64')
  const reader = new SshReader(bytes)
  if (reader.fixed(magic.length).toString('latin1') !== magic) throw new WireFault('it does not begin as one')
  const version = reader.uint32()
  if (version !== 1) throw new WireFault(`its version is ${version}`)
  const key = reader.string()
  const found = reader.text()
  if (reader.string().length > 0) throw new WireFault('its reserved field is in use')
  const hash = reader.text()
  const signature = reader.string()
  reader.end()
  return { key, namespace: found, hash, signature }
}

/** Certificates and the like cannot be declared: whoever signs with one should hear why. */
function whyUnusable(blob: Buffer): string {
  try {
    readSshKey(blob)
    return ''
  } catch (error) {
    if (!(error instanceof UnsupportedSshKey)) throw error
    return ` (${error.message})`
  }
}

function iso(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text)
}
