// What routing looks at: immutable, one for each revision. Built again only when something that says who hears what has
// changed.

import { type CatalogueName, catalogues } from '../resources/catalogues/index.js'
import { channelTypeFacts, recipientsOf } from '../resources/channel-types.js'
import type { DigestProgram } from '../resources/kinds/digest-program.js'
import type { NamespaceProgram } from '../resources/kinds/namespace.js'
import type {
  BindingProgram,
  BindingRecipient,
  ChannelProgram,
  EventTypeProgram,
  PreferenceProgram,
  SilenceProgram,
  WrittenReference,
} from '../resources/kinds/notification-program.js'
import { namespacesOf } from '../resources/kinds/reference.js'
import type { UserProgram } from '../resources/kinds/user.js'
import { type Resource, type ResourceSet, resourceId } from '../resources/resource.js'
import { EventTypes } from './event-types.js'
import { PreferenceLevels } from './preference-level.js'
import type { QuotasByNamespace } from './quota.js'

/** A resource with what linking compiled of it. */
export type Declared<Program> = Resource & { readonly program: Program }

export interface TableOptions {
  /** Built-in event types that are there. */
  readonly catalogues: readonly CatalogueName[]
  /** Whether customers are told anything. */
  readonly customersEnabled: boolean
}

export interface Tables {
  readonly options: TableOptions
  readonly eventTypes: EventTypes
  /** Channels that hear the events of a namespace: the global ones and its own, in order of their ids. */
  channelsOf(namespace: string): readonly ChannelEntry[]
  readonly channels: readonly ChannelEntry[]
  /** Everybody's preferences, those of namespaces and the global ones. */
  readonly everybody: PreferenceLevels
  readonly users: ReadonlyMap<string, UserEntry>
  readonly silences: readonly Declared<SilenceProgram>[]
  readonly quotas: QuotasByNamespace
  readonly digests: readonly Declared<DigestProgram>[]
  /** What it was made of. */
  readonly sources: readonly Resource[]
}

export interface ChannelEntry {
  readonly channel: Declared<ChannelProgram>
  /** `channel`: it is one recipient itself. Otherwise what a binding may say. */
  readonly recipients: 'channel' | readonly (keyof BindingRecipient)[]
  /** By the name of the user. */
  readonly bindings: readonly BindingEntry[]
  /** Those who have said what they want to hear here and are not bound. */
  readonly unbound: readonly { readonly user: UserEntry; readonly preference: Resource }[]
}

export interface BindingEntry {
  readonly binding: Declared<BindingProgram>
  readonly user: UserEntry
  /** What the user said about this channel. */
  readonly levels: PreferenceLevels
  /** Declared, or the user's e-mail address where that will do; empty when it has to be learned. */
  readonly recipient: BindingRecipient
}

export interface UserEntry {
  readonly user: Declared<UserProgram>
  /** What the user said about all channels. */
  readonly levels: PreferenceLevels
}

const kinds: ReadonlySet<string> = new Set([
  'Channel',
  'User',
  'UserBinding',
  'Preference',
  'EventType',
  'Silence',
  'Namespace',
  'Digest',
])

/** The same object as `before` when nothing that matters has changed. */
export function buildTables(resources: ResourceSet, options: TableOptions, before?: Tables): Tables {
  const sources: Resource[] = []
  for (const resource of resources.values()) {
    if (kinds.has(resource.kind) && resource.program !== undefined) sources.push(resource)
  }
  if (before !== undefined && isSame(before, sources, options)) return before
  return new TableBuilder(sources, options).build()
}

function isSame(before: Tables, sources: readonly Resource[], { catalogues, customersEnabled }: TableOptions): boolean {
  return (
    before.sources.length === sources.length &&
    before.options.customersEnabled === customersEnabled &&
    before.options.catalogues.join() === catalogues.join() &&
    sources.every((resource, index) => isUnchanged(resource, before.sources[index]))
  )
}

/** Files and lines matter too: decisions name them. */
function isUnchanged(now: Resource, before: Resource | undefined): boolean {
  if (now === before) return true
  return now.id === before?.id && now.program === before.program && now.file === before.file && now.line === before.line
}

class TableBuilder {
  readonly #sources: readonly Resource[]
  readonly #options: TableOptions
  readonly #byId = new Map<string, Resource>()

  constructor(sources: readonly Resource[], options: TableOptions) {
    this.#sources = [...sources]
    this.#options = options
    for (const resource of sources) this.#byId.set(resource.id, resource)
  }

