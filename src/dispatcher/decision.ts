// Who hears of an event and who does not: every answer is a value with its reason.

import type { BindingRecipient, EventOverride, Reference, Severity } from '../resources/kinds/notification-program.js'

/** Why something is not sent, or not yet. */
export type Reason =
  | 'preference'
  | 'global_flag'
  | 'event_default'
  | 'channel_filter'
  | 'min_severity'
  | 'quiet_hours'
  | 'silence'
  | 'scope'
  | 'no_binding'
  | 'binding_disabled'
  | 'binding_pending'
  | 'channel_disabled'
  | 'duplicate'
  | 'quota'
  | 'grouped'
  | 'threshold'
  | 'storm'
  | 'unpaired'
  | 'recovered'
  | 'channel_pruned'

/** For one channel and, unless the channel is one recipient itself, one user. */
export interface Decision {
  readonly channel: Reference & { readonly type: string }
  /** Absent as well where nobody is bound to the channel. */
  readonly user?: Reference
  /** Id of the UserBinding that connects them. */
  readonly binding?: string
  readonly outcome: 'send' | 'hold' | 'suppress'
  /** Absent when it is sent. */
  readonly reason?: Reason
  /** Held until then, milliseconds since 1970. */
  readonly until?: number
  /** Id of the delivery that it has become part of. It is not sent by itself then, and yet told. */
  readonly into?: string
  /** Delivery of what this ends: where it can be, it is an answer to that. */
  readonly follows?: string
  /** It is news of its own, even if what it follows did not arrive. */
  readonly standsAlone?: true
  /** It begins what something else ends: answers to it may come. */
  readonly begins?: true
  /** What holds instead where somebody was told of what this ends: the least severity keeps back no end. */
  readonly ifPaired?: Pick<Decision, 'outcome' | 'because'> & Partial<Pick<Decision, 'reason' | 'until' | 'decidedBy'>>
  /** For people: which declaration says so, with its file and line, and what it says. */
  readonly because: string
  /** Id of that resource; absent for defaults. */
  readonly decidedBy?: string
  /** Empty for a channel that is one recipient itself, and for a person whose address is not known yet. */
  readonly recipient: BindingRecipient
  readonly override: EventOverride
  /** As this channel takes it. */
  readonly severity: Severity
  /**
   * Equal for events that are one matter, such as a failed run and a completed one: of these the channel and recipient
   * get the first, the others are `duplicate`. Absent: each occurrence stands for itself.
   */
  readonly key?: string
}
