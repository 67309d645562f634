// Public keys as people have them: lines of `id_ed25519.pub`, and files of allowed signers (ssh-keygen(1), ALLOWED SIGNERS).

import { readSshKey, type SshKey, sshKeyTypes, UnsupportedSshKey } from './ssh-key.js'

export interface AllowedSigner {
  readonly key: SshKey
  /** Principals or comment; empty when there is neither. */
  readonly name: string
  /** Whether the key may sign for a namespace. Undefined: for all. */
  readonly namespaces?: (name: string) => boolean
  /** Milliseconds since 1970. */
  readonly validAfter?: number
  /** Milliseconds since 1970. */
  readonly validBefore?: number
}

/** A declared key cannot be used; the message begins with where it is. */
export class KeyUnusable extends Error {
  override readonly name = 'KeyUnusable'
}

/** Lines such as `ssh-ed25519 AAAA… anna@example.com`. `place` names the text. Throws `KeyUnusable`. */
export function parsePublicKeys(text: string, place: string): AllowedSigner[] {
  const signers = linesOf(text).map(({ line, number }) => {
    const at = text.trim().includes('\n') ? `${place}:${number}` : place
    if (/PRIVATE KEY-----/.test(line)) throw new KeyUnusable(`${at}: a private key; declare the public one (….pub)`)
    const { type, blob, comment } = splitKey(line, at)
    return { key: keyOf(type, blob, at), name: comment }
  })
  if (signers.length === 0) throw new KeyUnusable(`${place}: no key; write a line such as "ssh-ed25519 AAAA… name"`)
  return signers
}

/** Throws `KeyUnusable`. */
export function parseAllowedSigners(text: string, place: string): AllowedSigner[] {
  const signers = linesOf(text).map(({ line, number }) => parseSigner(line, `${place}:${number}`))
  if (signers.length === 0) throw new KeyUnusable(`${place}: no allowed signer`)
  return signers
}

function parseSigner(line: string, place: string): AllowedSigner {
  const [principals = '', ...words] = splitWords(line, place)
  const rest = words.join(' ')
  if (sshKeyTypes.has(principals)) {
    throw new KeyUnusable(`${place}: the principals are missing: write "name@example.com ${principals} …"`)
  }
  const [first = '', ...others] = words
  const hasOptions = !isKeyType(first)
  const { type, blob } = splitKey(hasOptions ? others.join(' ') : rest, place)
  const limits = hasOptions ? parseOptions(first, place) : {}
  return { key: keyOf(type, blob, place), name: principals.replace(/^"(.*)"$/, '$1'), ...limits }
}

type Limits = Pick<AllowedSigner, 'namespaces' | 'validAfter' | 'validBefore'>

const options: Readonly<Record<string, (value: string, place: string) => Limits>> = {
  'cert-authority': (_, place) => {
    const instead = 'list the keys of those who sign, one line each'
    throw new KeyUnusable(`${place}: cert-authority is not supported; ${instead}`)
  },
  namespaces: (value) => ({ namespaces: patternList(value) }),
  'valid-after': (value, place) => ({ validAfter: parseTime(value, place) }),
  'valid-before': (value, place) => ({ validBefore: parseTime(value, place) }),
}

function parseOptions(text: string, place: string): Limits {
  const limits = splitOptions(text).map((option) => {
    const [, name = '', , value = ''] = /^([^=]*)(="?([^"]*)"?)?$/.exec(option) ?? []
    const read = Object.hasOwn(options, name.toLowerCase()) ? options[name.toLowerCase()] : undefined
    if (read !== undefined) return read(value, place)
    throw new KeyUnusable(`${place}: ${JSON.stringify(option.slice(0, 60))} is neither an option nor a key type`)
  })
  return Object.assign({}, ...limits)
}

/** `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`; in local time, or with a Z in UTC. */
function parseTime(value: string, place: string): number {
  const [, year, month, day, hour = '0', minute = '0', second = '0', utc] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z)?$/i.exec(value) ?? []
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const
  const time = utc === undefined ? new Date(...parts) : new Date(Date.UTC(...parts))
  const right = utc === undefined ? time.getMonth() === parts[1] : time.getUTCMonth() === parts[1]
  if (Number.isNaN(time.getTime()) || !right) {
    throw new KeyUnusable(
      `${place}: ${JSON.stringify(value.slice(0, 60))} is no time; write YYYYMMDD or YYYYMMDDHHMMSS`,
    )
  }
  return time.getTime()
}

/** `git,file*,!files`: one has to match, and none that begins with `!`. */
function patternList(list: string): (name: string) => boolean {
  const patterns = list.split(',').map((pattern) => ({
    not: pattern.startsWith('!'),
    match: new RegExp(
      `^${pattern
        .replace(/^!/, '')
        .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    ),
  }))
  return (name) =>
    patterns.some(({ not, match }) => !not && match.test(name)) &&
    !patterns.some(({ not, match }) => not && match.test(name))
}

function linesOf(text: string): { line: string; number: number }[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
}

/** At white space outside double quotes. */
function splitWords(line: string, place: string): string[] {
  const words = line.match(/(?:"[^"]*"|[^\s"])+/g) ?? []
  if (words.join('').length !== line.replace(/\s(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '').length) {
    throw new KeyUnusable(`${place}: a double quote is not closed`)
  }
  return words
}

function splitOptions(text: string): string[] {
  return text.match(/(?:"[^"]*"|[^,"])+/g) ?? []
}

function isKeyType(word: string): boolean {
  return /^(ssh|ecdsa|sk)-[\w@.-]+$/.test(word)
}

function splitKey(line: string, place: string): { type: string; blob: string; comment: string } {
  const [type = '', blob = '', ...comment] = line.split(/\s+/)
  if (!isKeyType(type)) {
    throw new KeyUnusable(
      `${place}: ${JSON.stringify(type.slice(0, 60))} is no key type; a key is a line such as "ssh-ed25519 AAAA… name"`,
    )
  }
  return { type, blob, comment: comment.join(' ') }
}

function keyOf(type: string, encoded: string, place: string): SshKey {
  const blob = Buffer.from(encoded, 'base64')
  if (blob.length === 0 || blob.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) {
    throw new KeyUnusable(`${place}: the key after ${type} is not base64`)
  }
  try {
    const key = readSshKey(blob)
    if (key.type !== type) throw new KeyUnusable(`${place}: this says ${type}, but the key is ${key.type}`)
    return key
  } catch (error) {
    if (error instanceof UnsupportedSshKey) throw new KeyUnusable(`${place}: ${error.message}`)
    throw error
  }
}
