// From what is declared and observed to the rows that clients of other products know.
import { isObject, type Json } from '../../expression/json.js'
import type { DeliveryView } from '../delivery-views.js'
import type {
  AvailableChannel,
  BindingRow,
  ChannelDeliveryRow,
  ChannelRow,
  ChannelTypeView,
  PreferenceRow,
  TemplateRow,
} from '../notification-views.js'
import type { ResourceView, Views } from '../views.js'

type Spec = { readonly [field: string]: Json }

export const specOf = ({ spec }: ResourceView): Spec => (isObject(spec) ? spec : {})

const textOr = <Other>(value: Json | undefined, other: Other): string | Other =>
  typeof value === 'string' ? value : other

export function channelRow(channel: ResourceView, types: readonly ChannelTypeView[]): ChannelRow {
  const spec = specOf(channel)
  const { config = {}, events = {}, suspend = false } = spec
  return {
    ...availableRow(channel, types),
    suspend: suspend === true,
    config,
    events,
    spec,
    labels: channel.labels,
    conditions: channel.conditions,
  }
}

export function availableRow(
  channel: ResourceView,
  types: readonly ChannelTypeView[],
  connected: ReadonlySet<string> | undefined = undefined,
): AvailableChannel {
  const { type, displayName, enabled = true, config = {} } = specOf(channel)
  const recipients = recipientsOf(types.find((one) => one.type === type) ?? undefined, config)
  return {
    ...placeOf(channel),
    displayName: textOr(displayName, channel.name),
    type: textOr(type, ''),
    enabled: enabled === true,
    recipients,
    connected: connected === undefined || recipients === 'channel' ? null : connected.has(channel.id),
  }
}

function recipientsOf(type: ChannelTypeView | undefined, config: Json): 'channel' | 'user' {
  const { shared } = type?.recipients ?? { shared: [] }
  const declared = isObject(config) ? config : {}
  return shared === true || shared.some((field) => declared[field] !== undefined) ? 'channel' : 'user'
}

/** `channel`: what the binding's reference leads to. */
export function bindingRow(binding: ResourceView, channel: ResourceView | undefined): BindingRow {
  const { user, channel: written, recipient = {}, enabled = true } = specOf(binding)
  return {
    ...placeOf(binding),
    user: nameIn(textOr(user, '')),
    channel: channel?.id ?? textOr(written, ''),
    channelType: channel === undefined ? null : textOr(specOf(channel).type, null),
    recipient,
    enabled: enabled === true,
    conditions: binding.conditions,
  }
}

export function preferenceRow(preference: ResourceView): PreferenceRow {
  const { user, channel, events = {}, minSeverity, quietHours = null, scope = null } = specOf(preference)
  return {
    ...placeOf(preference),
    user: user === undefined ? null : nameIn(textOr(user, '')),
    channel: textOr(channel, null),
    events,
    minSeverity: textOr(minSeverity, null),
    quietHours,
    scope,
  }
}

export function templateRow(template: ResourceView): TemplateRow {
  const { event, channelType, lang, title, body, link, format } = specOf(template)
  return {
    ...placeOf(template),
    event: textOr(event, ''),
    channelType: textOr(channelType, ''),
    lang: textOr(lang, ''),
    title: textOr(title, null),
    body: textOr(body, null),
    link: textOr(link, null),
    format: textOr(format, 'rich'),
  }
}

export function channelDeliveryRow(delivery: DeliveryView): ChannelDeliveryRow {
  const { id, status, attemptsUsed, retry, nextAttempt, notification, namespace, lastError, revision } = delivery
  return {
    id,
    status,
    // The first attempt is no retry.
    retry_count: Math.max(0, attemptsUsed - 1),
    max_retries: retry.retries,
    next_retry_at: nextAttempt,
    channel: notification?.channel ?? '',
    channel_type: notification?.channelType ?? '',
    namespace: namespace === '' ? null : namespace,
    user: notification?.user ?? null,
    event_type: notification?.event ?? '',
    event_id: notification?.eventId ?? null,
    last_error: lastError?.message ?? null,
    error_class: lastError?.class ?? null,
    revision,
    created_at: delivery.created,
    updated_at: delivery.finished ?? delivery.attempts.at(-1)?.time ?? delivery.created,
  }
}

/** What a reference in a document leads to: in its own namespace first, then among the global ones. */
export async function resolveReference(
  views: Views,
  kind: string,
  written: string,
  namespace: string,
): Promise<ResourceView | undefined> {
  const slash = written.indexOf('/')
  if (slash !== -1) return views.resources.get(kind, written.slice(0, slash), written.slice(slash + 1))
  const own = namespace === '' ? undefined : await views.resources.get(kind, namespace, written)
  return own ?? views.resources.get(kind, '', written)
}

/** Users belong to no namespace. */
function nameIn(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

function placeOf({ id, namespace, name, file, line }: ResourceView) {
  return { id, namespace: namespace === '' ? null : namespace, name, file, line }
}
