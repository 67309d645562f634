// What has to be known about types of channels to check declarations: as data, in the schemas of their configurations.

import type { Json } from '../expression/json.js'
import type { BindingRecipient, EventOverride } from './kinds/notification-program.js'
import { resolveSchema, type Schema, schemaFile } from './schemas.js'

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

/** Fields that name files of this machine, or are of no use to somebody who sends once. */
const notDirect: ReadonlySet<string> = new Set(['ca', 'unsubscribe', 'previousSecret'])

/**
 * The schema of a type's configuration for somebody who brings credentials along: each secret is its text, never the name
 * of a variable or file of this machine, whose contents would then go wherever the caller says. References are resolved.
 */
export function directConfigSchema(type: string): Schema {
  const file = `channel/${type}`
  const { $schema: _, $id: __, title: ___, properties = {}, ...schema } = schemaFile(file)
  const kept = Object.entries(properties).filter(([name]) => !notDirect.has(name))
  const own = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keyword.startsWith('x-')))
  return { ...own, properties: Object.fromEntries(kept.map(([name, field]) => [name, literal(field, file)])) }
}

function literal(unresolved: Schema, file: string): Schema {
  const { schema, name } = resolveSchema(unresolved, file)
  if (schema.properties?.env !== undefined) {
    return {
      type: 'string',
      minLength: 1,
      ...(schema.description !== undefined && { description: directText(schema) }),
    }
  }
  const { properties, additionalProperties, items, title: _, ...rest } = schema
  const own = Object.fromEntries(Object.entries(rest).filter(([keyword]) => !keyword.startsWith('x-')))
  const isMap = typeof additionalProperties === 'object'
  return {
    ...own,
    // Names that are listed because they are secrets are as the others now.
    ...(properties !== undefined &&
      !isMap && {
        properties: Object.fromEntries(Object.entries(properties).map(([key, field]) => [key, literal(field, name)])),
      }),
    ...(additionalProperties !== undefined && {
      additionalProperties: isMap ? literal(additionalProperties, name) : additionalProperties,
    }),
    ...(items !== undefined && { items: literal(items, name) }),
  }
}

/** Where to find a secret is not for those who bring it along. */
function directText({ description = '' }: Schema): string {
  return description.replace(/[;,]? (best )?(as|or) (a secret|`\{env\|file, prefix\}` for a secret).*$/u, '').trim()
}
