// The one transport of notifications: a message as it was rendered when it was accepted, over the channel as it is
// declared now. Secrets are put in for one attempt and hidden in all that is recorded of it.

import { type SecretSources, Secrets, SecretUnusable } from '../delivery/secrets.js'
import type { Admission, AttemptSignal, Outcome, Transport } from '../delivery/transport.js'
import type { Guard } from '../network/guard.js'
import type { HttpClient } from '../network/http-client.js'
import type { ChannelProgram } from '../resources/kinds/notification-program.js'
import { type Resource, type ResourceId, resourceId } from '../resources/resource.js'
import type { Delivery } from '../store/delivery.js'
import type { Addresses } from './addresses.js'
import { resolveConfig } from './channel-config.js'
import type { ChannelStates, Unusable } from './channel-states.js'
import type { Outcome as ChannelOutcome, ChannelType, ResolvedConfig, SmtpDefaults } from './channel-type.js'
import type { Decision } from './decision.js'
import type { MailConnections } from './email/mail-connections.js'
import type { Fate } from './grouping/fate.js'
import { type NotificationPayload, payloadOf } from './notification.js'
import type { Addressee, Standing } from './standing.js'
import type { Threads } from './threads.js'

export interface NotificationTransportOptions extends SecretSources {
  /** What is applied. */
  readonly channel: (id: ResourceId) => Resource | undefined
  readonly types: ReadonlyMap<string, ChannelType>
  readonly http: HttpClient
  readonly lookup: Guard['lookup']
  /** Of the settings. */
  readonly smtp: SmtpDefaults
  readonly mail: MailConnections
  readonly addresses: Addresses
  readonly states: ChannelStates
  readonly threads: Threads
  /** What became of a delivery; see fate.ts. */
  readonly fateOf: (delivery: string) => Fate
  readonly isSuspended: (namespace: string) => boolean
  /** What is decided now about something that was to wait; undefined when nobody can say. */
  readonly reconsider: (payload: NotificationPayload) => Pick<Decision, 'outcome' | 'reason' | 'until'> | undefined
  /** Whether the person is to be told still. */
  readonly standingOf: (addressee: Addressee) => Standing
  /** A channel was found to be of no use, just now. */
  readonly onDisabled: (channel: Resource, why: Unusable, delivery: Delivery) => void
  /** Of what is applied. */
  readonly generation: () => number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly userAgent: string
}

export function createNotificationTransport(options: NotificationTransportOptions): Transport {
  return {
    admit: (delivery) => admit(delivery, options),
    send: (delivery, signal, attempt) => send(delivery, signal, attempt, options),
  }
}

function admit(delivery: Delivery, options: NotificationTransportOptions): Admission {
  const payload = payloadOf(delivery)
  const channel = channelOf(payload, options)
  if (channel === undefined) return { go: false, cancel: 'channel_pruned' }
  const program = channel.program as ChannelProgram
  // Whoever tries a channel out wants to know whether it works, not whether it is in use.
  if (payload.message?.isTest === true) return passing(program, options)
  if (!program.enabled) return { go: false, suppress: 'channel_disabled' }
  const standing = standingOf(payload, options)
  if (standing === 'binding_disabled') return { go: false, suppress: standing }
  if (standing !== 'bound') return { go: false, cancel: standing }
  const namespace = payload.message?.event.namespace
  const isSuspended = [namespace, channel.namespace].some((one) => one !== undefined && options.isSuspended(one))
  if (program.suspend || isSuspended) return { go: false, hold: 'suspend' }
  if (options.states.disabled(channel) !== undefined) return { go: false, hold: 'channel_disabled' }
  // What was to say that it began was waiting when this was accepted, and has not arrived.
  if (payload.needs !== undefined && options.fateOf(payload.needs) === 'failed') {
    return { go: false, suppress: 'unpaired' }
  }
  if (payload.held === true) {
    const { outcome, reason = 'quiet_hours', until } = options.reconsider(payload) ?? { outcome: 'send' }
    if (outcome === 'suppress') return { go: false, suppress: reason }
    if (outcome === 'hold' && until !== undefined) return { go: false, hold: reason, until }
  }
  return passing(program, options)
}

