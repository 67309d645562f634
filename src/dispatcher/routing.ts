// Who hears of an event, over which channel, and why or why not. Pure: the same event, tables, time and knowledge give the
// same answers, for sending and for explaining alike.

import { keyIn } from '../resources/event-key.js'
import { fits } from '../resources/kinds/event-pattern.js'
import { ruleFor } from '../resources/kinds/event-rules.js'
import type {
  BindingRecipient,
  EventOverride,
  QuietHours,
  Reference,
  SilenceProgram,
} from '../resources/kinds/notification-program.js'
import type { Resource } from '../resources/resource.js'
import type { Decision, Reason } from './decision.js'
import type { EventFamily, EventTypeEntry } from './event-types.js'
import { type Occurrence, type Severity, severities } from './message.js'
import type { PreferenceLevel, Said } from './preference-level.js'
import { quietUntil } from './quiet-hours.js'
import { placed, say } from './reason-text.js'
import { outOfScope } from './scope.js'
import type { BindingEntry, ChannelEntry, Declared, Tables, UserEntry } from './tables.js'

/** An event whose severity is known: its own, else what its type says. */
export interface RoutedEvent extends Occurrence {
  readonly severity: Severity
}

/** What is known besides what is declared. */
export interface Known {
  /** The address of somebody whose binding names none; undefined when it is not known yet. */
  recipientOf(channel: Resource, user: Resource): BindingRecipient | undefined
}

const nothingKnown: Known = { recipientOf: () => undefined }

/**
 * A decision for every channel that hears the event's namespace and everybody bound to it, sent or not, in order of the
 * channels' ids. Empty for a type of event that there is not. `now`: milliseconds since 1970.
 */
export function route(
  event: RoutedEvent,
  tables: Tables,
  now: number,
  known: Known = nothingKnown,
): readonly Decision[] {
  const context = contextOf(event, tables, now, known)
  if (context === undefined) return []
  return tables.channelsOf(context.namespace).flatMap((entry) => new ChannelRouting(entry, context).decisions())
}

/** What `route` says of one channel and user; undefined when it says nothing of them. */
export function reconsider(
  event: RoutedEvent,
  { channel, user, recipient }: Pick<Decision, 'channel' | 'recipient'> & { readonly user?: string },
  tables: Tables,
  now: number,
  known: Known = nothingKnown,
): Decision | undefined {
  const context = contextOf(event, tables, now, known)
  const entry = context && tables.channelsOf(context.namespace).find((one) => isSame(one.channel, channel))
  if (context === undefined || entry === undefined) return undefined
  const decisions = new ChannelRouting(entry, context).decisions().filter((one) => one.user?.name === user)
  const wanted = JSON.stringify(recipient)
  return decisions.find((one) => JSON.stringify(one.recipient) === wanted) ?? decisions[0]
}

/** What holds for all channels. */
interface Context {
  readonly event: RoutedEvent
  readonly namespace: string
  readonly tables: Tables
  readonly now: number
  readonly known: Known
  readonly family: EventFamily
  readonly isCritical: boolean
  readonly silence: Declared<SilenceProgram> | undefined
  readonly key: string | undefined
}

function contextOf(event: RoutedEvent, tables: Tables, now: number, known: Known): Context | undefined {
  const { namespace = '' } = event
  const family = tables.eventTypes.family(event.type, namespace)
  if (family === undefined) return undefined
  return {
    event,
    namespace,
    tables,
    now,
    known,
    family,
    isCritical: family.members[0]?.program.critical ?? false,
    silence: tables.silences.find((one) => silences(one, event, now)),
    key: matterOf(event, family),
  }
}

/** Equal for events that are one matter; undefined for one that stands for itself. */
export function matterOf(
  { source, namespace = '', payload }: RoutedEvent,
  { group, key }: EventFamily,
): string | undefined {
  if (group === undefined || key === undefined) return undefined
  const value = keyIn(payload, key)
  return value === undefined ? undefined : JSON.stringify([group, source, namespace, value])
}

