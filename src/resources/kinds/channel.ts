import { nearest } from '../../expression/suggest.js'
import { channelTypeFacts, channelTypeNames } from '../channel-types.js'
import type { ChannelSpec } from '../generated/channel.js'
import type { Finding } from '../problem.js'
import { joinPointer } from '../reading.js'
import type { Json, Resource } from '../resource.js'
import { floodOf } from './channel-flood.js'
import { ruleFindings } from './event-references.js'
import { compileRules } from './event-rules.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { Linking } from './linking.js'
import type { ChannelProgram, EventOverride } from './notification-program.js'
import { impossiblePort } from './port.js'

export interface LinkedChannel extends Linked {
  readonly program: ChannelProgram | undefined
}

/** Checks and compiles a Channel that passed validation. */
export function linkChannel({ name, spec }: LinkInput, context: LinkContext): LinkedChannel {
  const {
    type,
    config = {},
    displayName = name,
    enabled = true,
    suspend = false,
    ...rest
  } = spec as unknown as ChannelSpec
  const { events = {}, retry = {}, rateLimit, timeout = 30 } = rest
  const { maxRetries = 5, baseDelay = 1, maxDelay = 300 } = retry
  const linking = new Linking(context)
  const rules = Object.entries(events).map(([pattern, said]) => {
    const pointer = joinPointer('/spec/events', pattern)
    if (typeof said === 'object') checkOverride(said as EventOverride, type, pointer, linking)
    const value: false | EventOverride = typeof said === 'object' ? (said as EventOverride) : said && {}
    return { pattern, value, pointer }
  })
  if (baseDelay > maxDelay) {
    const message = `the first delay of ${baseDelay} seconds is longer than the longest, ${maxDelay}`
    linking.error('/spec/retry/baseDelay', 'delays', message, 'lower baseDelay, or raise maxDelay')
  }
  checkUrls(config as Readonly<Record<string, unknown>>, linking)
  const program: ChannelProgram = {
    type,
    displayName,
    config: config as Readonly<Record<string, Json>>,
    enabled,
    suspend,
    events: compileRules(rules, linking),
    retry: { maxRetries, baseDelayMs: milliseconds(baseDelay), maxDelayMs: milliseconds(maxDelay) },
    rateLimit: rateLimit && { count: rateLimit.count, perMs: Math.max(1, milliseconds(rateLimit.per)) },
    timeoutMs: Math.max(1, milliseconds(timeout)),
    flood: floodOf(spec as unknown as ChannelSpec, linking),
  }
  const { findings, failed } = linking
  return { program: failed ? undefined : program, findings, references: [], settled: findings.length === 0 }
}

/** Those that are no secret elsewhere: nothing of a literal URL is shown, it may be a credential. */
function checkUrls(config: Readonly<Record<string, unknown>>, linking: Linking): void {
  for (const field of ['url', 'webhookUrl', 'baseUrl']) {
    const url = config[field]
    if (typeof url !== 'string' || (URL.canParse(url) && /^https?:/i.test(url))) continue
    const hint = impossiblePort(url) ?? 'write http:// or https://, a host, and a path'
    linking.error(`/spec/config/${field}`, 'channel-url', `"${field}" is not a URL that can be sent to`, hint)
  }
}

/** Addresses as they stand in a `To:` header, without names. */
const addresses = /^\s*[^\s@<>(),;:]+@[^\s@<>(),;:]+(\s*,\s*[^\s@<>(),;:]+@[^\s@<>(),;:]+)*\s*$/

function checkOverride(override: EventOverride, type: string, pointer: string, linking: Linking): void {
  const usable = channelTypeFacts(type)?.overrides ?? []
  for (const field of ['to', 'channel'] as const) {
    if (override[field] === undefined || usable.includes(field)) continue
    const types = channelTypeNames().filter((name) => channelTypeFacts(name)?.overrides.includes(field))
    const message = `a channel of type ${type} has no other "${field}" for some of its events`
    const hint = types.length > 0 ? `remove it; types that do: ${types.join(', ')}` : 'remove it'
    linking.error(`${pointer}/${field}`, 'unusable-override', message, hint)
  }
  if (type === 'email' && override.to !== undefined && !addresses.test(override.to)) {
    const message = `${JSON.stringify(override.to)} is no e-mail address`
    linking.error(`${pointer}/to`, 'bad-format', message, 'write name@host, several with commas between them')
  }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000)
}

/** The channels of one namespace meet under this topic. */
export function channelTopics({ program, namespace }: Resource): readonly string[] {
  return program === undefined ? [] : [`channels of ${namespace}`]
}

/** Types of the channels that hear the events of a namespace; of a global declaration, those of global channels. */
export function channelTypesFor(namespace: string, around: Surroundings): readonly string[] {
  const places = namespace === '' ? [''] : ['', namespace]
  const channels = places.flatMap((place) => around.sharing(`channels of ${place}`))
  return [...new Set(channels.map(({ program }) => (program as ChannelProgram).type))].sort()
}

/** What a channel says of events that there are not. */
export function relateChannel({ namespace, spec }: Resource, around: Surroundings): readonly Finding[] {
  const events = Object.keys((spec as ChannelSpec).events ?? {})
  const findings = ruleFindings(
    events.map((pattern) => ({ pattern, pointer: joinPointer('/spec/events', pattern) })),
    namespace,
    around,
  )
  return findings.map((finding) => withTypeHint(finding))
}

/** Settings of AegisRunner have channel types where events are expected here. */
function withTypeHint(finding: Finding): Finding {
  const named = finding.pointer.split('/').at(-1) ?? ''
  if (finding.rule !== 'unknown-event' || nearest(named, channelTypeNames()) !== named) return finding
  return { ...finding, hint: 'events by type of channel are for a Preference; here write ids of events' }
}
