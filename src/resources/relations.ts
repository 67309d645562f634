// What only shows between resources: references that lead nowhere, claims that two of them make. Each resource is compared
// with what it asks about, and again only when that changes.

import { type CatalogueName, catalogues } from './catalogues/index.js'
import { kinds } from './kinds/index.js'
import type { KnownEvents, Surroundings } from './kinds/kind.js'
import type { EventTypeProgram, WrittenReference } from './kinds/notification-program.js'
import { namespacesOf } from './kinds/reference.js'
import type { Finding } from './problem.js'
import { type Resource, type ResourceId, type ResourceSet, resourceId } from './resource.js'

export interface RelationsOptions {
  /** Built-in event types that are there. */
  readonly catalogues: readonly CatalogueName[]
  /** Whether some document claims to be this resource, without errors or with. */
  readonly isClaimed: (id: ResourceId) => boolean
  /** Whether an event type has errors of its own. */
  readonly hasFaultyEventTypes: () => boolean
}

/** What `Surroundings.events` depends on. */
const eventTypesKey = 'every event type'

export class Relations {
  readonly #options: RelationsOptions
  readonly #builtIn: ReadonlyMap<string, EventTypeProgram>
  #resources: ResourceSet = new Map()
  readonly #findings = new Map<ResourceId, readonly Finding[]>()
  /** Ids and topics that a resource asked about, and the other way round. */
  readonly #asked = new Map<ResourceId, ReadonlySet<string>>()
  readonly #askers = new Map<string, Set<ResourceId>>()
  readonly #topics = new Map<ResourceId, readonly string[]>()
  readonly #sharing = new Map<string, Set<ResourceId>>()
  readonly #byKind = new Map<string, Set<ResourceId>>()
  /** Somebody has asked how much there is in a namespace. */
  #isCounted = false
  /** Known events by namespace, until an event type changes. */
  readonly #events = new Map<string, KnownEvents>()

  constructor(options: RelationsOptions) {
    this.#options = options
    this.#builtIn = new Map(options.catalogues.flatMap((name) => catalogues[name].map((type) => [type.id, type])))
  }

  /** Findings by resource. Pointers lead from the document. A list stays the same object until it is worked out again. */
  get findings(): ReadonlyMap<ResourceId, readonly Finding[]> {
    return this.#findings
  }

