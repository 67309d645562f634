import type { ErrorObject } from 'ajv'
import {
  validateAdminWebhook,
  validateCallback,
  validateMock,
  validateNamespace,
  validateNamespaceWebhook,
  validateUser,
} from '../generated/validate.js'
import { linkCallback } from './callback.js'
import type { LinkContext, Linked, LinkInput } from './kind.js'
import { linkMock } from './mock.js'
import { linkNamespace } from './namespace.js'
import { linkUser } from './user.js'
import { linkWebhook } from './webhook.js'

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
  {
    kind: 'NamespaceWebhook',
    global: false,
    schema: 'namespace-webhook',
    validate: validateNamespaceWebhook,
    link: linkWebhook,
  },
  { kind: 'AdminWebhook', global: true, schema: 'admin-webhook', validate: validateAdminWebhook, link: linkWebhook },
  { kind: 'User', global: true, schema: 'user', validate: validateUser, link: linkUser },
]

/** Every kind of resource that can be declared. */
export const kinds: ReadonlyMap<string, Kind> = new Map(all.map((kind) => [kind.kind, kind]))
