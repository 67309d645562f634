// Tells the mocks of one route and method apart by what their conditions ask.
//
// Every plain equality of a mock is one step down a tree: what it looks at, then the value it wants. A request looks up
// its own value and goes straight to the mocks that want it, however many want others. What is no plain equality is asked
// of the few mocks that are left, and few mocks are asked one by one: most routes have one, for which a tree is a waste of
// memory. The tree's shape follows from its mocks alone, not from the order they came in.

import type { Condition, Subjects } from '../expression/condition.js'
import { joinPath } from '../resources/kinds/mock-route.js'
import type { Entry } from './entry.js'

type Equality = NonNullable<Condition['equality']>

/** One thing that mocks are told apart by, and where each value leads. */
interface Branch<E extends Entry> {
  readonly edit: Edit
  readonly equality: Equality
  readonly values: Map<string, Decision<E>>
}

/** What an edit made is edited in place; what was there before is copied first. */
export type Edit = symbol

/** The search for the best mock; `best` gets better as it goes. */
export interface Search<E extends Entry> {
  readonly segments: readonly string[]
  readonly subjects: Subjects
  readonly usable: (entry: E) => boolean
  /** The path for patterns, made when the first one asks. */
  path: string | undefined
  best: E | undefined
}

/** Greater than every order, which starts with a hex digit. */
export const last = '~'

/** As many are asked one by one. */
const few = 4

export class Decision<E extends Entry> {
  /** The one mock here, when nothing is left to ask of the request: most searches end with it, and look at nothing else. */
  #lone: E | undefined
  readonly #edit: Edit
  /** How many equalities led here. */
  readonly #step: number
  /** By order: all mocks while they are few, else those without a further equality. */
  #entries: readonly E[]
  /** Undefined while mocks are few. */
  #branches: Map<string, Branch<E>> | undefined
  /** The smallest order below: nothing here is better than that. */
  #first: string
  #size: number
  #bodies: number

  private constructor(edit: Edit, step: number, from?: Decision<E>) {
    this.#lone = undefined
    this.#edit = edit
    this.#step = step
    this.#entries = []
    this.#first = last
    this.#size = 0
    this.#bodies = 0
    if (from === undefined) return
    this.#lone = from.#lone
    this.#entries = from.#entries
    this.#branches = from.#branches && new Map(from.#branches)
    this.#first = from.#first
    this.#size = from.#size
    this.#bodies = from.#bodies
  }

  static empty<E extends Entry>(edit: Edit): Decision<E> {
    return new Decision(edit, 0)
  }

  get size(): number {
    return this.#size
  }

  get first(): string {
    return this.#first
  }

  get lone(): E | undefined {
    return this.#lone
  }

  /** True when a mock here asks about the body or a form field. */
  get needsBody(): boolean {
    return this.#bodies > 0
  }

  with(entry: E, edit: Edit): Decision<E> {
    return this.#add(entry, equalitiesOf(entry), edit)
  }

  /** The mock has to be in it; nothing is left when it was the only one. */
  without(entry: E, edit: Edit): Decision<E> | undefined {
    const after = this.#remove(entry, equalitiesOf(entry), edit)
    return after.#size === 0 ? undefined : after
  }

