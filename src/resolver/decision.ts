// Tells the mocks of one route and method apart by what their conditions ask.
//
// Every plain equality of a mock is one step down a tree: what it looks at, then the value it wants. A request looks up
// its own value and goes straight to the mocks that want it, however many want others. What is no plain equality is asked
// of the few mocks that are left. The tree's shape follows from its mocks alone, not from the order they came in.

import type { Condition, Subjects } from '../expression/condition.js'
import { joinPath } from '../resources/kinds/mock-route.js'
import type { Entry } from './entry.js'

type Equality = NonNullable<Condition['equality']>

/** A mock at the end of its equalities, with the conditions that are still to be asked. */
interface Item<E extends Entry> {
  readonly entry: E
  readonly rest: readonly Condition[]
}

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

export class Decision<E extends Entry> {
  readonly #edit: Edit
  /** By order. */
  readonly #items: Item<E>[]
  #branches: Map<string, Branch<E>> | undefined
  /** The smallest order below: nothing here is better than that. */
  #first: string
  #size: number
  #bodies: number

  private constructor(edit: Edit, from?: Decision<E>) {
    this.#edit = edit
    this.#items = []
    this.#first = last
    this.#size = 0
    this.#bodies = 0
    if (from === undefined) return
    this.#items = [...from.#items]
    this.#branches = from.#branches && new Map(from.#branches)
    this.#first = from.#first
    this.#size = from.#size
    this.#bodies = from.#bodies
  }

  static empty<E extends Entry>(edit: Edit): Decision<E> {
    return new Decision(edit)
  }

  get size(): number {
    return this.#size
  }

  get first(): string {
    return this.#first
  }

  /** True when a mock here asks about the body or a form field. */
  get needsBody(): boolean {
    return this.#bodies > 0
  }

  with(entry: E, edit: Edit): Decision<E> {
    return this.#add(entry, equalitiesOf(entry), 0, edit)
  }

  /** The mock has to be in it; nothing is left when it was the only one. */
  without(entry: E, edit: Edit): Decision<E> | undefined {
    const after = this.#remove(entry, equalitiesOf(entry), 0, edit)
    return after.#size === 0 ? undefined : after
  }

  /** The mock with the same id and the same equalities. */
  held(entry: E): E | undefined {
    let node: Decision<E> = this
    for (const { on, value } of equalitiesOf(entry)) {
      const next = node.#branch(on)?.values.get(value)
      if (next === undefined) return undefined
      node = next
    }
    return node.#items[node.#indexOf(entry)]?.entry
  }

  /** Leaves the best matching mock in `search.best` when it is better than what is there. */
  search(search: Search<E>): void {
    for (const { entry, rest } of this.#items) {
      if (search.best !== undefined && entry.program.order >= search.best.program.order) break
      if (matches(entry, rest, search)) {
        search.best = entry
        break
      }
    }
    if (this.#branches === undefined) return
    for (const { equality, values } of this.#branches.values()) {
      for (const found of equality.lookup(search.subjects)) {
        const next = values.get(found)
        if (next === undefined) continue
        if (search.best === undefined || next.#first < search.best.program.order) next.search(search)
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
    for (const { entry } of this.#items) yield entry
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
    for (const { entry } of this.#items) yield entry
    for (const { equality, values } of this.#branches?.values() ?? []) {
      const found = new Set(equality.lookup(subjects))
      for (const [value, next] of values) if (!found.has(value)) yield* next.nearest(subjects)
    }
  }

  #owned(edit: Edit): Decision<E> {
    return this.#edit === edit ? this : new Decision(edit, this)
  }

  #add(entry: E, equalities: readonly Equality[], step: number, edit: Edit): Decision<E> {
    const node = this.#owned(edit)
    const { order } = entry.program
    node.#size += 1
    if (asksBody(entry)) node.#bodies += 1
    if (order < node.#first) node.#first = order
    const equality = equalities[step]
    if (equality === undefined) {
      const rest = entry.program.conditions.filter((condition) => condition.equality === undefined)
      node.#items.splice(node.#place(order), 0, { entry, rest })
      return node
    }
    const values = node.#values(equality, edit)
    const next = values.get(equality.value) ?? Decision.empty<E>(edit)
    values.set(equality.value, next.#add(entry, equalities, step + 1, edit))
    return node
  }

  #remove(entry: E, equalities: readonly Equality[], step: number, edit: Edit): Decision<E> {
    const node = this.#owned(edit)
    const equality = equalities[step]
    if (equality === undefined) {
      node.#items.splice(node.#indexOf(entry), 1)
    } else {
      const values = node.#values(equality, edit)
      const next = values.get(equality.value)
      const after = next === undefined ? undefined : next.#remove(entry, equalities, step + 1, edit)
      if (after !== undefined && after.#size > 0) values.set(equality.value, after)
      else values.delete(equality.value)
      if (values.size === 0) node.#branches?.delete(equality.on)
    }
    node.#size -= 1
    if (asksBody(entry)) node.#bodies -= 1
    if (node.#first === entry.program.order) node.#first = node.#smallest()
    return node
  }

  #branch(on: string): Branch<E> | undefined {
    return this.#branches === undefined ? undefined : this.#branches.get(on)
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

  #indexOf(entry: E): number {
    return this.#items.findIndex((item) => item.entry.id === entry.id)
  }

  #place(order: string): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >> 1
      const item = this.#items[middle]
      if (item !== undefined && item.entry.program.order < order) low = middle + 1
      else high = middle
    }
    return low
  }

  #smallest(): string {
    let smallest = this.#items[0]?.entry.program.order ?? last
    for (const { values } of this.#branches?.values() ?? []) {
      for (const next of values.values()) if (next.#first < smallest) smallest = next.#first
    }
    return smallest
  }
}

function matches<E extends Entry>(entry: E, rest: readonly Condition[], search: Search<E>): boolean {
  const { pattern } = entry.program.route
  if (pattern !== undefined) {
    search.path ??= joinPath(search.segments)
    if (!pattern.test(search.path)) return false
  }
  for (const condition of rest) if (!condition.matches(search.subjects)) return false
  return search.usable(entry)
}

/** The mock's equalities in the one order that all mocks keep, each once. */
function equalitiesOf({ program }: Entry): Equality[] {
  const equalities = program.conditions.flatMap(({ equality }) => (equality === undefined ? [] : [equality]))
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
