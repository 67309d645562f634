// Who a document is: whether it is one of ours at all, its kind, namespace and name.

import type { Json } from '../expression/json.js'
import { nearest } from '../expression/suggest.js'
import { type Kind, kinds } from './kinds/index.js'
import { quote } from './reading.js'
import { resourceNamePattern } from './schemas.js'
import type { DocumentFinding } from './validate.js'

export const apiVersion = 'callboard/v1'

type JsonObject = { readonly [key: string]: Json }

export function asObject(value: Json | undefined): JsonObject | undefined {
  return value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
    ? (value as JsonObject)
    : undefined
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** `ours`, `foreign`, or what makes it look as if it was meant to be ours. */
export function ownership(document: JsonObject | undefined): 'ours' | 'foreign' | DocumentFinding {
  if (document === undefined) return 'foreign'
  const declared = document.apiVersion
  if (declared === apiVersion) return 'ours'
  if (declared === undefined) return misspeltKey(document)
  if (typeof declared !== 'string') return 'foreign'
  const near = (message: string): DocumentFinding => ({
    rule: 'unknown-api-version',
    severity: 'error',
    pointer: '/apiVersion',
    message,
    hint: `write apiVersion: ${apiVersion}`,
    part: 'value',
  })
  const [group = '', ...rest] = declared.split('/')
  if (group.toLowerCase() === 'callboard' || /^callboard\./i.test(group)) {
    return near(`${quote(declared)} is no API version of Callboard`)
  }
  if (rest.length <= 1 && nearest(group, ['callboard']) !== undefined) {
    return near(`${quote(declared)} is no API version; did you mean "${apiVersion}"?`)
  }
  return 'foreign'
}

/** `apiversion: callboard/v1` is meant for us too. */
function misspeltKey(document: JsonObject): 'foreign' | DocumentFinding {
  for (const [key, value] of Object.entries(document)) {
    if (typeof value !== 'string' || !/^callboard\/v\d+$/.test(value) || nearest(key, ['apiVersion']) === undefined)
      continue
    return {
      rule: 'unknown-api-version',
      severity: 'error',
      pointer: `/${key}`,
      message: `${quote(key)} should be "apiVersion"`,
      hint: `write apiVersion: ${apiVersion}`,
      part: 'key',
    }
  }
  return 'foreign'
}

export function kindOf(document: JsonObject): Kind | DocumentFinding {
  const declared = document.kind
  const known = [...kinds.keys()]
  const base = { severity: 'error', part: 'value' } as const
  if (declared === undefined || declared === null) {
    const pointer = declared === null ? '/kind' : ''
    return { ...base, rule: 'missing-field', pointer, message: '"kind" is missing', hint: `kinds: ${known.join(', ')}` }
  }
  const kind = typeof declared === 'string' ? kinds.get(declared) : undefined
  if (kind !== undefined) return kind
  const meant = typeof declared === 'string' ? nearest(declared, known) : undefined
  return {
    ...base,
    rule: 'unknown-kind',
    pointer: '/kind',
    message: `unknown kind ${typeof declared === 'string' ? quote(declared) : JSON.stringify(declared).slice(0, 60)}`,
    hint: meant === undefined ? `kinds: ${known.join(', ')}` : `did you mean ${quote(meant)}?`,
  }
}

export interface Identity {
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly findings: readonly DocumentFinding[]
}

/**
 * Namespace and name. `spec.id` and `spec.namespace` of a pasted mock stand in for metadata that is absent; metadata that
 * says something else is an error.
 */
export function identityOf(document: JsonObject, kind: Kind): Identity {
  const metadata = asObject(document.metadata) ?? {}
  const spec = asObject(document.spec) ?? {}
  const findings: DocumentFinding[] = []
  if (kind.scope === 'global' && metadata.namespace !== undefined) {
    const message = `${/^[AEIOU]/.test(kind.kind) ? 'an' : 'a'} ${kind.kind} belongs to no namespace`
    const hint = 'remove metadata.namespace'
    findings.push({
      rule: 'global-kind',
      severity: 'error',
      pointer: '/metadata/namespace',
      message,
      hint,
      part: 'key',
    })
  }
  if (kind.scope === 'global') return { namespace: undefined, name: textOf(metadata.name), findings }
  if (kind.scope === 'optional') {
    return { namespace: textOf(metadata.namespace), name: textOf(metadata.name), findings }
  }
  const name = standIn('name', textOf(metadata.name), 'id', textOf(spec.id), findings)
  const namespace = standIn('namespace', textOf(metadata.namespace), 'namespace', textOf(spec.namespace), findings)
  if (name === undefined && metadata.name === undefined && spec.id === undefined) {
    const message = '"name" is missing in metadata'
    const pointer = document.metadata === undefined ? '' : '/metadata'
    findings.push({
      rule: 'missing-field',
      severity: 'error',
      pointer,
      message,
      hint: 'add metadata.name',
      part: 'key',
    })
  }
  return { namespace, name, findings }
}

function standIn(
  field: 'name' | 'namespace',
  declared: string | undefined,
  specField: string,
  inSpec: string | undefined,
  findings: DocumentFinding[],
): string | undefined {
  if (inSpec === undefined) return declared
  const base = { severity: 'error', pointer: `/spec/${specField}`, part: 'value' } as const
  if (declared !== undefined) {
    if (declared !== inSpec) {
      const message = `spec.${specField} is ${quote(inSpec)}, but metadata.${field} is ${quote(declared)}`
      findings.push({ ...base, rule: 'name-differs', message, hint: `remove spec.${specField}` })
    }
    return declared
  }
  if (resourceNamePattern(field).test(inSpec)) return inSpec
  const message = `${quote(inSpec)} cannot be the ${field} of a resource`
  const hint = `move it to metadata.${field}, in lower-case letters, digits${field === 'name' ? ', "-" and "."' : ' and "-"'}`
  findings.push({ ...base, rule: 'bad-format', message, hint })
  return undefined
}
