// Which requests would be answered otherwise after a merge. What mocks ask for is made into requests, and both sides are
// asked who answers them, by the same search that answers real ones.

import type { Plan } from '../../reconcile/plan.js'
import type { AskedRequest } from '../../resolver/asked-request.js'
import { isPreflight } from '../../resolver/cors.js'
import type { Entry } from '../../resolver/entry.js'
import { RouteIndex } from '../../resolver/route-index.js'
import { defaultSettings, type NamespaceSettings, namespaceSettings } from '../../resolver/tables.js'
import type { MockProgram } from '../../resources/kinds/mock-program.js'
import { writeReference } from '../../resources/kinds/reference.js'
import type { Resource, ResourceSet } from '../../resources/resource.js'
import { Slices } from '../../resources/slices.js'
import { runnable } from './sides.js'
import { type Avoided, nothingAvoided, type Witness, witnessOf } from './witness/witness.js'

export interface RequestAnswer {
  /** Undefined when no mock accepts the request. */
  readonly mock: Pick<Resource, 'namespace' | 'name' | 'file' | 'line'> | undefined
  /** Those that it may have; empty where that is up to another server, or to the methods of the path. */
  readonly statuses: readonly number[]
  /** Origin of the server that it is passed on to. */
  readonly passedOnTo: string | undefined
  /** The namespace is: its mocks answer 503. */
  readonly suspended: boolean
}

/** One request that stands for all that go from one answer to the same other. */
export interface RequestChange {
  readonly namespace: string
  readonly request: AskedRequest
  readonly before: RequestAnswer
  readonly after: RequestAnswer
  /** Other requests that were tried and go the same way. */
  readonly more: number
}

/** What a namespace does otherwise with all of its requests. */
export interface NamespaceChange {
  readonly namespace: string
  readonly text: string
}

export interface RouteChanges {
  readonly requests: readonly RequestChange[]
  readonly namespaces: readonly NamespaceChange[]
  /** Requests that were made and asked of both sides. */
  readonly tried: number
  /** Why there may be others. */
  readonly notComputed: readonly string[]
}

const serving: ReadonlySet<string> = new Set(['Mock', 'Namespace'])
/** Mocks that are held against one changed mock, and against all of them. */
const mostRivals = 2_000
const mostPairs = 50_000
/** Conditions of others that one request keeps clear of. */
const mostAvoided = 2

/** `base` may hold resources as a controller tells them: specs of what differs from `head`, and nothing that runs. */
export async function routeChanges(
  difference: Plan,
  base: ResourceSet,
  head: ResourceSet,
  defaultNamespace: string,
): Promise<RouteChanges> {
  const changed = changedOf(difference)
  if (!changed.some(({ before, after }) => serving.has((after ?? before)?.kind ?? ''))) {
    return { requests: [], namespaces: [], tried: 0, notComputed: [] }
  }
  const { resources, unreadable } = runnable(base, head, serving)
  const mocks = changed
    .filter(({ before, after }) => (after ?? before)?.kind === 'Mock')
    .map(({ before, after }) => ({ before: before && entryOf(resources.get(before.id)), after: entryOf(after) }))
  const touched = new Set(mocks.flatMap(({ before, after }) => [before?.namespace, after?.namespace]))
  const add = [...resources.values()]
    .filter(({ namespace }) => touched.has(namespace))
    .flatMap((one) => entryOf(one) ?? [])
  const index = RouteIndex.empty<Entry>().with({ add })
  const sides = {
    base: { index, namespaces: namespaceSettings(resources.values()) },
    head: {
      index: index.with({ remove: present(mocks, 'before'), add: present(mocks, 'after') }),
      namespaces: namespaceSettings(head.values()),
    },
  }
  const moved = new Map(difference.move.map(({ from, to }) => [from.id, to.id]))
  const trial = new Trial(sides, present(mocks, 'before'), moved, defaultNamespace)
  for (const one of mocks) await trial.try(one)
  const names = unreadable.map(({ kind, namespace, name }) => `${kind} ${writeReference({ namespace, name })}`)
  return {
    requests: trial.changes(),
    namespaces: namespaceChanges(sides.base.namespaces, sides.head.namespaces),
    tried: trial.tried,
    notComputed: [
      ...(names.length > 0 ? [`which requests ${names.join(', ')} answers: not all of it can be read here`] : []),
      ...trial.notComputed,
    ],
  }
}

interface Pair<Value> {
  readonly before: Value | undefined
  readonly after: Value | undefined
}

function changedOf({ create, update, move, prune }: Plan): Pair<Resource>[] {
  return [
    ...create.map((after) => ({ before: undefined, after })),
    ...update,
    ...move.map(({ from, to }) => ({ before: from, after: to })),
    ...prune.map((before) => ({ before, after: undefined })),
  ]
}

function entryOf(resource: Resource | undefined): Entry | undefined {
  return resource?.kind === 'Mock' && resource.program !== undefined ? (resource as Resource & Entry) : undefined
}

