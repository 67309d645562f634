// The routes of one namespace as a tree of path segments. Nodes are changed only by the edit that made them.

import { Decision, type Edit, last } from './decision.js'
import type { Entry } from './entry.js'

/** Every method, where a mock names none. */
export const anyMethod = '*'

/** The mocks of one route shape, by method. */
export type Leaf<E extends Entry> = ReadonlyMap<string, Decision<E>>

/** Where a route ends: at this segment, or with a rest that a pattern decides or that may be anything. */
type Ending = 'exact' | 'pattern' | 'wildcard'

type Leaves<E extends Entry> = Readonly<Record<Ending, Leaf<E> | undefined>>

interface Change<E extends Entry> {
  readonly adds: boolean
  apply(decision: Decision<E> | undefined): Decision<E> | undefined
}

const noLeaves = { exact: undefined, pattern: undefined, wildcard: undefined }
const noLiterals: ReadonlyMap<string, never> = new Map<string, never>()

/** A few additions keep the sorted names by insertion; more are sorted afresh. */
const fewChanges = 32

export class RouteNode<E extends Entry> {
  readonly #edit: Edit
  #literals: ReadonlyMap<string, RouteNode<E>>
  /** Names of `#literals` in order, so that neighbours of a name that is not there are found without looking at all. */
  #names: readonly string[]
  /** Set while the edit that made this node goes on: the literals to write to, and whose names changed. */
  #changed: { readonly literals: Map<string, RouteNode<E>>; readonly names: Set<string> } | undefined
  #param: RouteNode<E> | undefined
  #leaves: Leaves<E>
  #first: string

  private constructor(edit: Edit, from?: RouteNode<E>) {
    this.#edit = edit
    this.#literals = noLiterals
    this.#names = []
    this.#leaves = noLeaves
    this.#first = last
    if (from === undefined) return
    this.#literals = from.#literals
    this.#names = from.#names
    this.#param = from.#param
    this.#leaves = from.#leaves
    this.#first = from.#first
  }

  static empty<E extends Entry>(edit: Edit): RouteNode<E> {
    return new RouteNode(edit)
  }

  /** The smallest order below: nothing under this node is better than that. */
  get first(): string {
    return this.#first
  }

  get param(): RouteNode<E> | undefined {
    return this.#param
  }

  get exact(): Leaf<E> | undefined {
    return this.#leaves.exact
  }

  get pattern(): Leaf<E> | undefined {
    return this.#leaves.pattern
  }

  get wildcard(): Leaf<E> | undefined {
    return this.#leaves.wildcard
  }

  literal(text: string): RouteNode<E> | undefined {
    return this.#literals.get(text)
  }

  /** Names of literal children around the place where `text` would stand, nearest first. */
  neighbours(text: string, count: number): string[] {
    const near: string[] = []
    let above = placeOf(this.#names, text)
    let below = above - 1
    while (near.length < count && (below >= 0 || above < this.#names.length)) {
      const up = this.#names[above]
      if (up !== undefined && up !== text) near.push(up)
      const down = this.#names[below]
      if (down !== undefined) near.push(down)
      above += 1
      below -= 1
    }
    return near.slice(0, count)
  }

  /** The mock with the same id, route, method and equalities. */
  held(entry: E): E | undefined {
    return this.#leafOf(entry)?.get(methodOf(entry))?.held(entry)
  }

  with(entry: E, edit: Edit): RouteNode<E> {
    const apply = (decision: Decision<E> | undefined) => (decision ?? Decision.empty<E>(edit)).with(entry, edit)
    return this.#change(entry, 0, edit, { adds: true, apply }) ?? this
  }

  /** The mock has to be below; nothing is left when it was the only one. */
  without(entry: E, edit: Edit): RouteNode<E> | undefined {
    return this.#change(entry, 0, edit, { adds: false, apply: (decision) => decision?.without(entry, edit) })
  }

  /** Brings the sorted names of all nodes that the edit made up to date. */
  seal(edit: Edit): void {
    if (this.#edit !== edit) return
    if (this.#changed !== undefined) {
      const { literals, names } = this.#changed
      this.#names = names.size > fewChanges ? [...literals.keys()].sort() : patched(this.#names, names, literals)
      for (const name of names) literals.get(name)?.seal(edit)
      this.#changed = undefined
    }
    this.#param?.seal(edit)
  }

  #leafOf(entry: E): Leaf<E> | undefined {
    let node: RouteNode<E> = this
    for (const segment of entry.program.route.segments) {
      if (segment.type === 'wildcard' || segment.type === 'pattern') return node.#leaves[segment.type]
      const next = segment.type === 'literal' ? node.#literals.get(segment.text) : node.#param
      if (next === undefined) return undefined
      node = next
    }
    return node.#leaves.exact
  }

  /** One step of adding or removing: this node, or its copy, after the change; undefined when nothing is left of it. */
  #change(entry: E, depth: number, edit: Edit, change: Change<E>): RouteNode<E> | undefined {
    const node = this.#edit === edit ? this : new RouteNode(edit, this)
    const segment = entry.program.route.segments[depth]
    if (segment === undefined || segment.type === 'wildcard' || segment.type === 'pattern') {
      node.#changeLeaf(segment?.type ?? 'exact', methodOf(entry), change)
    } else if (segment.type === 'param') {
      node.#param = (node.#param ?? RouteNode.empty<E>(edit)).#change(entry, depth + 1, edit, change)
    } else {
      node.#changeLiteral(segment.text, (child) => child.#change(entry, depth + 1, edit, change))
    }
    if (node.#empty) return undefined
    const { order } = entry.program
    if (change.adds) {
      if (order < node.#first) node.#first = order
    } else if (order === node.#first) node.#first = node.#smallest()
    return node
  }

  #changeLeaf(ending: Ending, method: string, change: Change<E>): void {
    const leaf = new Map(this.#leaves[ending])
    const decision = change.apply(leaf.get(method))
    if (decision === undefined) leaf.delete(method)
    else leaf.set(method, decision)
    this.#leaves = { ...this.#leaves, [ending]: leaf.size === 0 ? undefined : leaf }
  }

  #changeLiteral(text: string, step: (child: RouteNode<E>) => RouteNode<E> | undefined): void {
    this.#changed ??= { literals: new Map(this.#literals), names: new Set() }
    const { literals, names } = this.#changed
    this.#literals = literals
    names.add(text)
    const child = step(literals.get(text) ?? RouteNode.empty<E>(this.#edit))
    if (child === undefined) literals.delete(text)
    else literals.set(text, child)
  }

  get #empty(): boolean {
    const { exact, pattern, wildcard } = this.#leaves
    return this.#literals.size === 0 && this.#param === undefined && !exact && !pattern && !wildcard
  }

  #smallest(): string {
    let smallest = this.param?.first ?? last
    for (const child of this.#literals.values()) if (child.#first < smallest) smallest = child.#first
    for (const leaf of [this.exact, this.pattern, this.wildcard]) {
      for (const { first } of leaf?.values() ?? []) if (first < smallest) smallest = first
    }
    return smallest
  }
}

export function methodOf({ program }: Entry): string {
  return program.method ?? anyMethod
}

function placeOf(names: readonly string[], text: string): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((names[middle] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}

function patched(
  names: readonly string[],
  changed: ReadonlySet<string>,
  present: ReadonlyMap<string, unknown>,
): string[] {
  const after = [...names]
  for (const name of changed) {
    const place = placeOf(after, name)
    const listed = after[place] === name
    if (listed && !present.has(name)) after.splice(place, 1)
    if (!listed && present.has(name)) after.splice(place, 0, name)
  }
  return after
}
