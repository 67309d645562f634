// What was begun, was told somebody, and is not over: so that its end follows, and goes to nobody else.

import type { Json } from '../../expression/json.js'
import type { RemindProgram } from '../../resources/kinds/notification-program.js'
import type { Transaction } from '../../store/store.js'
import type { Decision } from '../decision.js'
import { deliveryId } from '../notification.js'
import type { RatedEvent } from '../rules.js'

export const matterScope = 'matter/'

/** Times are milliseconds since 1970. */
export interface Matter {
  /** The delivery that said it, alone or with others. */
  readonly delivery: string
  /** Id of the group that it was said with. */
  readonly group?: string
  readonly at: number
  /** For what is said alone. */
  readonly again?: Again
}

/** When something is said again, how often that was done, and of what. */
export interface Again {
  readonly at: number
  readonly said: number
  /** Without its payload. */
  readonly event: RatedEvent
  readonly decision: Decision
}

/** What an event type says of pairs. */
export interface Pairing {
  /** Equal for what begins a matter and what ends it. */
  readonly key: string
  readonly role: 'begins' | 'ends'
  /** For what ends: it is news of its own as well. */
  readonly standsAlone: boolean
  readonly remind: RemindProgram | undefined
}

export function matterKey(recipient: string, key: string): string {
  return `${matterScope}${recipient}/${deliveryId(key)}`
}

export function findMatter(from: Pick<Transaction, 'get'>, recipient: string, key: string): Matter | undefined {
  return from.get(matterKey(recipient, key)) as unknown as Matter | undefined
}

export function putMatter(tx: Transaction, recipient: string, key: string, matter: Matter): void {
  tx.put(matterKey(recipient, key), matter as unknown as Json)
}

/** Nothing that long ago is waited for. */
export const longestMatterMs = 30 * 86_400_000
