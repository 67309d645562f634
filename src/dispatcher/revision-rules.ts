// The rules of one revision: its tables, what is known beside them, and who writes its messages.

import { type CatalogueName, catalogues } from '../resources/catalogues/index.js'
import { keyIn } from '../resources/event-key.js'
import type { ChannelProgram, EventTypeProgram } from '../resources/kinds/notification-program.js'
import type { Decision } from './decision.js'
import type { EventTypeEntry, EventTypes } from './event-types.js'
import type { PostedEvent } from './events/event.js'
import type { Severity } from './message.js'
import { type Known, reconsider, route } from './routing.js'
import type { RatedEvent, RenderedMessage, Rules } from './rules.js'
import { type Addressee, type Standing, Standings } from './standing.js'
import type { Tables } from './tables.js'

/** Makes words of events, by the templates of one revision. */
export interface MessageWriter {
  /** What a type's expression says of an event; never rejects. */
  severityOf(event: PostedEvent, type: EventTypeEntry): Promise<Severity>
  /** In the order of `decisions`; never rejects for what a template does. */
  write(event: RatedEvent, type: EventTypeEntry, decisions: readonly Decision[]): Promise<readonly RenderedMessage[]>
}

export interface RevisionRulesOptions {
  readonly generation: number
  readonly revisionOf: (generation: number) => string | undefined
  readonly tables: Tables
  readonly known: Known
  readonly writer: MessageWriter
}

export class RevisionRules implements Rules {
  readonly generation: number
  readonly #options: RevisionRulesOptions
  readonly #channels: ReadonlyMap<string, ChannelProgram>
  readonly #standings: Standings

  constructor(options: RevisionRulesOptions) {
    this.#options = options
    this.generation = options.generation
    this.#standings = new Standings(options.tables)
    this.#channels = new Map(
      options.tables.channels.map(({ channel }) => [`${channel.namespace}/${channel.name}`, channel.program]),
    )
  }

  get revision(): string | undefined {
    return this.#options.revisionOf(this.generation)
  }

  get tables(): Tables {
    return this.#options.tables
  }

  get eventTypes(): EventTypes {
    return this.#options.tables.eventTypes
  }

  switchedOff(id: string): string | undefined {
    return switchedOff(id, this.#options.tables.options.catalogues)
  }

  channel({ namespace, name }: Pick<Decision['channel'], 'namespace' | 'name'>): ChannelProgram | undefined {
    return this.#channels.get(`${namespace}/${name}`)
  }

  async rate(event: PostedEvent): Promise<RatedEvent> {
    if (event.severity !== undefined) return { ...event, severity: event.severity }
    const type = this.#typeOf(event)
    return { ...event, severity: type === undefined ? 'info' : await this.#severityOf(event, type) }
  }

  route(event: RatedEvent, now: number): readonly Decision[] {
    const { tables, known } = this.#options
    return route(event, tables, now, known)
  }

  reconsider(
    event: RatedEvent,
    about: Pick<Decision, 'channel' | 'recipient'> & { readonly user?: string },
    now: number,
  ): Decision | undefined {
    const { tables, known } = this.#options
    return reconsider(event, about, tables, now, known)
  }

  /** Whether somebody is to be told still of what was accepted for them. */
  standingOf(addressee: Addressee): Standing {
    return this.#standings.of(addressee)
  }

  async render(event: RatedEvent, decisions: readonly Decision[]): Promise<readonly RenderedMessage[]> {
    const type = this.#typeOf(event)
    // It was known when the event was accepted; what is declared may have changed before the rest of it is made.
    if (type === undefined) return decisions.map(({ severity }) => ({ message: gone({ ...event, severity }) }))
    const messages = await this.#options.writer.write(event, type, decisions)
    const key = keyOf(event, type.program, this.eventTypes)
    return messages.map((rendered) => ({ ...rendered, message: { ...rendered.message, key } }))
  }

  #typeOf({ type, namespace = '' }: PostedEvent): EventTypeEntry | undefined {
    return this.eventTypes.get(type, namespace)
  }

  async #severityOf(event: PostedEvent, type: EventTypeEntry): Promise<Severity> {
    const { severity } = type.program
    return 'fixed' in severity ? severity.fixed : this.#options.writer.severityOf(event, type)
  }
}

/** The built-in catalogue that has the event type, and is not among those that are `on`. */
export function switchedOff(id: string, on: readonly CatalogueName[]): CatalogueName | undefined {
  return (Object.keys(catalogues) as CatalogueName[]).find(
    (name) => !on.includes(name) && catalogues[name].some((type) => type.id === id),
  )
}

/** Equal for what begins a matter and what ends it, so that a vendor's incident is closed by the second. */
function keyOf(event: RatedEvent, type: EventTypeProgram, types: EventTypes): string {
  const { namespace = '', service = '', customer = '', payload } = event
  const begun = type.resolves[0] ?? types.endedWith(type.id, namespace)
  const value = type.key === undefined ? undefined : keyIn(payload, type.key)
  if (begun === undefined && value === undefined) return event.id
  return [begun ?? type.id, namespace, service, customer, value ?? ''].filter((part) => part !== '').join('/')
}

/** The words of an event whose type is not declared any more. */
function gone(event: RatedEvent): RenderedMessage['message'] {
  const { severity, title = event.type, body = '', link, ...occurrence } = event
  return {
    event: occurrence,
    severity,
    title,
    body,
    ...(link !== undefined && { link }),
    format: 'rich',
    action: 'trigger',
    key: event.id,
  }
}
