// Who hears of an event, worked out from the rules of precedence one by one, with no thought of speed. It looks at
// declarations as people write them, not at what is compiled from them, and shares nothing with the routing under test.

export interface Declared<Spec> {
  readonly name: string
  /** Empty: global. */
  readonly namespace: string
  readonly spec: Spec
}

export type SeverityName = 'info' | 'warning' | 'error' | 'critical'

export interface ChannelDeclaration {
  readonly type: 'mattermost' | 'telegram' | 'slack'
  readonly enabled: boolean
  readonly events: Readonly<Record<string, boolean | { readonly severity?: SeverityName; readonly channel?: string }>>
}

export interface UserDeclaration {
  readonly email: string
  readonly timezone: string
  readonly role: 'admin' | 'member' | 'customer'
  readonly services: readonly string[]
  readonly namespaces: readonly string[]
}

export interface BindingDeclaration {
  readonly user: string
  readonly channel: string
  readonly recipient: Readonly<Record<string, string>>
  readonly enabled: boolean
}

export interface PreferenceDeclaration {
  readonly user?: string | undefined
  readonly channel?: string | undefined
  readonly events: Readonly<Record<string, boolean | Readonly<Record<string, boolean>>>>
  readonly minSeverity?: SeverityName | undefined
  readonly quietHours?:
    | {
        readonly from: string
        readonly to: string
        readonly timezone?: string | undefined
        readonly days?: readonly string[] | undefined
        readonly mode: 'defer' | 'drop'
      }
    | undefined
  readonly scope?: { readonly services?: readonly string[]; readonly customers?: readonly string[] } | undefined
}

export interface EventTypeDeclaration {
  readonly id: string
  readonly default: boolean
  readonly critical: boolean
  readonly includes: readonly string[]
}

export interface SilenceDeclaration {
  readonly match: {
    readonly event?: string
    readonly severity?: SeverityName
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly from: string
  readonly until: string
}

export interface World {
  readonly channels: readonly Declared<ChannelDeclaration>[]
  readonly users: readonly Declared<UserDeclaration>[]
  readonly bindings: readonly Declared<BindingDeclaration>[]
  readonly preferences: readonly Declared<PreferenceDeclaration>[]
  readonly eventTypes: readonly Declared<EventTypeDeclaration>[]
  readonly silences: readonly Declared<SilenceDeclaration>[]
  readonly customersEnabled: boolean
  /** `<channel id> <user>`: those whose chat is known. */
  readonly learned: readonly string[]
}

export interface EventDeclaration {
  readonly type: string
  readonly severity: SeverityName
  readonly namespace?: string
  readonly service?: string
  readonly customer?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface ReferenceDecision {
  /** As in references. */
  readonly channel: string
  readonly user: string | undefined
  readonly outcome: 'send' | 'hold' | 'suppress'
  readonly reason: string | undefined
  readonly until: number | undefined
}

const ranks = ['info', 'warning', 'error', 'critical']

export function routeByTheBook(world: World, event: EventDeclaration, now: number): ReferenceDecision[] {
  const all: ReferenceDecision[] = []
  for (const channel of world.channels) {
    // A namespaced channel hears only its namespace; a global one hears all.
    if (channel.namespace !== '' && channel.namespace !== event.namespace) continue
    all.push(...new Book(world, event, now, channel).decisions())
  }
  return all
}

class Book {
  readonly world: World
  readonly event: EventDeclaration
  readonly now: number
  readonly channel: Declared<ChannelDeclaration>

  constructor(world: World, event: EventDeclaration, now: number, channel: Declared<ChannelDeclaration>) {
    this.world = world
    this.event = event
    this.now = now
    this.channel = channel
  }

  decisions(): ReferenceDecision[] {
    const { channel, world } = this
    if (!channel.spec.enabled) return [this.answer(undefined, 'suppress', 'channel_disabled')]
    // One recipient: one message per event, with or without bindings.
    if (channel.spec.type === 'mattermost') return [this.decide(undefined, undefined)]
    const override = this.overrideOf()
    if (override?.channel !== undefined) return [this.decide(undefined, undefined)]
    const bindings = world.bindings.filter((binding) => this.meansThisChannel(binding))
    const bound = bindings.map((binding) => {
      const user = world.users.find(({ name }) => name === binding.spec.user)
      if (user === undefined) throw new Error('the world has no such user')
      return binding.spec.enabled ? this.decide(user, binding.spec) : this.answer(user, 'suppress', 'binding_disabled')
    })
    const unbound = world.users.filter(
      (user) =>
        !bindings.some(({ spec }) => spec.user === user.name) &&
        world.preferences.some((preference) => preference.spec.user === user.name && this.isForThisChannel(preference)),
    )
    const missing = unbound.map((user) => this.answer(user, 'suppress', 'no_binding'))
    if (bound.length + missing.length === 0) return [this.answer(undefined, 'suppress', 'no_binding')]
    return [...bound, ...missing]
  }

