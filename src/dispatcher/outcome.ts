import type { Outcome as DeliveryOutcome } from '../delivery/transport.js'

/**
 * What came of an attempt. On failure `unusable` says that no later message can arrive either until a person mends it:
 * the whole `channel` (its credential or destination is gone), or this `recipient` alone.
 */
export type Outcome = DeliveryOutcome & {
  readonly unusable?: 'channel' | 'recipient'
  /** On success: where the message stands, for answers to it. */
  readonly thread?: string
}