  /** The mock with the same id, looked for where the equalities of `entry` lead. */
  held(entry: E): E | undefined {
    let node: Decision<E> = this
    for (const { on, value } of equalitiesOf(entry)) {
      if (node.#branches === undefined) break
      const next = node.#branches.get(on)?.values.get(value)
      if (next === undefined) return undefined
      node = next
    }
    return node.#entries.find(({ id }) => id === entry.id)
  }

  /** Leaves the best matching mock in `search.best` when it is better than what is there. */
  search(search: Search<E>): void {
    if (this.#lone !== undefined) {
      offer(this.#lone, search)
      return
    }
    for (const entry of this.#entries) {
      if (search.best !== undefined && entry.program.order >= search.best.program.order) break
      if (matches(entry, this.#step, search)) {
        search.best = entry
        break
      }
    }
    if (this.#branches === undefined) return
    for (const { equality, values } of this.#branches.values()) {
      for (const found of equality.lookup(search.subjects)) {
        const next = values.get(found)
        if (next === undefined) continue
        if (next.#lone !== undefined) offer(next.#lone, search)
        else if (search.best === undefined || next.#first < search.best.program.order) next.search(search)
      }
    }
  }

  /** True when a mock here matches the path, whatever it asks besides. */
  reaches(segments: readonly string[]): boolean {
    for (const { program } of this.entries()) {
      if (program.route.pattern === undefined || program.route.pattern.test(joinPath(segments))) return true
    }
    return false
  }

  *entries(): Generator<E> {
    yield* this.#entries
    for (const { values } of this.#branches?.values() ?? []) for (const next of values.values()) yield* next.entries()
  }

  /** Like `entries`, but what agrees with the request comes first. Meant to be stopped early. */
  *nearest(subjects: Subjects): Generator<E> {
    for (const { equality, values } of this.#branches?.values() ?? []) {
      for (const found of new Set(equality.lookup(subjects))) {
        const next = values.get(found)
        if (next !== undefined) yield* next.nearest(subjects)
      }
    }
    yield* this.#entries.length < 2 ? this.#entries : byAgreement(this.#entries, subjects)
    for (const { equality, values } of this.#branches?.values() ?? []) {
      const found = new Set(equality.lookup(subjects))
      for (const [value, next] of values) if (!found.has(value)) yield* next.nearest(subjects)
    }
  }

  #owned(edit: Edit): Decision<E> {
    return this.#edit === edit ? this : new Decision(edit, this.#step, this)
  }

  #add(entry: E, equalities: readonly Equality[], edit: Edit): Decision<E> {
    const node = this.#owned(edit)
    const { order } = entry.program
    node.#size += 1
    if (asksBody(entry)) node.#bodies += 1
    if (order < node.#first) node.#first = order
    if (node.#branches !== undefined) node.#put(entry, equalities, edit)
    else {
      node.#insert(entry)
      if (node.#size > few) node.#divide(edit)
    }
    node.#lone = node.#alone()
    return node
  }

  #remove(entry: E, equalities: readonly Equality[], edit: Edit): Decision<E> {
    const node = this.#owned(edit)
    const equality = node.#branches === undefined ? undefined : equalities[node.#step]
    if (equality === undefined) {
      node.#entries = node.#entries.filter(({ id }) => id !== entry.id)
    } else {
      const values = node.#values(equality, edit)
      const next = values.get(equality.value)
      const after = next === undefined ? undefined : next.#remove(entry, equalities, edit)
      if (after !== undefined && after.#size > 0) values.set(equality.value, after)
      else values.delete(equality.value)
      if (values.size === 0) node.#branches?.delete(equality.on)
    }
    node.#size -= 1
    if (asksBody(entry)) node.#bodies -= 1
    if (node.#first === entry.program.order) node.#first = node.#smallest()
    if (node.#branches !== undefined && node.#size <= few) {
      node.#entries = [...node.entries()].sort((a, b) => compare(a.program.order, b.program.order))
      node.#branches = undefined
    }
    node.#lone = node.#alone()
    return node
  }

  #alone(): E | undefined {
    const [only] = this.#entries
    if (this.#size > 1 || only === undefined) return undefined
    const { route, conditions } = only.program
    // Different conditions may ask for the same equality, and are then one step.
    const isSettled = route.pattern === undefined && conditions.length <= this.#step && conditions.every(isEquality)
    return isSettled ? only : undefined
  }

  /** From a list to a tree. */
  #divide(edit: Edit): void {
    const entries = this.#entries
    this.#entries = []
    this.#branches = new Map()
    for (const entry of entries) this.#put(entry, equalitiesOf(entry), edit)
  }

  #put(entry: E, equalities: readonly Equality[], edit: Edit): void {
    const equality = equalities[this.#step]
    if (equality === undefined) {
      this.#insert(entry)
      return
    }
    const values = this.#values(equality, edit)
    const next = values.get(equality.value) ?? new Decision<E>(edit, this.#step + 1)
    values.set(equality.value, next.#add(entry, equalities, edit))
  }

  /** The branch's values, ready to be changed by this edit. */
  #values(equality: Equality, edit: Edit): Map<string, Decision<E>> {
    this.#branches ??= new Map()
    const branch = this.#branches.get(equality.on)
    if (branch?.edit === edit) return branch.values
    const values = new Map(branch?.values)
    this.#branches.set(equality.on, { edit, equality: branch?.equality ?? equality, values })
    return values
  }

  /** A new list: it may be shared with the decision this one was copied from, and takes no more room than it needs. */
  #insert(entry: E): void {
    const { order } = entry.program
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#entries[middle]
      if (other !== undefined && other.program.order < order) low = middle + 1
      else high = middle
    }
    this.#entries = this.#entries.length === 0 ? [entry] : this.#entries.toSpliced(low, 0, entry)
  }

  #smallest(): string {
    let smallest = this.#entries[0]?.program.order ?? last
    for (const { values } of this.#branches?.values() ?? []) {
      for (const next of values.values()) if (next.#first < smallest) smallest = next.#first
    }
    return smallest
  }
}

/** Leaves a mock that matches in `search.best`, when it is better than what is there and can be used. */
export function offer<E extends Entry>(entry: E, search: Search<E>): void {
  if (search.best !== undefined && entry.program.order >= search.best.program.order) return
  if (search.usable(entry)) search.best = entry
}

function isEquality({ equality }: Condition): boolean {
  return equality !== undefined
}

/** `known`: how many equalities are known to hold. */
function matches<E extends Entry>(entry: E, known: number, search: Search<E>): boolean {
  const { route, conditions } = entry.program
  if (route.pattern !== undefined) {
    search.path ??= joinPath(search.segments)
    if (!route.pattern.test(search.path)) return false
  }
  let equalities = 0
  for (const { equality } of conditions) if (equality !== undefined) equalities += 1
  // What is quickly asked comes first.
  if (equalities > known && !agrees(entry, search.subjects)) return false
  for (const condition of conditions) {
    if (condition.equality === undefined && !condition.matches(search.subjects)) return false
  }
  return search.usable(entry)
}

/** True when the request has what all plain equalities of the mock want. */
function agrees({ program }: Entry, subjects: Subjects): boolean {
  for (const condition of program.conditions) {
    if (condition.equality !== undefined && !condition.matches(subjects)) return false
  }
  return true
}

/** Those that agree with the request first, with those of them that ask for more before those that ask for nothing. */
function byAgreement<E extends Entry>(entries: readonly E[], subjects: Subjects): E[] {
  const rank = (entry: E): number => (!agrees(entry, subjects) ? 2 : equalitiesOf(entry).length > 0 ? 0 : 1)
  return entries
    .map((entry) => ({ entry, rank: rank(entry) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry)
}

/** The mock's equalities in the one order that all mocks keep, each once. */
function equalitiesOf({ program }: Entry): Equality[] {
  const equalities: Equality[] = []
  for (const { equality } of program.conditions) if (equality !== undefined) equalities.push(equality)
  if (equalities.length < 2) return equalities
  equalities.sort((a, b) => compare(a.on, b.on) || compare(a.value, b.value))
  return equalities.filter(({ on, value }, index) => {
    const before = equalities[index - 1]
    return before === undefined || before.on !== on || before.value !== value
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function asksBody({ program }: Entry): boolean {
  return program.conditions.some(({ subject }) => subject === 'body' || subject === 'form')
}