/** Whether a silence is in force for an event. */
export function silences({ namespace, program }: Declared<SilenceProgram>, event: RoutedEvent, now: number): boolean {
  const { from, until, events, severities: silenced, labels } = program
  if (now < from || now >= until || (namespace !== '' && namespace !== event.namespace)) return false
  if (events.length > 0 && !events.some((pattern) => fits(pattern, event.type))) return false
  if (silenced.length > 0 && !silenced.includes(event.severity)) return false
  return Object.entries(labels).every(([name, value]) => event.labels?.[name] === value)
}

/** Whether somebody wants an event, and who says so. */
interface Verdict {
  readonly wanted: boolean
  readonly reason: Reason
  readonly because: string
  readonly by: Resource | undefined
}

/** Why something is not sent now. */
interface Obstacle {
  readonly reason: Reason
  readonly because: string
  readonly by?: Resource | undefined
  readonly until?: number
}

/** Somebody who is told: a person, or the channel itself. */
interface Listener {
  readonly user: UserEntry | undefined
  /** What they said about this channel, and about all: in the order of asking. */
  readonly own: readonly PreferenceLevel[]
  readonly personal: readonly PreferenceLevel[]
  readonly levels: readonly PreferenceLevel[]
  /** Undefined while it is not known. */
  readonly recipient: BindingRecipient | undefined
}

/** One channel and one event. */
class ChannelRouting {
  readonly #entry: ChannelEntry
  readonly #context: Context
  readonly #everybody: readonly PreferenceLevel[]
  readonly #override: EventOverride
  readonly #severity: Severity

  constructor(entry: ChannelEntry, context: Context) {
    this.#entry = entry
    this.#context = context
    this.#everybody = context.tables.everybody.of(context.namespace)
    this.#override = overrideOf(entry, context.family)
    this.#severity = this.#override.severity ?? context.event.severity
  }

