import type { Json } from '../expression/json.js'

/** `<Kind>/<namespace or ->/<name>` */
export type ResourceId = string

export interface Resource<Kind extends string = string, Spec = unknown> {
  readonly id: ResourceId
  readonly kind: Kind
  /** Empty for a global resource. */
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: Spec
  /** SHA-256 over everything that matters when applying: spec, labels, annotations and the bytes of referenced files. */
  readonly digest: string
  /** Pointers from the document to the values that are encrypted in its file. */
  readonly encrypted?: readonly string[]
  readonly file: string
  /** One-based line of the document's first key. */
  readonly line: number
  /** What linking compiled from the spec, by kind: a `MockProgram` for a Mock, undefined for kinds with nothing to run. */
  readonly program?: unknown
}

export type ResourceSet = ReadonlyMap<ResourceId, Resource>

export function resourceId(kind: string, namespace: string, name: string): ResourceId {
  return `${kind}/${namespace === '' ? '-' : namespace}/${name}`
}

/** The id of a resource in APIs, within its kind: `name` when global, `namespace~name` otherwise. */
export function apiId(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}~${name}`
}

export type { Json }
