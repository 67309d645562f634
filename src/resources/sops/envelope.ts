// What SOPS writes beside the values it has encrypted: for whom, which values, and a MAC over all of them.
// https://github.com/getsops/sops: stores/stores.go, sops.go.

import type { Json } from '../../expression/json.js'
import { compileRegex, RegexError } from '../../expression/regex.js'

/** Metadata of one file. */
export interface Envelope {
  /** The data key, encrypted for each recipient, as armored age files. */
  readonly age: readonly { readonly recipient: string; readonly enc: string }[]
  /** Key services besides age that could give the data key: `pgp`, `kms`, … */
  readonly others: readonly string[]
  readonly mac: string
  readonly lastModified: string
  /** The MAC is over the encrypted values alone. */
  readonly macOnlyEncrypted: boolean
  /** Whether a value is encrypted, by the keys that lead to it. Undefined: its text alone tells. */
  readonly isEncrypted: (path: readonly string[]) => boolean | undefined
}

/** Metadata that cannot be used; the message goes on after "this file is encrypted". */
export class EnvelopeFault extends Error {
  override readonly name = 'EnvelopeFault'
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

type Fields = { readonly [key: string]: Json }
type Rule = (setting: string) => Envelope['isEncrypted']

const otherServices = ['pgp', 'kms', 'gcp_kms', 'hckms', 'azure_kv', 'hc_vault']
/** SOPS's, when a file names no rule. */
const defaultSuffix = '_unencrypted'

const rules: Readonly<Record<string, Rule>> = {
  unencrypted_suffix: (suffix) => (path) => !path.some((key) => key.endsWith(suffix)),
  encrypted_suffix: (suffix) => (path) => path.some((key) => key.endsWith(suffix)),
  unencrypted_regex: (pattern) => {
    const regex = compile(pattern)
    return (path) => !path.some((key) => regex.test(key))
  },
  encrypted_regex: (pattern) => {
    const regex = compile(pattern)
    return (path) => path.some((key) => regex.test(key))
  },
  // These look at comments, which values do not tell of.
  unencrypted_comment_regex: () => () => undefined,
  encrypted_comment_regex: () => () => undefined,
}

/** The metadata in a document; undefined when it has none. Throws `EnvelopeFault`. */
export function readEnvelope(document: Json | undefined): Envelope | undefined {
  const sops = fieldsOf(fieldsOf(document)?.sops)
  if (sops === undefined || typeof sops.mac !== 'string' || typeof sops.lastmodified !== 'string') return undefined
  const groups = Array.isArray(sops.key_groups) ? sops.key_groups : []
  if (groups.length > 1) {
    throw new EnvelopeFault(
      ' with a key in several parts (key_groups), which is not supported',
      'encrypt it for age recipients in one group',
    )
  }
  const keys = fieldsOf(groups[0]) ?? sops
  const age = (Array.isArray(keys.age) ? keys.age : []).flatMap((entry) => {
    const { recipient, enc } = fieldsOf(entry) ?? {}
    return typeof enc === 'string' ? [{ recipient: typeof recipient === 'string' ? recipient : '?', enc }] : []
  })
  return {
    age,
    others: otherServices.filter((name) => Array.isArray(keys[name]) && keys[name].length > 0),
    mac: sops.mac,
    lastModified: sops.lastmodified,
    macOnlyEncrypted: sops.mac_only_encrypted === true,
    isEncrypted: ruleOf(sops),
  }
}

function ruleOf(sops: Fields): Envelope['isEncrypted'] {
  const named = Object.keys(rules).filter((name) => typeof sops[name] === 'string' && sops[name] !== '')
  const [name] = named
  if (named.length > 1) {
    throw new EnvelopeFault(` by several rules at once: ${named.join(', ')}`, 'keep one of them, and encrypt it again')
  }
  const rule = name === undefined ? undefined : rules[name]
  if (name === undefined || rule === undefined) return (path) => !path.some((key) => key.endsWith(defaultSuffix))
  return rule(String(sops[name]))
}

function compile(pattern: string): { test(text: string): boolean } {
  try {
    return compileRegex(pattern)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new EnvelopeFault(` by a rule that does not compile: ${error.message}`, 'correct the regular expression')
  }
}

function fieldsOf(value: Json | undefined): Fields | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  return value as Fields
}
