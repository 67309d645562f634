// Who sends what: which declaration a delivery comes from, and what a declaration sends. A kind that sends is a line in
// each of the two tables.

import type { MockSpec } from './resources/generated/mock.js'
import { type Resource, resourceId } from './resources/resource.js'
import type { Delivery } from './store/delivery.js'

/** A resource of a kind that sends, or an entry of it. */
export interface Sender {
  /** Within its resource: of an entry its own or its number, otherwise that of the resource. */
  readonly name: string
  readonly key: string
}

type About = Delivery['about']

/** By `Delivery.kind`: the key of the sender. */
const keys: Readonly<Record<string, (about: About) => string>> = {
  callback: ({ declared, namespace, mock, callback }) =>
    declared === 'Callback' ? `Callback/${namespace}/${callback}` : `Mock/${namespace}/${mock}/${callback}`,
  change: ({ namespace, webhook }) =>
    namespace === undefined ? `AdminWebhook/-/${webhook}` : `NamespaceWebhook/${namespace}/${webhook}`,
  notification: ({ channel }) => (String(channel).includes('/') ? `Channel/${channel}` : `Channel/-/${channel}`),
}

const itself = ({ kind, namespace, name }: Resource): Sender[] => [{ name, key: resourceId(kind, namespace, name) }]

/** By kind of resource. */
const senders: Readonly<Record<string, (resource: Resource) => readonly Sender[]>> = {
  Callback: itself,
  NamespaceWebhook: itself,
  AdminWebhook: itself,
  Channel: itself,
  Mock: ({ kind, namespace, name: mock, spec }) =>
    ((spec as MockSpec).webhooks ?? []).map(({ name = '' }, index) => {
      const shown = name === '' ? String(index + 1) : name
      return { name: shown, key: `${resourceId(kind, namespace, mock)}/${shown}` }
    }),
}

/** Undefined for a delivery of a kind that no resource declares. */
export function senderOf({ kind, about }: Delivery): string | undefined {
  return keys[kind]?.(about)
}

/** Empty for a resource that sends nothing. */
export function sendersOf(resource: Resource): readonly Sender[] {
  return senders[resource.kind]?.(resource) ?? []
}