  decide(user: Declared<UserDeclaration> | undefined, binding: BindingDeclaration | undefined): ReferenceDecision {
    const { event, world, now } = this
    const wanted = this.wants(user)
    if (wanted !== 'yes') return this.answer(user, 'suppress', wanted)
    if (!this.isInScope(user)) return this.answer(user, 'suppress', 'scope')
    const levels = this.preferenceLevels(user)
    if (!this.isCritical()) {
      const least = firstOf(levels, ({ minSeverity }) => minSeverity)
      if (least !== undefined && ranks.indexOf(this.severity()) < ranks.indexOf(least)) {
        return this.answer(user, 'suppress', 'min_severity')
      }
    }
    const isSilenced = world.silences.some(({ namespace, spec: { match, from, until } }) => {
      if (namespace !== '' && namespace !== event.namespace) return false
      if (now < Date.parse(from) || now >= Date.parse(until)) return false
      if (match.event !== undefined && !fitsPattern(match.event, event.type)) return false
      if (match.severity !== undefined && match.severity !== event.severity) return false
      return Object.entries(match.labels ?? {}).every(([name, value]) => event.labels?.[name] === value)
    })
    if (isSilenced) return this.answer(user, 'suppress', 'silence')
    if (user !== undefined && binding !== undefined && !this.hasAddress(user, binding)) {
      return this.answer(user, 'suppress', 'binding_pending')
    }
    if (!this.isCritical()) {
      const hours = firstOf(levels, ({ quietHours }) => quietHours)
      const zone = hours?.timezone ?? user?.spec.timezone ?? 'UTC'
      if (hours !== undefined && isQuiet(hours, zone, now)) {
        if (hours.mode === 'drop') return this.answer(user, 'suppress', 'quiet_hours')
        let until = now
        while (isQuiet(hours, zone, until)) until = (Math.floor(until / 60_000) + 1) * 60_000
        return { ...this.answer(user, 'hold', 'quiet_hours'), until }
      }
    }
    return this.answer(user, 'send', undefined)
  }

  answer(
    user: Declared<UserDeclaration> | undefined,
    outcome: ReferenceDecision['outcome'],
    reason: string | undefined,
  ): ReferenceDecision {
    return { channel: written(this.channel), user: user?.name, outcome, reason, until: undefined }
  }

  /** The event, and every event that includes it, directly or not: a channel that wants either gets the delivery. */
  family(): string[] {
    const family = [this.event.type]
    for (const one of family) {
      for (const type of this.knownTypes()) {
        if (type.includes.includes(one) && !family.includes(type.id)) family.push(type.id)
      }
    }
    return family
  }

  knownTypes(): EventTypeDeclaration[] {
    const ids = [...new Set(this.world.eventTypes.map(({ spec }) => spec.id))].sort()
    return ids.flatMap((id) => {
      const types = this.world.eventTypes.filter(({ spec }) => spec.id === id)
      const own = types.find(({ namespace }) => namespace !== '' && namespace === this.event.namespace)
      const found = own ?? types.find(({ namespace }) => namespace === '')
      return found === undefined ? [] : [found.spec]
    })
  }

  typeOf(id: string): EventTypeDeclaration {
    const type = this.knownTypes().find((one) => one.id === id)
    if (type === undefined) throw new Error('the world has no such event type')
    return type
  }

  isCritical(): boolean {
    return this.typeOf(this.event.type).critical
  }

  /** The verdict on the event itself is the one to name when nobody wants it. */
  wants(user: Declared<UserDeclaration> | undefined): string {
    const verdicts = this.family().map((id) => this.verdict(id, user))
    return verdicts.includes('yes') ? 'yes' : (verdicts[0] ?? '')
  }

  verdict(id: string, user: Declared<UserDeclaration> | undefined): string {
    const own = user === undefined ? [] : this.preferencesOf(user.name, true)
    const personal = user === undefined ? [] : this.preferencesOf(user.name, false)
    const chain: [said: boolean | undefined, reason: string][] = [
      ...(this.isCritical() ? [] : own.map((level) => [this.saidBy(level, id), 'preference'] as [boolean, string])),
      [truth(best(this.channel.spec.events, id)), 'channel_filter'],
      ...(this.isCritical()
        ? []
        : [
            ...personal.map((level) => [this.saidBy(level, id), 'preference'] as [boolean, string]),
            ...this.everybodys().map((level) => [this.saidBy(level, id), 'global_flag'] as [boolean, string]),
          ]),
      [this.typeOf(id).default, 'event_default'],
    ]
    const first = chain.find(([said]) => said !== undefined)
    return first?.[0] === true ? 'yes' : (first?.[1] ?? '')
  }

  /** What holds for one type of channel alone is asked first. */
  saidBy(level: readonly PreferenceDeclaration[], id: string): boolean | undefined {
    const forType: Record<string, boolean> = {}
    const forAll: Record<string, boolean> = {}
    for (const { events } of level) {
      for (const [key, value] of Object.entries(events)) {
        if (typeof value === 'boolean') forAll[key] = value
        else if (key === this.channel.spec.type) Object.assign(forType, value)
      }
    }
    return truth(best(forType, id)) ?? truth(best(forAll, id))
  }

