// What can be done to channels, besides declaring them.
import { flag, object, type Schemas, text } from './json-schema.js'

export interface ChannelName {
  /** Empty for a global one. */
  readonly namespace: string
  readonly name: string
}

export interface ChannelTestWish {
  /** An address, in the form that the channel's type wants. */
  readonly recipient?: string
  /** Name of a User that is bound to the channel. */
  readonly user?: string
  readonly check?: boolean
}

/** `unknown`: there is no such channel; `known` are those there are. */
export type ChannelTestOutcome =
  | { readonly outcome: 'tested'; readonly delivery: string }
  | { readonly outcome: 'refused'; readonly field: string; readonly message: string }
  | { readonly outcome: 'unknown'; readonly known: readonly string[] }

export type ChannelEnableOutcome =
  | { readonly outcome: 'enabled' | 'unchanged' }
  | { readonly outcome: 'unknown'; readonly known: readonly string[] }

export interface ChannelEnabling {
  readonly channel: string
  readonly changed: boolean
}

/** Each rejects with `StoreUnavailable` when it cannot be recorded. */
export interface ChannelOperations {
  /** Resolves once the sample has arrived or not. */
  test(channel: ChannelName, wish: ChannelTestWish, signal: AbortSignal): Promise<ChannelTestOutcome>
  /** Tries a channel again that was switched off because its destination was gone. */
  enable(channel: ChannelName): Promise<ChannelEnableOutcome>
}

export const channelOperationSchemas: Schemas = {
  ChannelEnabling: object<ChannelEnabling>('A channel that may be used', {
    channel: text('`name`, or `namespace/name`'),
    changed: flag('False when it was not switched off'),
  }),
}
