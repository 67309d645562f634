import { nearest } from '../../expression/suggest.js'
import { channelTypeNames } from '../channel-types.js'
import type { PreferenceSpec } from '../generated/preference.js'
import type { Finding } from '../problem.js'
import { joinPointer } from '../reading.js'
import type { Resource } from '../resource.js'
import { digestRuleFindings } from './digest.js'
import { claimAlike } from './event-pattern.js'
import { ruleFindings } from './event-references.js'
import { compileRules, type DeclaredRule } from './event-rules.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { Linking } from './linking.js'
import type { ChannelProgram, EventRules, PreferenceProgram } from './notification-program.js'
import { compileQuietHours } from './quiet-hours.js'
import { parseReference } from './reference.js'
import { referenceFindings } from './resource-references.js'

export interface LinkedPreference extends Linked {
  readonly program: PreferenceProgram | undefined
}

/** A flag as AegisRunner calls it: `notify_run_failed` is about `run_failed`. */
export const flagPrefix = 'notify_'

function eventOf(key: string): string {
  return key.startsWith(flagPrefix) && key.length > flagPrefix.length ? key.slice(flagPrefix.length) : key
}

/** Checks and compiles a Preference that passed validation. */
export function linkPreference({ spec }: LinkInput, context: LinkContext): LinkedPreference {
  const { user, channel, events = {}, digests = {}, minSeverity, quietHours, scope } = spec as unknown as PreferenceSpec
  const linking = new Linking(context)
  if (channel !== undefined && user === undefined) {
    const message = '"channel" needs "user": what a channel hears of for everybody is said by its own events'
    linking.error('/spec/channel', 'channel-without-user', message, 'add user, or move this to events of the Channel')
  }
  const rules: DeclaredRule<boolean>[] = []
  const byType = new Map<string, DeclaredRule<boolean>[]>()
  for (const [key, said] of Object.entries(events)) {
    const pointer = joinPointer('/spec/events', key)
    if (typeof said === 'boolean') rules.push({ pattern: eventOf(key), value: said, pointer })
    else if (isChannelType(key, pointer, linking)) byType.set(key, rulesIn(said as Record<string, boolean>, pointer))
  }
  const program: PreferenceProgram = {
    user: user === undefined ? undefined : parseReference(user),
    channel: channel === undefined ? undefined : parseReference(channel),
    events: compileRules(rules, linking),
    eventsByType: new Map([...byType].map(([type, declared]) => [type, compileRules(declared, linking)])),
    digests: compileRules(
      Object.entries(digests).map(([pattern, value]) => {
        return { pattern, value, pointer: joinPointer('/spec/digests', pattern) }
      }),
      linking,
      'digest',
    ),
    minSeverity,
    quietHours: quietHours && compileQuietHours(quietHours, '/spec/quietHours', linking),
    scope: scope && { services: scope.services ?? [], customers: scope.customers ?? [] },
  }
  const { findings, failed } = linking
  return { program: failed ? undefined : program, findings, references: [], settled: findings.length === 0 }
}

function rulesIn(events: Readonly<Record<string, boolean>>, at: string): DeclaredRule<boolean>[] {
  return Object.entries(events).map(([key, value]) => ({
    pattern: eventOf(key),
    value,
    pointer: joinPointer(at, key),
  }))
}

function isChannelType(name: string, pointer: string, linking: Linking): boolean {
  const types = channelTypeNames()
  if (types.includes(name)) return true
  const meant = nearest(name, types)
  const message = `there is no channel type "${name}"`
  const hint =
    meant === undefined ? `types: ${types.join(', ')}; of an event say true or false` : `did you mean "${meant}"?`
  linking.error(pointer, 'unknown-channel-type', message, hint)
  return false
}

/** Preferences of one person, of one namespace's people, or of everybody meet under one topic. */
export function preferenceTopics({ namespace, program }: Resource): readonly string[] {
  return program === undefined ? [] : [topicOf(program as PreferenceProgram, namespace)]
}

function topicOf({ user }: PreferenceProgram, namespace: string): string {
  return user === undefined ? `preferences in ${namespace}` : `preferences of ${user.name} in ${namespace}`
}

export function relatePreference(resource: Resource, around: Surroundings): readonly Finding[] {
  const { namespace, spec } = resource
  const program = resource.program as PreferenceProgram
  const { user, channel } = program
  return [
    ...(user === undefined ? [] : referenceFindings('User', user, '/spec/user', namespace, around)),
    ...(channel === undefined ? [] : referenceFindings('Channel', channel, '/spec/channel', namespace, around)),
    ...ruleFindings(namedEvents((spec as PreferenceSpec).events ?? {}), namespace, around),
    ...digestRuleFindings(namedDigests(spec as PreferenceSpec), namespace, around),
    ...idleTypes(program, namespace, around),
    ...equalClaims(resource, around),
  ]
}

