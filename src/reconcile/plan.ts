import { canonicalJson } from '../resources/canonical.js'
import { type Json, type Resource, type ResourceId, type ResourceSet, resourceId } from '../resources/resource.js'

export interface Move {
  readonly from: Resource
  readonly to: Resource
  /** True when declared by `callboard/renamed-from`: state follows. Otherwise the move is only recognised by an equal spec. */
  readonly declared: boolean
}

/** What has to change for `applied` to become `desired`, as data. */
export interface Plan {
  readonly create: readonly Resource[]
  readonly update: readonly { readonly before: Resource; readonly after: Resource }[]
  readonly prune: readonly Resource[]
  /** One resource under another id; neither its old nor its new id is in `create` or `prune`. */
  readonly move: readonly Move[]
  readonly unchanged: number
}

const renamedFrom = 'callboard/renamed-from'

/** Says what has to change for `applied` to become `desired`. Changes nothing itself. */
export function plan(desired: ResourceSet, applied: ResourceSet): Plan {
  const created = new Map<ResourceId, Resource>()
  const update: { before: Resource; after: Resource }[] = []
  let unchanged = 0
  // Both sets are usually in the same order: walking them side by side spares most of the look-ups.
  const inOrder = applied.values()
  let beside = inOrder.next().value
  for (const after of desired.values()) {
    let before: Resource | undefined
    if (beside?.id === after.id) {
      before = beside
      beside = inOrder.next().value
    } else before = applied.get(after.id)
    if (before === undefined) created.set(after.id, after)
    else if (before === after || before.digest === after.digest) unchanged++
    else update.push({ before, after })
  }
  const pruned = new Map<ResourceId, Resource>()
  // Everything desired that was applied is an update or unchanged; only when that leaves some over is there a prune.
  if (update.length + unchanged < applied.size) {
    for (const before of applied.values()) if (!desired.has(before.id)) pruned.set(before.id, before)
  }
  const move =
    pruned.size === 0 || created.size === 0 ? [] : [...declaredMoves(created, pruned), ...seenMoves(created, pruned)]
  return { create: [...created.values()], update, prune: [...pruned.values()], move, unchanged }
}

export function isEmpty(changes: Plan): boolean {
  return changes.create.length + changes.update.length + changes.prune.length + changes.move.length === 0
}

/** Takes the moves that annotations declare out of both maps. */
function declaredMoves(created: Map<ResourceId, Resource>, pruned: Map<ResourceId, Resource>): Move[] {
  const moves: Move[] = []
  for (const to of created.values()) {
    const from = formerIds(to)
      .map((id) => pruned.get(id))
      .find((resource) => resource !== undefined)
    if (from !== undefined) moves.push(take({ from, to, declared: true }, created, pruned))
  }
  return moves
}

/** `[ns/]name`: without a namespace its own, then the global one, as in every reference. */
function formerIds({ kind, namespace, annotations }: Resource): ResourceId[] {
  const old = annotations[renamedFrom]?.trim()
  if (old === undefined) return []
  const slash = old.indexOf('/')
  if (slash !== -1) return [resourceId(kind, old.slice(0, slash), old.slice(slash + 1))]
  return [resourceId(kind, namespace, old), resourceId(kind, '', old)]
}

/** A prune and a create of the same kind with the same spec are one resource that went elsewhere. */
function seenMoves(created: Map<ResourceId, Resource>, pruned: Map<ResourceId, Resource>): Move[] {
  if (created.size === 0 || pruned.size === 0) return []
  const content = (resource: Resource) => `${resource.kind} ${canonicalJson(resource.spec as Json)}`
  const bySpec = new Map<string, Resource[]>()
  for (const from of pruned.values()) {
    const key = content(from)
    const same = bySpec.get(key)
    if (same === undefined) bySpec.set(key, [from])
    else same.push(from)
  }
  const moves: Move[] = []
  for (const to of created.values()) {
    const from = bySpec.get(content(to))?.shift()
    if (from !== undefined) moves.push(take({ from, to, declared: false }, created, pruned))
  }
  return moves
}

function take(move: Move, created: Map<ResourceId, Resource>, pruned: Map<ResourceId, Resource>): Move {
  created.delete(move.to.id)
  pruned.delete(move.from.id)
  return move
}
