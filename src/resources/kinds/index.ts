import type { ErrorObject } from 'ajv'
import { validateCallback, validateMock, validateNamespace } from '../generated/validate.js'
import { linkCallback } from './callback.js'
import type { LinkContext, Linked, LinkInput } from './kind.js'
import { linkMock } from './mock.js'
import { linkNamespace } from './namespace.js'

export interface Kind {
  readonly kind: string
  /** A global resource belongs to no namespace. */
  readonly global: boolean
  /** Name of its file in `schemas/`. */
  readonly schema: string
  /** Says whether a whole document has the right shape; `errors` tells what is wrong. */
  readonly validate: { (document: unknown): boolean; errors?: ErrorObject[] | null }
  /** Compiles the spec and finds what a schema cannot say. */
  readonly link?: (document: LinkInput, context: LinkContext) => Linked
}

const all: readonly Kind[] = [
  { kind: 'Mock', global: false, schema: 'mock', validate: validateMock, link: linkMock },
  { kind: 'Callback', global: false, schema: 'callback', validate: validateCallback, link: linkCallback },
  { kind: 'Namespace', global: true, schema: 'namespace', validate: validateNamespace, link: linkNamespace },
]

/** Every kind of resource that can be declared. */
export const kinds: ReadonlyMap<string, Kind> = new Map(all.map((kind) => [kind.kind, kind]))