function namedEvents(events: NonNullable<PreferenceSpec['events']>, at = '/spec/events') {
  return Object.entries(events).flatMap(([key, said]): { pattern: string; pointer: string }[] =>
    typeof said === 'boolean'
      ? [{ pattern: eventOf(key), pointer: joinPointer(at, key) }]
      : namedEvents(said as Record<string, boolean>, joinPointer(at, key)),
  )
}

function namedDigests({ digests = {} }: PreferenceSpec) {
  return Object.keys(digests).map((pattern) => ({ pattern, pointer: joinPointer('/spec/digests', pattern) }))
}

/** What is said of one type of channel in a preference for a channel of another. */
function idleTypes({ channel, eventsByType }: PreferenceProgram, namespace: string, around: Surroundings): Finding[] {
  const program = channel && (around.find('Channel', channel, namespace)?.program as ChannelProgram | undefined)
  if (program === undefined) return []
  return [...eventsByType.keys()]
    .filter((type) => type !== program.type)
    .map((type) => ({
      rule: 'idle-channel-type',
      severity: 'warning',
      pointer: joinPointer('/spec/events', type),
      message: `the channel is of type ${program.type}, so what is said of ${type} has no effect`,
      hint: 'remove it',
    }))
}

/** Two that say something of the same with the same right: the earlier one by file and line is named in the later. */
function equalClaims(resource: Resource, around: Surroundings): readonly Finding[] {
  const program = resource.program as PreferenceProgram
  const channelOf = ({ program: one, namespace }: Resource) => {
    const { channel } = one as PreferenceProgram
    return channel && (around.find('Channel', channel, namespace)?.id ?? `${channel.namespace}/${channel.name}`)
  }
  const own = channelOf(resource)
  const { events: declared = {}, digests = {} } = resource.spec as PreferenceSpec
  const findings: Finding[] = []
  const said = new Set<string>()
  for (const other of around.sharing(topicOf(program, resource.namespace))) {
    if (other.id === resource.id) break
    if (channelOf(other) !== own) continue
    for (const { key, pointer, what } of [
      ...commonClaims(program, other.program as PreferenceProgram, declared),
      ...commonRules(program.digests, (other.program as PreferenceProgram).digests, {
        at: '/spec/digests',
        declared: digests,
        prefix: 'digest ',
      }),
    ]) {
      if (said.has(key)) continue
      said.add(key)
      findings.push({
        rule: 'equal-claim',
        severity: 'error',
        pointer,
        message: `${what} is said with the same right by ${other.id}, declared in ${other.file}:${other.line}`,
        hint: 'say it in one of the two only',
      })
    }
  }
  return findings
}

interface CommonClaim {
  readonly key: string
  readonly pointer: string
  readonly what: string
}

function* commonClaims(
  own: PreferenceProgram,
  other: PreferenceProgram,
  declared: NonNullable<PreferenceSpec['events']>,
): Generator<CommonClaim> {
  yield* commonRules(own.events, other.events, { at: '/spec/events', declared, prefix: '' })
  for (const [type, rules] of own.eventsByType) {
    const others = other.eventsByType.get(type)
    const below = declared[type] as Readonly<Record<string, boolean>>
    const place = { at: joinPointer('/spec/events', type), declared: below, prefix: `${type}: ` }
    if (others !== undefined) yield* commonRules(rules, others, place)
  }
  for (const field of ['minSeverity', 'quietHours', 'scope'] as const) {
    if (own[field] === undefined || other[field] === undefined) continue
    yield { key: field, pointer: `/spec/${field}`, what: `"${field}"` }
  }
}

interface RulesPlace {
  readonly at: string
  readonly declared: Readonly<Record<string, unknown>>
  readonly prefix: string
}

function* commonRules(
  own: EventRules<boolean>,
  other: EventRules<boolean>,
  { at, declared, prefix }: RulesPlace,
): Generator<CommonClaim> {
  for (const { pattern } of own) {
    const alike = other.find((rule) => claimAlike(rule.pattern, pattern))
    if (alike === undefined) continue
    const key = Object.hasOwn(declared, pattern) ? pattern : flagPrefix + pattern
    const named = `"${prefix}${pattern}"`
    const what = alike.pattern === pattern ? named : `${named}, which can fit the same as "${alike.pattern}",`
    yield { key: `${prefix}${pattern}`, pointer: joinPointer(at, key), what }
  }
}