  decisions(): readonly Decision[] {
    const { channel, recipients, bindings, unbound } = this.#entry
    if (!channel.program.enabled) {
      const because = say(channel, 'has enabled: false')
      return [this.#suppressed(undefined, { reason: 'channel_disabled', because, by: channel })]
    }
    // What goes to another place of the channel goes there once, not once for everybody bound.
    const isRedirected = this.#override.to !== undefined || this.#override.channel !== undefined
    if (recipients === 'channel' || isRedirected) return [this.#decide(this.#itself())]
    const decisions = bindings.map((binding) => this.#bound(binding))
    for (const { user, preference } of unbound) {
      const because = `${say(preference, `says what ${user.user.name} wants there`)}, but no UserBinding connects them`
      decisions.push(this.#suppressed(user, { reason: 'no_binding', because, by: preference }))
    }
    if (decisions.length > 0) return decisions
    const because = `${placed(channel)} writes to people, and no UserBinding connects anybody`
    return [this.#suppressed(undefined, { reason: 'no_binding', because, by: channel })]
  }

  #bound({ binding, user, levels, recipient }: BindingEntry): Decision {
    if (!binding.program.enabled) {
      const because = say(binding, 'has enabled: false')
      return this.#suppressed(user, { reason: 'binding_disabled', because, by: binding }, recipient, binding)
    }
    const { namespace, known } = this.#context
    const own = levels.of(namespace)
    const personal = user.levels.of(namespace)
    const isKnown = Object.keys(recipient).length > 0
    const address = isKnown ? recipient : known.recipientOf(this.#entry.channel, user.user)
    const all = [...own, ...personal, ...this.#everybody]
    return this.#decide({ user, own, personal, levels: all, recipient: address }, binding)
  }

  /** The channel as one recipient: what single people want does not matter. */
  #itself(): Listener {
    return { user: undefined, own: [], personal: [], levels: this.#everybody, recipient: {} }
  }

  #decide(listener: Listener, binding?: Resource): Decision {
    const { user, recipient = {} } = listener
    const verdict = this.#verdict(listener)
    if (!verdict.wanted) return this.#suppressed(user, verdict, recipient, binding)
    const obstacle =
      this.#scope(listener) ?? this.#minSeverity(listener) ?? this.#silence() ?? this.#address(listener, binding)
    if (obstacle !== undefined) {
      const decision = this.#suppressed(user, obstacle, recipient, binding)
      return obstacle.reason === 'min_severity' ? this.#orIfPaired(decision, verdict, listener, binding) : decision
    }
    const quiet = this.#quietHours(listener)
    if (quiet === undefined) return this.#answer(user, 'send', verdict, recipient, binding)
    const outcome = quiet.until === undefined ? 'suppress' : 'hold'
    return { ...this.#answer(user, outcome, quiet, recipient, binding), reason: quiet.reason }
  }

  /** The end of something is less severe than what it ends, and has to be told all the same. */
  #orIfPaired(decision: Decision, verdict: Verdict, listener: Listener, binding: Resource | undefined): Decision {
    if (this.#context.family.members[0]?.program.resolves.length === 0) return decision
    if ((this.#silence() ?? this.#address(listener, binding)) !== undefined) return decision
    const quiet = this.#quietHours(listener)
    const { by } = quiet ?? verdict
    const because = quiet?.because ?? `${decision.because}; sent all the same, for it ends what was sent`
    const outcome = quiet === undefined ? 'send' : quiet.until === undefined ? 'suppress' : 'hold'
    const until = quiet?.until === undefined ? {} : { until: quiet.until }
    const reason = quiet === undefined ? {} : { reason: quiet.reason }
    const ifPaired = { outcome, because, ...(by && { decidedBy: by.id }), ...reason, ...until } as const
    return { ...decision, ifPaired }
  }

  /** Whoever wants an event that includes this one wants this one; when nobody wants any, it is this one that is told. */
  #verdict(listener: Listener): Verdict {
    let first: Verdict | undefined
    for (const type of this.#context.family.members) {
      const verdict = this.#verdictOn(type, listener)
      if (!verdict.wanted) {
        first ??= verdict
        continue
      }
      if (first === undefined) return verdict
      const includes = `${type.program.id} includes ${this.#context.event.type}`
      return { ...verdict, because: `${verdict.because} (${includes})` }
    }
    // A family has at least one member.
    return first as Verdict
  }

  /** The first that says something decides. */
  #verdictOn(type: EventTypeEntry, { own, personal }: Listener): Verdict {
    const { channel } = this.#entry
    const { isCritical } = this.#context
    const { id } = type.program
    const filter = ruleFor(channel.program.events, id)
    const said =
      (isCritical ? undefined : this.#ask(own, id, 'preference')) ??
      (filter && verdictOf(filter.value !== false, 'channel_filter', filter.pattern, channel)) ??
      (isCritical
        ? undefined
        : (this.#ask(personal, id, 'preference') ?? this.#ask(this.#everybody, id, 'global_flag')))
    if (said !== undefined) return said
    const where = typeof type.by === 'string' ? `built-in event type ${id} (catalogue ${type.by})` : placed(type.by)
    const because = `${where} is ${type.program.default ? 'on' : 'off'} by default, and nothing else says anything of it`
    const by = typeof type.by === 'string' ? undefined : type.by
    return { wanted: type.program.default, reason: 'event_default', because, by }
  }

  #ask(levels: readonly PreferenceLevel[], id: string, reason: Reason): Verdict | undefined {
    for (const level of levels) {
      const said = level.wants(id, this.#entry.channel.program.type)
      if (said !== undefined) return verdictOf(said.value, reason, said.pattern, said.by)
    }
    return undefined
  }

  #scope({ user, levels }: Listener): Obstacle | undefined {
    const { event, tables } = this.#context
    const found = outOfScope(event, user?.user, firstSaid(levels, 'scope'), tables.options.customersEnabled)
    return found && { reason: 'scope', ...found }
  }

  #minSeverity({ levels }: Listener): Obstacle | undefined {
    const least = this.#context.isCritical ? undefined : firstSaid(levels, 'minSeverity')
    if (least === undefined || severities.indexOf(this.#severity) >= severities.indexOf(least.value)) return undefined
    const because = `${say(least.by, `says minSeverity: ${least.value}`)}, and this is ${this.#severity}`
    return { reason: 'min_severity', because, by: least.by }
  }

  #silence(): Obstacle | undefined {
    const { silence } = this.#context
    if (silence === undefined) return undefined
    const { until, comment } = silence.program
    const why = comment === '' ? '' : `: ${comment}`
    return { reason: 'silence', because: say(silence, `is in force until ${iso(until)}${why}`), by: silence }
  }

  #address({ user, recipient }: Listener, binding: Resource | undefined): Obstacle | undefined {
    if (user === undefined || recipient !== undefined) return undefined
    const because =
      binding === undefined
        ? `no address of ${user.user.name} is known`
        : say(binding, `names no address, and ${user.user.name} has not connected yet`)
    return { reason: 'binding_pending', because, by: binding }
  }

  #quietHours({ user, levels }: Listener): Obstacle | undefined {
    const hours = this.#context.isCritical ? undefined : firstSaid(levels, 'quietHours')
    if (hours === undefined) return undefined
    const zone = hours.value.timezone ?? user?.user.program.timezone ?? 'UTC'
    const until = quietUntil(hours.value, zone, this.#context.now)
    if (until === undefined) return undefined
    const because = say(hours.by, `has quiet hours ${hoursText(hours.value)} (${zone}), until ${iso(until)}`)
    const obstacle = { reason: 'quiet_hours', because, by: hours.by } as const
    return hours.value.mode === 'drop' ? obstacle : { ...obstacle, until }
  }

  #suppressed(
    user: UserEntry | undefined,
    obstacle: Obstacle,
    recipient: BindingRecipient = {},
    binding?: Resource,
  ): Decision {
    return { ...this.#answer(user, 'suppress', obstacle, recipient, binding), reason: obstacle.reason }
  }

  #answer(
    user: UserEntry | undefined,
    outcome: Decision['outcome'],
    { because, by, until }: { because: string; by?: Resource | undefined; until?: number },
    recipient: BindingRecipient,
    binding: Resource | undefined,
  ): Decision {
    const { channel } = this.#entry
    const { key } = this.#context
    return {
      channel: { namespace: channel.namespace, name: channel.name, type: channel.program.type },
      ...(user === undefined ? {} : { user: { namespace: '', name: user.user.name } }),
      ...(binding === undefined ? {} : { binding: binding.id }),
      outcome,
      ...(until === undefined ? {} : { until }),
      because,
      ...(by === undefined ? {} : { decidedBy: by.id }),
      recipient,
      override: this.#override,
      severity: this.#severity,
      ...(key === undefined ? {} : { key }),
    }
  }
}

/** Of the event itself, else of one that includes it. */
function overrideOf({ channel }: ChannelEntry, { members }: EventFamily): EventOverride {
  for (const { program } of members) {
    const rule = ruleFor(channel.program.events, program.id)
    if (rule !== undefined && rule.value !== false) return rule.value
  }
  return {}
}

function verdictOf(wanted: boolean, reason: Reason, pattern: string, by: Resource): Verdict {
  return { wanted, reason, because: say(by, `says ${pattern}: ${wanted}`), by }
}

/** The first level that says something of a field. */
export function firstSaid<Field extends 'minSeverity' | 'quietHours' | 'scope'>(
  levels: readonly PreferenceLevel[],
  field: Field,
): Said<NonNullable<PreferenceLevel[Field]>['value']> | undefined {
  for (const level of levels) {
    const said = level[field]
    if (said !== undefined) return said as Said<NonNullable<PreferenceLevel[Field]>['value']>
  }
  return undefined
}

function isSame(a: Reference, b: Reference): boolean {
  return a.namespace === b.namespace && a.name === b.name
}

/** Quiet hours, for people. */
export function hoursText({ fromMinute, toMinute }: QuietHours): string {
  const text = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return `from ${text(fromMinute)} to ${text(toMinute)}`
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
