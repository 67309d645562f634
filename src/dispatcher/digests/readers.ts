// Who gets a digest, over which channel, and why or why not. Pure, as routing is.

import { digestEvent } from '../../resources/catalogues/digest-sample.js'
import type { DigestProgram } from '../../resources/kinds/digest-program.js'
import { fits } from '../../resources/kinds/event-pattern.js'
import type { BindingRecipient, WrittenReference } from '../../resources/kinds/notification-program.js'
import { namespacesOf } from '../../resources/kinds/reference.js'
import type { Resource } from '../../resources/resource.js'
import type { Decision, Reason } from '../decision.js'
import type { PreferenceLevel } from '../preference-level.js'
import { quietUntil } from '../quiet-hours.js'
import { placed, say } from '../reason-text.js'
import { firstSaid, hoursText, type Known } from '../routing.js'
import { outOfScope } from '../scope.js'
import type { BindingEntry, ChannelEntry, Declared, Tables, UserEntry } from '../tables.js'
import type { MayHear } from './summary.js'

export type DeclaredDigest = Declared<DigestProgram>

/** Somebody, or a channel that is one recipient itself. */
export interface Reader {
  readonly decision: Decision
  /** False: they have not asked for it, and nothing is recorded. */
  readonly isSubscribed: boolean
  readonly mayHear: MayHear
}

/** In order of the channels and the people. `now`: milliseconds since 1970. */
export function readersOf(digest: DeclaredDigest, tables: Tables, now: number, known: Known): readonly Reader[] {
  return channelsFor(digest, tables).flatMap((entry) => new DigestReaders(digest, entry, tables, now, known).all())
}

/** Channels that a digest may go over. */
export function channelsFor({ namespace, program }: DeclaredDigest, tables: Tables): readonly ChannelEntry[] {
  if (program.channels.length === 0) {
    return tables.channelsOf(namespace).filter(({ recipients }) => recipients !== 'channel')
  }
  return tables.channels.filter(({ channel }) =>
    program.channels.some((reference) => means(reference, namespace, channel, tables)),
  )
}

function means(reference: WrittenReference, own: string, channel: Resource, tables: Tables): boolean {
  if (reference.name !== channel.name) return false
  const place = namespacesOf(reference, own).find((namespace) =>
    tables.channels.some((one) => one.channel.namespace === namespace && one.channel.name === reference.name),
  )
  return place === channel.namespace
}

interface Told {
  readonly outcome: Decision['outcome']
  readonly reason?: Reason
  readonly because: string
  readonly by?: Resource | undefined
  readonly until?: number
}

/** One digest on one channel. */
class DigestReaders {
  readonly #digest: DeclaredDigest
  readonly #entry: ChannelEntry
  readonly #tables: Tables
  readonly #now: number
  readonly #known: Known

  constructor(digest: DeclaredDigest, entry: ChannelEntry, tables: Tables, now: number, known: Known) {
    this.#digest = digest
    this.#entry = entry
    this.#tables = tables
    this.#now = now
    this.#known = known
  }

  all(): readonly Reader[] {
    const { recipients, bindings } = this.#entry
    if (recipients === 'channel') return [this.#itself()]
    return bindings.filter(({ user }) => this.#isMeant(user)).map((binding) => this.#person(binding))
  }

  #isMeant({ user }: UserEntry): boolean {
    const { users, roles, namespaces } = this.#digest.program
    return (
      (users.length === 0 || users.some(({ name }) => name === user.name)) &&
      (roles.length === 0 || roles.includes(user.program.role)) &&
      (namespaces.length === 0 || namespaces.some((one) => user.program.namespaces.includes(one)))
    )
  }

  #itself(): Reader {
    const levels = this.#everybody()
    const off = this.#asked(levels)
    if (off?.value === false) {
      const told = { outcome: 'suppress', reason: 'global_flag', because: off.because, by: off.by } as const
      return this.#reader(undefined, {}, told, false, levels)
    }
    const because = say(this.#digest, `names ${placed(this.#entry.channel)}`)
    return this.#reader(undefined, {}, this.#held(undefined, levels, { because, by: this.#digest }), true, levels)
  }

  #person({ binding, user, levels: own, recipient }: BindingEntry): Reader {
    const { namespace } = this.#digest
    const levels = [...own.of(namespace), ...user.levels.of(namespace), ...this.#everybody()]
    const asked = this.#asked(levels)
    if (asked === undefined || !asked.value) {
      const isOwn = [...own.of(namespace), ...user.levels.of(namespace)].some((level) => level === asked?.level)
      const told: Told = {
        outcome: 'suppress',
        reason: asked === undefined ? 'event_default' : isOwn ? 'preference' : 'global_flag',
        because: asked?.because ?? `no Preference switches the digest ${this.#digest.name} on`,
        by: asked?.by,
      }
      return this.#reader(user, recipient, told, false, levels)
    }
    const isKnown = Object.keys(recipient).length > 0
    const address = isKnown ? recipient : this.#known.recipientOf(this.#entry.channel, user.user)
    const told = this.#obstacle(binding, user, address) ?? this.#held(user, levels, asked)
    return this.#reader(user, address ?? {}, told, true, levels)
  }

  #everybody(): readonly PreferenceLevel[] {
    return this.#tables.everybody.of(this.#digest.namespace)
  }