  /** `touched`: resources that came, went, changed or moved within their files. */
  update(touched: Iterable<ResourceId>, resources: ResourceSet): void {
    this.#resources = resources
    const keys = new Set<string>()
    const affected = new Set<ResourceId>()
    for (const id of touched) {
      // Whoever counts what there is in a namespace hears of all that comes and goes in it.
      if (this.#isCounted) keys.add(countKey(id.slice(0, id.lastIndexOf('/'))))
      const kind = kinds.get(id.slice(0, id.indexOf('/')))
      if (kind?.relate === undefined && kind?.referenced === undefined) continue
      keys.add(id)
      if (kind.kind === 'EventType') keys.add(eventTypesKey)
      for (const topic of this.#register(kind.kind, id)) keys.add(topic)
      if (kind.relate !== undefined) affected.add(id)
    }
    if (keys.size === 0) return
    if (keys.has(eventTypesKey)) this.#events.clear()
    for (const key of keys) for (const id of this.#askers.get(key) ?? []) affected.add(id)
    // What was not found then may be named otherwise now: what a hint offers is not asked about.
    for (const id of this.#findings.keys()) affected.add(id)
    for (const id of affected) this.#relate(id)
  }

  /** Brings the indexes in line; gives the topics it had or has. */
  #register(kind: string, id: ResourceId): readonly string[] {
    const resource = this.#resources.get(id)
    const before = this.#topics.get(id) ?? []
    const after = resource === undefined ? [] : (kinds.get(kind)?.topics?.(resource) ?? [])
    for (const topic of before) remove(this.#sharing, topic, id)
    for (const topic of after) add(this.#sharing, topic, id)
    if (after.length > 0) this.#topics.set(id, after)
    else this.#topics.delete(id)
    if (resource === undefined) remove(this.#byKind, kind, id)
    else add(this.#byKind, kind, id)
    return [...before, ...after]
  }

  #relate(id: ResourceId): void {
    for (const key of this.#asked.get(id) ?? []) remove(this.#askers, key, id)
    this.#asked.delete(id)
    this.#findings.delete(id)
    const resource = this.#resources.get(id)
    const relate = resource && kinds.get(resource.kind)?.relate
    if (resource?.program === undefined || relate === undefined) return
    const asked = new Set<string>()
    const findings = relate(resource, this.#surroundings(asked))
    for (const key of asked) add(this.#askers, key, id)
    if (asked.size > 0) this.#asked.set(id, asked)
    if (findings.length > 0) this.#findings.set(id, findings)
  }

  #surroundings(asked: Set<string>): Surroundings {
    const idsOf = (kind: string, reference: WrittenReference, namespace: string) => {
      const isGlobal = kinds.get(kind)?.scope === 'global'
      return namespacesOf(reference, isGlobal ? '' : namespace).map((one) => resourceId(kind, one, reference.name))
    }
    return {
      find: (kind, reference, namespace) => {
        for (const id of idsOf(kind, reference, namespace)) {
          asked.add(id)
          const found = this.#resources.get(id)
          if (found !== undefined) return found
        }
        return undefined
      },
      isFaulty: (kind, reference, namespace) =>
        idsOf(kind, reference, namespace).some((id) => {
          asked.add(id)
          return this.#options.isClaimed(id)
        }),
      names: (kind, namespace) => this.#names(kind, namespace),
      sharing: (topic) => {
        asked.add(topic)
        const found = [...(this.#sharing.get(topic) ?? [])].flatMap((id) => this.#resources.get(id) ?? [])
        return found.sort(byPlace)
      },
      within: (kind, namespace) => {
        this.#isCounted = true
        const place = `${kind}/${namespace}`
        asked.add(countKey(place))
        const found: Resource[] = []
        for (const [id, resource] of this.#resources) if (id.startsWith(`${place}/`)) found.push(resource)
        return found.sort(byPlace)
      },
      events: (namespace) => {
        asked.add(eventTypesKey)
        return this.#eventsIn(namespace)
      },
    }
  }

  #names(kind: string, namespace: string): readonly string[] {
    const names: string[] = []
    for (const id of this.#byKind.get(kind) ?? []) {
      const resource = this.#resources.get(id)
      if (resource === undefined) continue
      const isNear = resource.namespace === '' || resource.namespace === namespace
      names.push(isNear ? resource.name : `${resource.namespace}/${resource.name}`)
    }
    return [...new Set(names)].sort()
  }

  #eventsIn(namespace: string): KnownEvents {
    let known = this.#events.get(namespace)
    if (known === undefined) {
      known = this.#listEvents(namespace)
      this.#events.set(namespace, known)
    }
    return known
  }

  #listEvents(namespace: string): KnownEvents {
    const types = new Map(this.#builtIn)
    for (const id of this.#byKind.get('EventType') ?? []) {
      const resource = this.#resources.get(id)
      const program = resource?.program as EventTypeProgram | undefined
      if (resource === undefined || program === undefined) continue
      const isKnown = namespace === '' || resource.namespace === '' || resource.namespace === namespace
      const wins = resource.namespace === namespace || !types.has(program.id) || this.#builtIn.has(program.id)
      if (isKnown && wins) types.set(program.id, program)
    }
    return {
      has: (id) => types.has(id),
      ids: [...types.keys()],
      get: (id) => types.get(id),
      includes: (id) => types.get(id)?.includes ?? [],
      isUncertain: this.#options.hasFaultyEventTypes(),
      switchedOff: (id) =>
        (Object.keys(catalogues) as CatalogueName[]).find((name) => catalogues[name].some((type) => type.id === id)),
    }
  }
}

const countKey = (place: string): string => `everything in ${place}`

function byPlace(a: Resource, b: Resource): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || (a.id < b.id ? -1 : 1)
}

function add(map: Map<string, Set<ResourceId>>, key: string, id: ResourceId): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([id]))
  else known.add(id)
}

function remove(map: Map<string, Set<ResourceId>>, key: string, id: ResourceId): void {
  const known = map.get(key)
  known?.delete(id)
  if (known?.size === 0) map.delete(key)
}
