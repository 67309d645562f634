// The routes of one namespace as a tree of path segments. Nodes are changed only by the edit that made them.

import { Decision, type Edit, last } from './decision.js'
import type { Entry } from './entry.js'

/** Every method, where a mock names none. */
export const anyMethod = '*'

/** The mocks of one route shape, by method. A list: hardly any has more than a few. */
export class Leaf<E extends Entry> {
  readonly #method: string
  readonly #decision: Decision<E>
  readonly #next: Leaf<E> | undefined

  private constructor(method: string, decision: Decision<E>, next: Leaf<E> | undefined) {
    this.#method = method
    this.#decision = decision
    this.#next = next
  }

  /** `leaf` with another decision for the method, or none. Undefined when nothing is left of it. */
  static with<E extends Entry>(
    leaf: Leaf<E> | undefined,
    method: string,
    decision: Decision<E> | undefined,
  ): Leaf<E> | undefined {
    if (leaf === undefined) return decision && new Leaf(method, decision, undefined)
    if (leaf.#method !== method) return new Leaf(leaf.#method, leaf.#decision, Leaf.with(leaf.#next, method, decision))
    return decision === undefined ? leaf.#next : new Leaf(method, decision, leaf.#next)
  }

  /** The method of its only mock, when that asks for nothing but route and method. */
  get lone(): { readonly method: string; readonly entry: E } | undefined {
    const entry = this.#next === undefined ? this.#decision.lone : undefined
    return entry && { method: this.#method, entry }
  }

  get(method: string): Decision<E> | undefined {
    let leaf: Leaf<E> | undefined = this
    while (leaf !== undefined && leaf.#method !== method) leaf = leaf.#next
    return leaf === undefined ? undefined : leaf.#decision
  }

  *[Symbol.iterator](): Generator<readonly [method: string, decision: Decision<E>]> {
    for (let leaf: Leaf<E> | undefined = this; leaf !== undefined; leaf = leaf.#next) {
      yield [leaf.#method, leaf.#decision]
    }
  }
}

/** Where a route ends: at this segment, or with a rest that a pattern decides or that may be anything. */
type Ending = 'exact' | 'pattern' | 'wildcard'

type Leaves<E extends Entry> = Readonly<Record<Ending, Leaf<E> | undefined>>

interface Change<E extends Entry> {
  readonly adds: boolean
  apply(decision: Decision<E> | undefined): Decision<E> | undefined
}

const noLeaves = { exact: undefined, pattern: undefined, wildcard: undefined }
const noNames: readonly string[] = []

/** A few additions keep the sorted names by insertion; more are sorted afresh. */
const fewChanges = 32

export class RouteNode<E extends Entry> {
  /** The one mock of the route that ends here, when it asks for nothing but its method: found without a further step. */
  #lone: E | undefined
  #loneMethod: string
  readonly #edit: Edit
  /** The segment it stands for, when that is a literal. */
  readonly #text: string
  /** By name when there are several; most nodes have one, for which a map is a waste of memory. */
  #literals: RouteNode<E> | ReadonlyMap<string, RouteNode<E>> | undefined
  /** The keys of `#literals` in order, so that neighbours of a name that is not there are found without looking at all. */
  #names: readonly string[]
  /** Set while the edit that made this node goes on: the literals to write to, and whose names changed. */
  #changed: { readonly literals: Map<string, RouteNode<E>>; readonly names: Set<string> } | undefined
  #param: RouteNode<E> | undefined
  #leaves: Leaves<E>
  #first: string

  private constructor(edit: Edit, text: string, from?: RouteNode<E>) {
    this.#lone = undefined
    this.#loneMethod = ''
    this.#edit = edit
    this.#text = text
    this.#names = noNames
    this.#leaves = noLeaves
    this.#first = last
    if (from === undefined) return
    this.#lone = from.#lone
    this.#loneMethod = from.#loneMethod
    this.#literals = from.#literals
    this.#names = from.#names
    this.#param = from.#param
    this.#leaves = from.#leaves
    this.#first = from.#first
  }

  static empty<E extends Entry>(edit: Edit): RouteNode<E> {
    return new RouteNode(edit, '')
  }

  /** The smallest order below: nothing under this node is better than that. */
  get first(): string {
    return this.#first
  }

  get param(): RouteNode<E> | undefined {
    return this.#param
  }

  get lone(): E | undefined {
    return this.#lone
  }

  get loneMethod(): string {
    return this.#loneMethod
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
    const literals = this.#literals
    if (literals instanceof RouteNode) return literals.#text === text ? literals : undefined
    return literals?.get(text)
  }

  /** Literal children, in no order. */
  *literals(): Generator<readonly [text: string, node: RouteNode<E>]> {
    if (this.#literals instanceof RouteNode) yield [this.#literals.#text, this.#literals]
    else if (this.#literals !== undefined) yield* this.#literals
  }

  /** Names of literal children around the place where `text` would stand, nearest first. */
  neighbours(text: string, count: number): string[] {
    const near: string[] = []
    const names = this.#literals instanceof RouteNode ? [this.#literals.#text] : this.#names
    let above = placeOf(names, text)
    let below = above - 1
    while (near.length < count && (below >= 0 || above < names.length)) {
      const up = names[above]
      if (up !== undefined && up !== text) near.push(up)
      const down = names[below]
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
      for (const name of names) literals.get(name)?.seal(edit)
      if (literals.size < 2) {
        const [only] = literals.values()
        this.#literals = only
        this.#names = noNames
      } else {
        this.#names = names.size > fewChanges ? [...literals.keys()].sort() : patched(this.#names, names, literals)
      }
      this.#changed = undefined
    } else if (this.#literals instanceof RouteNode) this.#literals.seal(edit)
    this.#param?.seal(edit)
  }

  #leafOf(entry: E): Leaf<E> | undefined {
    let node: RouteNode<E> = this
    for (const segment of entry.program.route.segments) {
      if (segment.type === 'wildcard' || segment.type === 'pattern') return node.#leaves[segment.type]
      const next = segment.type === 'literal' ? node.literal(segment.text) : node.#param
      if (next === undefined) return undefined
      node = next
    }
    return node.#leaves.exact
  }

  /** One step of adding or removing: this node, or its copy, after the change; undefined when nothing is left of it. */
  #change(entry: E, depth: number, edit: Edit, change: Change<E>): RouteNode<E> | undefined {
    const node = this.#edit === edit ? this : new RouteNode(edit, this.#text, this)
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
    const leaf = this.#leaves[ending]
    const after = Leaf.with(leaf, method, change.apply(leaf?.get(method)))
    this.#leaves = { ...this.#leaves, [ending]: after }
    if (ending !== 'exact') return
    const lone = after?.lone
    this.#lone = lone?.entry
    this.#loneMethod = lone?.method ?? ''
  }

  #changeLiteral(text: string, step: (child: RouteNode<E>) => RouteNode<E> | undefined): void {
    const child = step(this.literal(text) ?? new RouteNode<E>(this.#edit, text))
    const held = this.#literals
    if (held === undefined || (held instanceof RouteNode && held.#text === text)) {
      this.#literals = child
      return
    }
    if (this.#changed === undefined) {
      const [literals, names] = held instanceof RouteNode ? [[[held.#text, held] as const], [held.#text]] : [held, []]
      this.#changed = { literals: new Map(literals), names: new Set(names) }
      this.#literals = this.#changed.literals
    }
    const { literals, names } = this.#changed
    names.add(text)
    if (child === undefined) literals.delete(text)
    else literals.set(text, child)
  }

  *#children(): Generator<RouteNode<E>> {
    if (this.#literals instanceof RouteNode) yield this.#literals
    else if (this.#literals !== undefined) yield* this.#literals.values()
    if (this.#param !== undefined) yield this.#param
  }

  get #empty(): boolean {
    const { exact, pattern, wildcard } = this.#leaves
    const literals = this.#literals
    const bare = literals === undefined || (!(literals instanceof RouteNode) && literals.size === 0)
    return bare && this.#param === undefined && !exact && !pattern && !wildcard
  }

  #smallest(): string {
    let smallest = last
    for (const child of this.#children()) if (child.#first < smallest) smallest = child.#first
    for (const leaf of [this.exact, this.pattern, this.wildcard]) {
      for (const [, { first }] of leaf ?? []) if (first < smallest) smallest = first
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
