// What has to be known about types of channels to check declarations: as data, in the schemas of their configurations.

import type { Json } from '../expression/json.js'
import type { BindingRecipient, EventOverride } from './kinds/notification-program.js'
import { type Schema, schemaFile } from './schemas.js'

export interface ChannelTypeFacts {
  readonly recipients: RecipientFacts
  /** What an entry of `events` may say besides `severity`. */
  readonly overrides: readonly (keyof EventOverride)[]
  /** The longest title and body that arrive whole. */
  readonly limits: { readonly title: number; readonly body: number; readonly unit: 'utf16' | 'codepoints' | 'bytes' }
}

/** `x-recipients` of the schema. */
interface RecipientFacts {
  /** Fields of the configuration that make the channel one recipient itself; true: it always is. */
  readonly shared: true | readonly string[]
  /** Otherwise: what a binding may say. When `email` is among them, it need not, since every user has an address. */
  readonly fields: readonly (keyof BindingRecipient)[]
}

/** Every type that a Channel may have. */
export function channelTypeNames(): readonly string[] {
  return (schemaFile('channel').properties?.spec?.properties?.type?.enum ?? []) as readonly string[]
}

/** Undefined for a type that there is not. */
export function channelTypeFacts(type: string): ChannelTypeFacts | undefined {
  if (!channelTypeNames().includes(type)) return undefined
  const schema: Schema = schemaFile(`channel/${type}`)
  return {
    recipients: schema['x-recipients'] as RecipientFacts,
    overrides: (schema['x-overrides'] ?? []) as ChannelTypeFacts['overrides'],
    limits: schema['x-limits'] as ChannelTypeFacts['limits'],
  }
}

/** `channel` when it is one recipient itself, else what a binding may say. */
export function recipientsOf(
  { recipients: { shared, fields } }: ChannelTypeFacts,
  config: Readonly<Record<string, Json>>,
): 'channel' | readonly (keyof BindingRecipient)[] {
  return shared === true || shared.some((field) => config[field] !== undefined) ? 'channel' : fields
}