  build(): Tables {
    const preferences = this.#ofKind<PreferenceProgram>('Preference')
    const { everybody, personal, onChannel } = this.#levels(preferences)
    const users = new Map<string, UserEntry>()
    for (const user of this.#ofKind<UserProgram>('User')) {
      users.set(user.name, { user, levels: personal.get(user.name) ?? PreferenceLevels.none })
    }
    const bindings = this.#bindings()
    const channels = this.#ofKind<ChannelProgram>('Channel').map((channel) => {
      const facts = channelTypeFacts(channel.program.type)
      const recipients = facts === undefined ? 'channel' : recipientsOf(facts, channel.program.config)
      const said = onChannel.get(channel.id) ?? new Map<string, PreferenceLevels>()
      return this.#channel(channel, recipients, bindings.get(channel.id) ?? [], said, users)
    })
    const eventTypes = new EventTypes(
      this.#ofKind<EventTypeProgram>('EventType'),
      this.#options.catalogues.map((name) => [name, catalogues[name]]),
    )
    const silences = this.#ofKind<SilenceProgram>('Silence')
    return {
      options: this.#options,
      sources: this.#sources,
      eventTypes,
      channels,
      channelsOf: byNamespace(channels),
      everybody,
      users,
      silences,
      quotas: new Map(
        this.#ofKind<NamespaceProgram>('Namespace').flatMap((by) =>
          by.program.quota === undefined ? [] : [[by.name, { quota: by.program.quota, by }]],
        ),
      ),
      digests: this.#ofKind<DigestProgram>('Digest'),
    }
  }

  /** In order of their ids, so that the same declarations are always asked in the same order. */
  #ofKind<Program>(kind: string): Declared<Program>[] {
    const found = this.#sources.filter((resource) => resource.kind === kind) as Declared<Program>[]
    return found.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #levels(preferences: readonly Declared<PreferenceProgram>[]) {
    const everybody: Declared<PreferenceProgram>[] = []
    const personal = new Map<string, Declared<PreferenceProgram>[]>()
    const onChannel = new Map<string, Map<string, Declared<PreferenceProgram>[]>>()
    for (const preference of preferences) {
      const { user, channel } = preference.program
      if (user === undefined) everybody.push(preference)
      else if (channel === undefined) push(personal, user.name, preference)
      else {
        const id = this.#channelId(channel, preference.namespace)
        if (id === undefined) continue
        const said = onChannel.get(id) ?? new Map<string, Declared<PreferenceProgram>[]>()
        onChannel.set(id, said)
        push(said, user.name, preference)
      }
    }
    return {
      everybody: new PreferenceLevels(everybody),
      personal: toLevels(personal),
      onChannel: new Map([...onChannel].map(([id, said]) => [id, toLevels(said)])),
    }
  }

  #bindings(): Map<string, Declared<BindingProgram>[]> {
    const found = new Map<string, Declared<BindingProgram>[]>()
    for (const binding of this.#ofKind<BindingProgram>('UserBinding')) {
      const id = this.#channelId(binding.program.channel, binding.namespace)
      if (id !== undefined) push(found, id, binding)
    }
    return found
  }

  #channelId(reference: WrittenReference, namespace: string): string | undefined {
    return namespacesOf(reference, namespace)
      .map((one) => resourceId('Channel', one, reference.name))
      .find((id) => this.#byId.has(id))
  }

  #channel(
    channel: Declared<ChannelProgram>,
    recipients: ChannelEntry['recipients'],
    declared: readonly Declared<BindingProgram>[],
    said: ReadonlyMap<string, PreferenceLevels>,
    users: ReadonlyMap<string, UserEntry>,
  ): ChannelEntry {
    if (recipients === 'channel') return { channel, recipients, bindings: [], unbound: [] }
    const bindings = declared.flatMap((binding): BindingEntry[] => {
      const user = users.get(binding.program.user.name)
      if (user === undefined) return []
      const levels = said.get(user.user.name) ?? PreferenceLevels.none
      return [{ binding, user, levels, recipient: recipientOf(binding.program, user.user.program, recipients) }]
    })
    const bound = new Set(bindings.map(({ user }) => user.user.name))
    const unbound = [...said].flatMap(([name, levels]) => {
      const user = bound.has(name) ? undefined : users.get(name)
      const [preference] = levels.declared
      return user === undefined || preference === undefined ? [] : [{ user, preference }]
    })
    bindings.sort((a, b) => compare(a.user.user.name, b.user.user.name))
    return { channel, recipients, bindings, unbound }
  }
}

function recipientOf(
  { recipient }: BindingProgram,
  { email }: UserProgram,
  usable: readonly (keyof BindingRecipient)[],
): BindingRecipient {
  const own = Object.fromEntries(usable.flatMap((field) => (recipient[field] ? [[field, recipient[field]]] : [])))
  return Object.keys(own).length === 0 && usable.includes('email') ? { email } : own
}

function toLevels(
  byUser: ReadonlyMap<string, readonly Declared<PreferenceProgram>[]>,
): ReadonlyMap<string, PreferenceLevels> {
  return new Map([...byUser].map(([user, preferences]) => [user, new PreferenceLevels(preferences)]))
}

function byNamespace(channels: readonly ChannelEntry[]): Tables['channelsOf'] {
  const global = channels.filter(({ channel }) => channel.namespace === '')
  const found = new Map<string, ChannelEntry[]>()
  for (const entry of channels) {
    const { namespace } = entry.channel
    if (namespace !== '' && !found.has(namespace)) found.set(namespace, [...global])
    if (namespace !== '') found.get(namespace)?.push(entry)
  }
  return (namespace) => found.get(namespace) ?? global
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
