import type { EventTypeProgram } from '../resources/kinds/notification-program.js'
import type { Resource } from '../resources/resource.js'

/** An event type, and where it comes from: a declaration, or a built-in catalogue. */
export interface EventTypeEntry {
  readonly program: EventTypeProgram
  readonly by: Resource | string
}

/** An event, and the events that include it: whoever wants one of them is told, once for each value of the key. */
export interface EventFamily {
  /** The event itself first, then those that include it. */
  readonly members: readonly EventTypeEntry[]
  /** Equal for all events that are connected by `includes`; undefined when the event is connected to none. */
  readonly group: string | undefined
  /** Where the payload says what it is about: the event's own `key`, else that of an event that includes it. */
  readonly key: string | undefined
}

type Declared = Resource & { readonly program: EventTypeProgram }
type Catalogue = readonly [name: string, types: readonly EventTypeProgram[]]

/** The event types that there are, by namespace: its own win over global ones, and these over built-in ones. */
export class EventTypes {
  readonly #global: Namespace
  readonly #namespaces = new Map<string, Namespace>()

  constructor(declared: readonly Declared[], catalogues: readonly Catalogue[]) {
    const builtIn = new Map<string, EventTypeEntry>()
    for (const [by, types] of catalogues) for (const program of types) builtIn.set(program.id, { program, by })
    const entries = (namespace: string) =>
      declared
        .filter((one) => one.namespace === namespace)
        .map((by): [string, EventTypeEntry] => [by.program.id, { program: by.program, by }])
    const global = new Map([...builtIn, ...entries('')])
    this.#global = new Namespace(global)
    for (const namespace of new Set(declared.map((one) => one.namespace))) {
      if (namespace !== '') this.#namespaces.set(namespace, new Namespace(new Map([...global, ...entries(namespace)])))
    }
  }

  /** Undefined when events of the namespace (empty: of none) cannot be of this type. */
  get(id: string, namespace: string): EventTypeEntry | undefined {
    return this.#of(namespace).types.get(id)
  }

  ids(namespace: string): Iterable<string> {
    return this.#of(namespace).types.keys()
  }

  family(id: string, namespace: string): EventFamily | undefined {
    return this.#of(namespace).family(id)
  }

  /** Of the event types that one event ends together with this one, the first; undefined when nothing ends it. */
  endedWith(id: string, namespace: string): string | undefined {
    return this.#of(namespace).endedWith.get(id)
  }

  #of(namespace: string): Namespace {
    return this.#namespaces.get(namespace) ?? this.#global
  }
}

class Namespace {
  readonly types: ReadonlyMap<string, EventTypeEntry>
  readonly endedWith = new Map<string, string>()
  readonly #families = new Map<string, EventFamily>()
  /** Those that include an event, and the other way round. */
  readonly #including = new Map<string, string[]>()

  constructor(types: ReadonlyMap<string, EventTypeEntry>) {
    this.types = types
    // In order of their ids, whatever order they were declared in.
    for (const { program } of [...types.values()].sort((a, b) => (a.program.id < b.program.id ? -1 : 1))) {
      for (const ended of program.resolves) {
        if (!this.endedWith.has(ended)) this.endedWith.set(ended, program.resolves[0] as string)
      }
      for (const part of program.includes) {
        this.#including.set(part, [...(this.#including.get(part) ?? []), program.id])
      }
    }
  }

  family(id: string): EventFamily | undefined {
    let family = this.#families.get(id)
    if (family !== undefined || !this.types.has(id)) return family
    const members = [...reach(id, (one) => this.#including.get(one) ?? [])].flatMap((one) => this.types.get(one) ?? [])
    const connected = reach(id, (one) => [
      ...(this.#including.get(one) ?? []),
      ...(this.types.get(one)?.program.includes ?? []),
    ])
    family = {
      members,
      group: connected.size === 1 ? undefined : [...connected].sort()[0],
      key: members.find(({ program }) => program.key !== undefined)?.program.key,
    }
    this.#families.set(id, family)
    return family
  }
}

function reach(from: string, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set([from])
  for (const id of seen) for (const one of next(id)) seen.add(one)
  return seen
}