function present(pairs: readonly Pair<Entry>[], side: keyof Pair<Entry>): Entry[] {
  return pairs.flatMap((pair) => pair[side] ?? [])
}

interface Side {
  readonly index: RouteIndex<Entry>
  readonly namespaces: ReadonlyMap<string, NamespaceSettings>
}

/** Makes requests and asks both sides. */
class Trial {
  readonly notComputed: string[] = []
  tried = 0
  readonly #sides: Readonly<Record<'base' | 'head', Side>>
  /** As they were in the base. */
  readonly #changedBefore: ReadonlySet<Entry>
  readonly #moved: ReadonlyMap<string, string>
  readonly #defaultNamespace: string
  readonly #slices = new Slices()
  readonly #seen = new Set<string>()
  readonly #changes = new Map<string, RequestChange>()
  #pairs = 0

  constructor(
    sides: Readonly<Record<'base' | 'head', Side>>,
    changedBefore: readonly Entry[],
    moved: ReadonlyMap<string, string>,
    defaultNamespace: string,
  ) {
    this.#sides = sides
    this.#changedBefore = new Set(changedBefore)
    this.#moved = moved
    this.#defaultNamespace = defaultNamespace
  }

  /** By namespace, path and method. */
  changes(): readonly RequestChange[] {
    const key = ({ namespace, request }: RequestChange) =>
      `${namespace} ${request.path} ${request.method} ${request.body}`
    return [...this.#changes.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  }

  async try({ before, after }: Pair<Entry>): Promise<void> {
    const failures = new Set<string>()
    for (const entry of new Set([after, before])) {
      const failure = entry === undefined ? undefined : await this.#ask(entry)
      if (failure !== undefined) failures.add(failure)
    }
    const name = writeReference((after ?? before) as Entry)
    for (const failure of failures) this.notComputed.push(`requests that Mock ${name} answers: ${failure}`)
    if (before !== undefined && after !== undefined) {
      // What is asked for as before and stands where it stood takes no request from others.
      if (isInItsPlace(before, after)) return
      await this.#tryDifferences(before, after)
    }
    if (before !== undefined) await this.#tryRivals(before)
    if (after !== undefined) await this.#tryRivals(after)
  }

  /** What the mock accepted and does not any more, and the other way round. */
  async #tryDifferences(before: Entry, after: Entry): Promise<void> {
    for (const way of waysAround(after.program, before.program, nothingAvoided)) await this.#ask(before, undefined, way)
    for (const way of waysAround(before.program, after.program, nothingAvoided)) await this.#ask(after, undefined, way)
  }

  /** With mocks of either side: a request may go from one that is gone to one that is new. */
  async #tryRivals(entry: Entry): Promise<void> {
    let rivals = 0
    for (const rival of this.#rivalsOf(entry)) {
      if (rival.id === entry.id || areExclusive(entry.program, rival.program)) continue
      rivals += 1
      this.#pairs += 1
      if (rivals > mostRivals || this.#pairs > mostPairs) {
        this.notComputed.push(
          `requests that Mock ${writeReference(entry)} shares with others: there are too many others`,
        )
        return
      }
      await this.#ask(entry, rival)
    }
  }

  *#rivalsOf({ namespace, program }: Entry): Generator<Entry> {
    const { base, head } = this.#sides
    yield* head.index.sharing(namespace, program)
    for (const rival of base.index.sharing(namespace, program)) if (this.#changedBefore.has(rival)) yield rival
  }

