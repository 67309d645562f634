import type { ErrorObject } from 'ajv'
import {
  validateAdminWebhook,
  validateCallback,
  validateChannel,
  validateDigest,
  validateEventType,
  validateMock,
  validateNamespace,
  validateNamespaceWebhook,
  validatePreference,
  validateSilence,
  validateTemplate,
  validateUser,
  validateUserBinding,
} from '../generated/validate.js'
import type { Finding } from '../problem.js'
import type { Resource } from '../resource.js'
import { linkCallback } from './callback.js'
import { channelTopics, linkChannel, relateChannel } from './channel.js'
import { linkDigest, relateDigest } from './digest.js'
import { linkEventType, relateEventType } from './event-type.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { linkMock } from './mock.js'
import { linkNamespace, relateNamespace } from './namespace.js'
import { linkPreference, preferenceTopics, relatePreference } from './preference.js'
import { linkSilence, relateSilence } from './silence.js'
import { linkTemplate, relateTemplate } from './template.js'
import { linkUser } from './user.js'
import { bindingTopics, linkUserBinding, relateUserBinding } from './user-binding.js'
import { linkWebhook } from './webhook.js'

export interface Kind {
  readonly kind: string
  /**
   * `namespaced`: it belongs to the default namespace when it names none. `optional`: it is global then. `global`: it
   * never belongs to one.
   */
  readonly scope: 'namespaced' | 'optional' | 'global'
  /** Name of its file in `schemas/`. */
  readonly schema: string
  /** Says whether a whole document has the right shape; `errors` tells what is wrong. */
  readonly validate: { (document: unknown): boolean; errors?: ErrorObject[] | null }
  /** Compiles the spec and finds what a schema cannot say. */
  readonly link?: (document: LinkInput, context: LinkContext) => Linked
  /** Finds what only shows beside other resources. Called for resources without errors of their own. */
  readonly relate?: (resource: Resource, around: Surroundings) => readonly Finding[]
  /** Under what it is found by others of its kind. */
  readonly topics?: (resource: Resource) => readonly string[]
  /** Others refer to it. */
  readonly referenced?: true
}

const all: readonly Kind[] = [
  { kind: 'Mock', scope: 'namespaced', schema: 'mock', validate: validateMock, link: linkMock },
  { kind: 'Callback', scope: 'namespaced', schema: 'callback', validate: validateCallback, link: linkCallback },
  {
    kind: 'Namespace',
    scope: 'global',
    schema: 'namespace',
    validate: validateNamespace,
    link: linkNamespace,
    relate: relateNamespace,
  },
  {
    kind: 'NamespaceWebhook',
    scope: 'namespaced',
    schema: 'namespace-webhook',
    validate: validateNamespaceWebhook,
    link: linkWebhook,
  },
  { kind: 'AdminWebhook', scope: 'global', schema: 'admin-webhook', validate: validateAdminWebhook, link: linkWebhook },
  { kind: 'User', scope: 'global', schema: 'user', validate: validateUser, link: linkUser, referenced: true },
  {
    kind: 'Channel',
    scope: 'optional',
    schema: 'channel',
    validate: validateChannel,
    link: linkChannel,
    relate: relateChannel,
    topics: channelTopics,
    referenced: true,
  },
  {
    kind: 'UserBinding',
    scope: 'optional',
    schema: 'user-binding',
    validate: validateUserBinding,
    link: linkUserBinding,
    relate: relateUserBinding,
    topics: bindingTopics,
  },
  {
    kind: 'Preference',
    scope: 'optional',
    schema: 'preference',
    validate: validatePreference,
    link: linkPreference,
    relate: relatePreference,
    topics: preferenceTopics,
  },
  {
    kind: 'EventType',
    scope: 'optional',
    schema: 'event-type',
    validate: validateEventType,
    link: linkEventType,
    relate: relateEventType,
    referenced: true,
  },
  {
    kind: 'Template',
    scope: 'optional',
    schema: 'template',
    validate: validateTemplate,
    link: linkTemplate,
    relate: relateTemplate,
    referenced: true,
  },
  {
    kind: 'Silence',
    scope: 'optional',
    schema: 'silence',
    validate: validateSilence,
    link: linkSilence,
    relate: relateSilence,
  },
  {
    kind: 'Digest',
    scope: 'optional',
    schema: 'digest',
    validate: validateDigest,
    link: linkDigest,
    relate: relateDigest,
    referenced: true,
  },
]

/** Every kind of resource that can be declared. */
export const kinds: ReadonlyMap<string, Kind> = new Map(all.map((kind) => [kind.kind, kind]))
