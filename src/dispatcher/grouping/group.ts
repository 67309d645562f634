// What a recipient is told together: a row of the store, small however many events come.

import type { Json } from '../../expression/json.js'
import { keyIn } from '../../resources/event-key.js'
import type { Store, Transaction } from '../../store/store.js'
import type { Decision } from '../decision.js'
import { deliveryId, targetOf } from '../notification.js'
import type { RatedEvent } from '../rules.js'
import type { Batch } from './batch.js'
import type { Again } from './matter.js'

/** What was said of matters that are not over. */
export interface Incident {
  /** Id of the delivery that said it first. */
  readonly delivery: string
  readonly since: number
  readonly again?: Again
}

/** Times are milliseconds since 1970. */
export interface Group {
  readonly channel: Decision['channel']
  readonly user?: string
  readonly recipient: Decision['recipient']
  readonly override: Decision['override']
  /** `grouped`: what belongs together. `storm`: what was above the rate. */
  readonly reason: 'grouped' | 'storm'
  /** What its events have in common. */
  readonly by: Readonly<Record<string, string>>
  readonly pending?: Batch
  /** Its message is being written; what comes meanwhile is pending for the next. `openThen`: matters open at that moment. */
  readonly closing?: Batch & { readonly openThen: number; readonly decision: Decision }
  /** When the last message was made. */
  readonly said?: number
  /** Matters that are not over. */
  readonly open: number
  readonly incident?: Incident
  /** When the last events came, for the threshold; and how many of them were withheld since something passed. */
  readonly window?: readonly number[]
  readonly withheld?: number
}

export const groupScope = 'group/'

/** One for each channel and recipient. */
export function recipientOf({ channel, user, recipient, override }: Decision): string {
  const { to = '', channel: place = '' } = override
  return deliveryId(targetOf(channel), user?.name ?? '', to, place, ...Object.values(recipient))
}

export function groupIdOf(recipient: string, kind: 'by' | 'storm' | 'overflow', by: Group['by'] = {}): string {
  return deliveryId(recipient, kind, JSON.stringify(by))
}

/** What the fields say of an event; what it does not have is empty. */
export function valuesOf(event: RatedEvent, by: readonly string[]): Group['by'] {
  return Object.fromEntries(by.map((field) => [field, fieldOf(event, field).slice(0, longestValue)]))
}

const longestValue = 256

function fieldOf(event: RatedEvent, field: string): string {
  if (field === 'event') return event.type
  if (field.startsWith('labels.')) {
    const { labels = {} } = event
    const name = field.slice('labels.'.length)
    return Object.hasOwn(labels, name) ? (labels[name] as string) : ''
  }
  if (field.startsWith('payload.')) return keyIn(event.payload, field.slice('payload.'.length)) ?? ''
  return event[field as 'severity' | 'service' | 'customer' | 'namespace' | 'source'] ?? ''
}

export function findGroup(from: Pick<Transaction, 'get'>, id: string): Group | undefined {
  return from.get(groupScope + id) as unknown as Group | undefined
}

export function putGroup(tx: Transaction, id: string, group: Group): void {
  tx.put(groupScope + id, group as unknown as Json)
}

export function listGroups(store: Pick<Store, 'list'>): [id: string, group: Group][] {
  return store.list(groupScope).map(([key, value]) => [key.slice(groupScope.length), value as unknown as Group])
}

export function without<Value extends object, Key extends keyof Value>(value: Value, ...keys: Key[]): Omit<Value, Key> {
  const rest = { ...value }
  for (const key of keys) delete rest[key]
  return rest
}