  #asked(levels: readonly PreferenceLevel[]) {
    for (const level of levels) {
      const said = level.wantsDigest(this.#digest.name)
      if (said === undefined) continue
      const { value, pattern, by } = said
      return { value, level, by, because: say(by, `says ${pattern}: ${value} of digests`) }
    }
    return undefined
  }

  #obstacle(binding: Resource, user: UserEntry, address: BindingRecipient | undefined): Told | undefined {
    const { enabled } = binding.program as { readonly enabled: boolean }
    if (!enabled) {
      return {
        outcome: 'suppress',
        reason: 'binding_disabled',
        because: say(binding, 'has enabled: false'),
        by: binding,
      }
    }
    if (user.user.program.role === 'customer' && !this.#tables.options.customersEnabled) {
      const because = say(user.user, 'is a customer, and customers are told nothing: customers.enabled is not set')
      return { outcome: 'suppress', reason: 'scope', because, by: user.user }
    }
    if (address !== undefined) return undefined
    const because = say(binding, `names no address, and ${user.user.name} has not connected yet`)
    return { outcome: 'suppress', reason: 'binding_pending', because, by: binding }
  }

  /** A digest has its time, and what keeps it from being sent then only puts it off. */
  #held(
    user: UserEntry | undefined,
    levels: readonly PreferenceLevel[],
    said: { because: string; by: Resource },
  ): Told {
    const { channel } = this.#entry
    if (!channel.program.enabled) {
      const because = say(channel, 'has enabled: false')
      return { outcome: 'suppress', reason: 'channel_disabled', because, by: channel }
    }
    const silence = this.#silence()
    if (silence !== undefined) {
      const { until } = silence.program
      const because = say(silence, `is in force until ${iso(until)}; the digest waits`)
      return { outcome: 'hold', reason: 'silence', because, by: silence, until }
    }
    const hours = firstSaid(levels, 'quietHours')
    const zone = hours?.value.timezone ?? user?.user.program.timezone ?? 'UTC'
    const until = hours && quietUntil(hours.value, zone, this.#now)
    if (hours === undefined || until === undefined) return { outcome: 'send', ...said }
    const because = say(hours.by, `has quiet hours ${hoursText(hours.value)} (${zone}), until ${iso(until)}`)
    return { outcome: 'hold', reason: 'quiet_hours', because, by: hours.by, until }
  }

  /** One that names digests: what is silent while something is mended is about that. */
  #silence() {
    return this.#tables.silences.find(
      ({ namespace, program: { from, until, events } }) =>
        (namespace === '' || namespace === this.#digest.namespace) &&
        this.#now >= from &&
        this.#now < until &&
        events.some((pattern) => pattern !== '*' && fits(pattern, digestEvent)),
    )
  }

  #reader(
    user: UserEntry | undefined,
    recipient: BindingRecipient,
    { outcome, reason, because, by, until }: Told,
    isSubscribed: boolean,
    levels: readonly PreferenceLevel[],
  ): Reader {
    const { channel } = this.#entry
    return {
      isSubscribed,
      mayHear: mayHear(this.#entry, user, levels, this.#tables),
      decision: {
        channel: { namespace: channel.namespace, name: channel.name, type: channel.program.type },
        ...(user !== undefined && { user: { namespace: '', name: user.user.name } }),
        outcome,
        ...(reason !== undefined && { reason }),
        ...(until !== undefined && { until }),
        because,
        ...(by !== undefined && { decidedBy: by.id }),
        recipient,
        override: {},
        severity: 'info',
      },
    }
  }
}

/** What they would be told of one by one, were they told of everything. */
function mayHear(
  { channel, bindings }: ChannelEntry,
  user: UserEntry | undefined,
  digestLevels: readonly PreferenceLevel[],
  tables: Tables,
): MayHear {
  const own = user && bindings.find((one) => one.user === user)?.levels
  const scopes = new Map<string, ReturnType<typeof firstSaid<'scope'>>>()
  const scopeIn = (namespace: string) => {
    if (!scopes.has(namespace)) {
      const levels = [
        ...(own?.of(namespace) ?? []),
        ...(user?.levels.of(namespace) ?? []),
        ...tables.everybody.of(namespace),
      ]
      scopes.set(namespace, firstSaid(levels, 'scope'))
    }
    return scopes.get(namespace)
  }
  return (event) => {
    if (event === 'anyones') {
      const isRestricted = user !== undefined && user.user.program.role !== 'admin'
      return channel.namespace === '' && !isRestricted && firstSaid(digestLevels, 'scope') === undefined
    }
    const { namespace, service, customer } = event
    if (channel.namespace !== '' && channel.namespace !== namespace) return false
    const occurrence = {
      id: '',
      type: '',
      time: '',
      source: '',
      payload: null,
      ...(namespace !== '' && { namespace }),
      ...(service !== '' && { service }),
      ...(customer !== '' && { customer }),
    }
    return outOfScope(occurrence, user?.user, scopeIn(namespace), tables.options.customersEnabled) === undefined
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