/** A channel that is one recipient itself is told whoever is bound to it. */
function standingOf(
  { channel, user, binding, recipient }: NotificationPayload,
  options: NotificationTransportOptions,
): Standing {
  return user === undefined ? 'bound' : options.standingOf({ channel, user, binding, recipient })
}

function passing({ type, rateLimit }: ChannelProgram, { types }: NotificationTransportOptions): Admission {
  const rate = rateLimit ?? types.get(type)?.rate
  return { go: true, ...(rate !== undefined && { rate }) }
}

function channelOf({ channel }: NotificationPayload, options: NotificationTransportOptions): Resource | undefined {
  return options.channel(resourceId('Channel', channel.namespace, channel.name))
}

async function send(
  delivery: Delivery,
  signal: AttemptSignal,
  attempt: number,
  options: NotificationTransportOptions,
): Promise<Outcome> {
  const payload = payloadOf(delivery)
  const channel = channelOf(payload, options)
  const type = channel === undefined ? undefined : options.types.get((channel.program as ChannelProgram).type)
  const { message, recipient, override } = payload
  // Pruned since it was admitted.
  if (channel === undefined || type === undefined || message === undefined) {
    return { ok: false, class: 'gone', message: 'the channel is not declared any more' }
  }
  const generation = options.generation()
  const secrets = new Secrets(options)
  let config: ResolvedConfig
  try {
    config = await resolveConfig(channel, secrets)
  } catch (error) {
    if (error instanceof SecretUnusable) return { ok: false, class: 'auth', message: error.message }
    throw error
  }
  const { signal: cut, release } = toAbortSignal(signal)
  try {
    const context = {
      config,
      http: options.http,
      lookup: options.lookup,
      smtp: options.smtp,
      mail: options.mail,
      addresses: options.addresses.of(channel.id),
      now: options.now,
      signal: cut,
      userAgent: options.userAgent,
    }
    const found = message.follows === undefined ? undefined : options.threads.of(message.follows)
    const place = {
      ...(payload.begins === true && { begins: true as const }),
      ...(found !== undefined && { thread: found }),
    }
    const outcome =
      payload.check === true
        ? await check(type, context)
        : await type.send({ ...context, message, recipient, override, ...place, deliveryId: delivery.id, attempt })
    return learn(delivery, payload, channel, { ...redacted(outcome, secrets), generation }, options)
  } catch (error) {
    if (cut.aborted) throw error
    // A mistake in the program, which must not show what it was about.
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(secrets.redact(message))
  } finally {
    release()
  }
}

async function check(type: ChannelType, context: Parameters<NonNullable<ChannelType['check']>>[0]) {
  if (type.check !== undefined) return type.check(context)
  const message = `${type.title} offers no way to try a credential without posting something`
  return { ok: false, class: 'rejected', message } as const
}

function redacted(outcome: ChannelOutcome, secrets: Secrets): ChannelOutcome {
  const response = outcome.response === undefined ? {} : { response: secrets.redact(outcome.response) }
  return outcome.ok
    ? { ...outcome, ...response }
    : { ...outcome, ...response, message: secrets.redact(outcome.message) }
}

/** What an outcome says of all later messages. */
function learn(
  delivery: Delivery,
  { user, message, override, begins, check: isCheck }: NotificationPayload,
  channel: Resource,
  { unusable, thread, ...outcome }: ChannelOutcome,
  { states, threads, now, onDisabled }: NotificationTransportOptions,
): Outcome {
  // Another place for one event says nothing of the others.
  const isUsual = override.channel === undefined && override.to === undefined
  if (outcome.ok) {
    if (begins === true && thread !== undefined) threads.keep(delivery.id, thread)
    if (isUsual && isCheck !== true) states.arrived(channel.id, user)
    return outcome
  }
  const why: Unusable = { since: now(), class: outcome.class, message: outcome.message, delivery: delivery.id }
  if (unusable === 'recipient' && user !== undefined) states.refuse(channel.id, user, why)
  // Trying it out is for finding out, and switches nothing off.
  const isTheChannel = unusable === 'channel' && message?.isTest !== true && isUsual
  if (isTheChannel && states.disable(channel, why)) onDisabled(channel, why, delivery)
  return outcome
}

/** The whole of what libraries expect, for the time of one attempt. */
function toAbortSignal(signal: AttemptSignal): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort)
  return { signal: controller.signal, release: () => signal.removeEventListener('abort', abort) }
}
