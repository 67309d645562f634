// How people and Telegram itself reach the bots of channels.
import type { ChannelName } from './channel-operations.js'
import { object, type Schemas, text, time } from './json-schema.js'

export interface TelegramLink {
  /** For one person, once. */
  readonly url: string
  readonly expires: string
}

/** `refused`: nobody can be connected so. */
export type ConnectOutcome =
  | { readonly outcome: 'linked'; readonly link: TelegramLink }
  | { readonly outcome: 'refused'; readonly message: string }
  | { readonly outcome: 'unknown'; readonly field: 'channel' | 'user'; readonly known: readonly string[] }

export interface TelegramOperations {
  /** Rejects with `StoreUnavailable` when it cannot be recorded. */
  connect(channel: ChannelName, user: string): Promise<ConnectOutcome>
  /** `secret`: what came in the header for it. Resolves with a status once what was posted is on disk. */
  receive(bot: string, secret: string | undefined, body: string): Promise<200 | 400 | 401 | 404>
}

export const telegramSchemas: Schemas = {
  TelegramLink: object<TelegramLink>('A link that connects a person to a bot', {
    url: text('For that person alone; good once', { format: 'uri' }),
    expires: time('Not good after this'),
  }),
}
