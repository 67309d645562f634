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

/** For one channel and, unless the channel is one recipient itself, one user. */
export interface Decision {
  readonly channel: Reference & { readonly type: string }
  readonly user?: Reference
  readonly outcome: 'send' | 'hold' | 'suppress'
  /** Absent when it is sent. */
  readonly reason?: Reason
  /** Held until then, milliseconds since 1970. */
  readonly until?: number
  /** For people: which declaration says so, with its file and line, and what it says. */
  readonly because: string
  /** Id of that resource; absent for defaults. */
  readonly decidedBy?: string
  readonly recipient: BindingRecipient
  readonly override: EventOverride
  readonly severity: Severity
}
