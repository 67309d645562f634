// What the dispatcher asks of one revision. Whoever has a `Rules` sees one revision, whatever is applied meanwhile.

import type { ChannelProgram } from '../resources/kinds/notification-program.js'
import type { Decision } from './decision.js'
import type { EventTypes } from './event-types.js'
import type { PostedEvent } from './events/event.js'
import type { Message, Severity } from './message.js'

/** A message, and what it was made by. */
export interface RenderedMessage {
  readonly message: Message
  /** Id of the Template; absent where the words of the event or of its type were used. */
  readonly template?: string
  /** Why it is not what was declared: rendering failed, and the built-in words are sent. */
  readonly failure?: string
}

/** An event whose severity is known. */
export type RatedEvent = PostedEvent & { readonly severity: Severity }

export interface Rules {
  readonly generation: number
  readonly revision: string | undefined
  readonly eventTypes: EventTypes
  /** The built-in catalogue that has the event type and is not switched on. */
  switchedOff(id: string): string | undefined
  channel(channel: Pick<Decision['channel'], 'namespace' | 'name'>): ChannelProgram | undefined
  /** The severity of the event, else what its type says of it. Never rejects for what an expression does. */
  rate(event: PostedEvent): Promise<RatedEvent>
  /** One for each channel and person, whether they hear of it or not. `now`: milliseconds since 1970. */
  route(event: RatedEvent, now: number): readonly Decision[]
  /** The same for one channel and, where there is one, one person; undefined when nothing is to be said of them. */
  reconsider(
    event: RatedEvent,
    about: Pick<Decision, 'channel' | 'recipient'> & { readonly user?: string },
    now: number,
  ): Decision | undefined
  /** In the order of `decisions`. Never rejects for what a template does. */
  render(event: RatedEvent, decisions: readonly Decision[]): Promise<readonly RenderedMessage[]>
}