  /**
   * Asks for what `entry` accepts, and `rival` as well, and none of `avoided` does. Gives why no request was made, where
   * none was.
   */
  async #ask(entry: Entry, rival?: Entry, avoided = nothingAvoided): Promise<string | undefined> {
    if (this.#slices.over) await this.#slices.next()
    const asking = { entry: entry.program, rival: rival?.program, avoided }
    const witness = await witnessOf(entry.namespace, this.#defaultNamespace, asking)
    if ('failure' in witness) return witness.failure
    const key = JSON.stringify(witness.asked)
    if (this.#seen.has(key)) return undefined
    this.#seen.add(key)
    this.tried += 1
    const before = answerOf(this.#sides.base, witness)
    const after = answerOf(this.#sides.head, witness)
    this.#note(entry.namespace, witness.asked, before, after)
    if (avoided.conditions.length + avoided.methods.length >= mostAvoided) return undefined
    // Others may have been in the way that would not be, were a little else asked for.
    for (const { entry: other } of [before, after]) {
      if (other === undefined || other === entry || other === rival) continue
      for (const next of waysAround(other.program, entry.program, avoided)) await this.#ask(entry, rival, next)
    }
    return undefined
  }

  #note(namespace: string, asked: AskedRequest, before: Found, after: Found): void {
    const was = keyOf(before, (id) => this.#moved.get(id) ?? id)
    const is = keyOf(after, (id) => id)
    if (was === is) return
    const known = this.#changes.get(`${was}\n${is}`)
    const request = shown(asked)
    const more = known === undefined ? 0 : known.more + 1
    const isPlainer = known === undefined || JSON.stringify(request).length < JSON.stringify(known.request).length
    const change = { namespace, request, before: before.answer, after: after.answer, more }
    this.#changes.set(`${was}\n${is}`, isPlainer ? change : { ...known, more })
  }
}

/** What a request may do without, or have besides, so that `other` does not take it. */
function waysAround(other: MockProgram, own: MockProgram, avoided: Avoided): readonly Avoided[] {
  const ways = other.conditions.map((one): Avoided => ({ ...avoided, conditions: [...avoided.conditions, one] }))
  const { method } = other
  if (own.method === undefined && method !== undefined && !avoided.methods.includes(method)) {
    ways.push({ ...avoided, methods: [...avoided.methods, method] })
  }
  const isOpen = own.route.segments.at(-1)?.type === 'wildcard'
  return isOpen && !avoided.shortPath ? [...ways, { ...avoided, shortPath: true }] : ways
}

interface Found {
  readonly answer: RequestAnswer
  readonly entry: Entry | undefined
}

function answerOf({ index, namespaces }: Side, { request }: Witness): Found {
  const { namespace, segments } = request.location
  const { suspend, fallback, cors } = namespaces.get(namespace) ?? defaultSettings
  const isOnlyForOptions = cors !== undefined && isPreflight(request.method, request.single)
  const usable = ({ program }: Entry) => !isOnlyForOptions || program.method === 'OPTIONS'
  const entry = index.find(namespace, request.method, segments, request, usable)
  if (entry === undefined) {
    const { named, any } = index.methodsAt(namespace, segments)
    const isListed = request.method === 'OPTIONS' && (any || named.length > 0)
    const passedOnTo = isListed ? undefined : fallback?.origin
    const statuses = isListed || passedOnTo !== undefined ? [] : [404]
    return { answer: { mock: undefined, statuses, passedOnTo, suspended: false }, entry }
  }
  const { namespace: inside, name, file, line, program } = entry
  const mock = { namespace: inside, name, file, line }
  if (suspend) return { answer: { mock, statuses: [503], passedOnTo: undefined, suspended: true }, entry }
  const statuses = [...new Set(program.responses.map(({ statusCode }) => statusCode))].sort((a, b) => a - b)
  return { answer: { mock, statuses, passedOnTo: program.proxy?.target.origin, suspended: false }, entry }
}

/** Equal for answers that no client can tell apart by who gives them and with which status. */
function keyOf({ answer, entry }: Found, idOf: (id: string) => string): string {
  const { statuses, passedOnTo, suspended } = answer
  const id = entry?.id
  return suspended ? 'suspended' : JSON.stringify([id === undefined ? null : idOf(id), statuses, passedOnTo])
}

function isInItsPlace(before: Entry, after: Entry): boolean {
  const claim = ({ namespace, program: { route, method, order, conditions } }: Entry) =>
    JSON.stringify([namespace, route.text, method, order, conditions.map(({ key }) => key).sort()])
  return claim(before) === claim(after)
}

/** True when one place would have to have two values. */
function areExclusive({ conditions }: MockProgram, { conditions: others }: MockProgram): boolean {
  if (conditions.length === 0 || others.length === 0) return false
  const wanted = new Map(
    conditions.flatMap(({ equality, subject }) =>
      equality && subject === 'body' ? [[equality.on, equality.value]] : [],
    ),
  )
  return others.some(({ equality }) => {
    const value = equality && wanted.get(equality.on)
    return value !== undefined && value !== equality?.value
  })
}

const secretHeaders = /^(?:authorization|proxy-authorization|cookie)$/i

function shown(asked: AskedRequest): AskedRequest {
  return {
    ...asked,
    headers: asked.headers.map(([name, value]) => [name, secretHeaders.test(name) ? '******' : value] as const),
  }
}

function namespaceChanges(
  base: ReadonlyMap<string, NamespaceSettings>,
  head: ReadonlyMap<string, NamespaceSettings>,
): NamespaceChange[] {
  return [...new Set([...base.keys(), ...head.keys()])].sort().flatMap((namespace) => {
    const before = base.get(namespace) ?? defaultSettings
    const after = head.get(namespace) ?? defaultSettings
    const texts: string[] = []
    if (before.suspend !== after.suspend) {
      texts.push(
        after.suspend
          ? 'its mocks would answer 503: it is suspended'
          : 'its mocks would answer again: it is no longer suspended',
      )
    }
    const [was, is] = [before.fallback?.origin, after.fallback?.origin]
    if (was !== is) {
      const to = (origin: string | undefined) => (origin === undefined ? 'answered 404' : `passed on to ${origin}`)
      texts.push(`requests that no mock accepts would be ${to(is)} instead of ${to(was)}`)
    }
    if (JSON.stringify(corsOf(before)) !== JSON.stringify(corsOf(after))) {
      texts.push('browsers of other origins would be answered otherwise (cors)')
    }
    return texts.map((text) => ({ namespace, text }))
  })
}

function corsOf({ cors }: NamespaceSettings): unknown {
  return cors && { ...cors, origins: cors.origins && [...cors.origins].sort() }
}