  /** Levels, each with all preferences that have the same right: the namespace's before the global ones. */
  preferencesOf(user: string, forChannel: boolean): PreferenceDeclaration[][] {
    return this.namespaces().map((namespace) =>
      this.world.preferences
        .filter((one) => one.namespace === namespace && one.spec.user === user)
        .filter((one) => (forChannel ? this.isForThisChannel(one) : one.spec.channel === undefined))
        .map(({ spec }) => spec),
    )
  }

  everybodys(): PreferenceDeclaration[][] {
    return this.namespaces().map((namespace) =>
      this.world.preferences
        .filter((one) => one.namespace === namespace && one.spec.user === undefined)
        .map(({ spec }) => spec),
    )
  }

  namespaces(): string[] {
    return this.event.namespace === undefined ? [''] : [this.event.namespace, '']
  }

  preferenceLevels(user: Declared<UserDeclaration> | undefined): PreferenceDeclaration[][] {
    return [
      ...(user === undefined ? [] : [...this.preferencesOf(user.name, true), ...this.preferencesOf(user.name, false)]),
      ...this.everybodys(),
    ]
  }

  isForThisChannel(preference: Declared<PreferenceDeclaration>): boolean {
    const { channel } = preference.spec
    return channel !== undefined && this.meansThisChannel({ ...preference, spec: { channel } })
  }

  meansThisChannel({ namespace, spec }: Declared<{ readonly channel: string }>): boolean {
    const [name, stated] = spec.channel.split('/').reverse()
    const exists = (where: string) => this.world.channels.some((one) => one.namespace === where && one.name === name)
    const where = stated === '-' ? '' : (stated ?? (namespace !== '' && exists(namespace) ? namespace : ''))
    return this.channel.namespace === where && this.channel.name === name
  }

  isInScope(user: Declared<UserDeclaration> | undefined): boolean {
    const { namespace, service, customer } = this.event
    if (user !== undefined) {
      const { role, services, namespaces } = user.spec
      if (role === 'member' && namespace !== undefined && !namespaces.includes(namespace)) return false
      if (role === 'customer') {
        if (!this.world.customersEnabled) return false
        if (service === undefined || !services.includes(service)) return false
        if (namespace !== undefined && namespaces.length > 0 && !namespaces.includes(namespace)) return false
      }
    }
    const scope = firstOf(this.preferenceLevels(user), (preference) => preference.scope)
    if (scope?.services !== undefined && service !== undefined && !scope.services.includes(service)) return false
    return scope?.customers === undefined || customer === undefined || scope.customers.includes(customer)
  }

  overrideOf() {
    for (const id of this.family()) {
      const said = best(this.channel.spec.events, id)
      if (said === undefined || said === false) continue
      return typeof said === 'object' ? said : {}
    }
    return undefined
  }

  severity(): SeverityName {
    return this.overrideOf()?.severity ?? this.event.severity
  }

  hasAddress(user: Declared<UserDeclaration>, { recipient }: BindingDeclaration): boolean {
    if (this.channel.spec.type !== 'telegram' || recipient.chatId !== undefined) return true
    return this.world.learned.includes(`${written(this.channel)} ${user.name}`)
  }
}

function written({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

function truth(said: boolean | object | undefined): boolean | undefined {
  return typeof said === 'object' ? true : said
}

function firstOf<Value>(
  levels: readonly (readonly PreferenceDeclaration[])[],
  get: (preference: PreferenceDeclaration) => Value | undefined,
): Value | undefined {
  for (const level of levels) for (const one of level) if (get(one) !== undefined) return get(one)
  return undefined
}

/** An exact id beats the longer pattern beats the shorter. */
function best<Value>(events: Readonly<Record<string, Value>>, id: string): Value | undefined {
  if (events[id] !== undefined) return events[id]
  const fitting = Object.keys(events).filter((key) => key.includes('*') && fitsPattern(key, id))
  const [longest] = fitting.sort((a, b) => b.length - a.length)
  return longest === undefined ? undefined : events[longest]
}

function fitsPattern(pattern: string, id: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.]/g, '\\.'))
  return new RegExp(`^${parts.join('.*')}$`).test(id)
}

/** What a clock in the zone shows, minute by minute; good where no clock is changed. */
function isQuiet(hours: NonNullable<PreferenceDeclaration['quietHours']>, zone: string, now: number): boolean {
  const shown = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now)
  const part = (type: string) => shown.find((one) => one.type === type)?.value ?? ''
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
  const today = days.indexOf(part('weekday').toLowerCase())
  const minuteOf = (time: string) => Number(time.split(':')[0]) * 60 + Number(time.split(':')[1])
  const time = minuteOf(`${part('hour')}:${part('minute')}`)
  const [from, to] = [minuteOf(hours.from), minuteOf(hours.to)]
  const begins = (day: number) => hours.days === undefined || hours.days.includes(days[(day + 7) % 7] ?? '')
  const overMidnight = to <= from
  if (begins(today) && time >= from && (overMidnight || time < to)) return true
  return overMidnight && begins(today - 1) && time < to
}
