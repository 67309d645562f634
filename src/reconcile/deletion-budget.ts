import type { ResourceSet } from '../resources/resource.js'
import type { Snapshot } from '../source/source.js'
import type { Plan } from './plan.js'

/** Below this number of applied resources there is no budget: whoever has five mocks may delete three. */
const smallest = 10

export interface BudgetExcess {
  /** Undefined: over all namespaces. */
  readonly namespace: string | undefined
  readonly pruned: number
  readonly applied: number
  readonly allowed: number
}

export interface DeletionBudget {
  readonly pruned: number
  readonly applied: number
  /** Undefined where so few are applied that there is none. */
  readonly allowed: number | undefined
}

/** How much of what is applied a plan prunes, and how much it may. */
export function deletionBudget({ prune }: Plan, { size: applied }: ResourceSet, share: number): DeletionBudget {
  return { pruned: prune.length, applied, allowed: applied < smallest ? undefined : allowedOf(applied, share) }
}

/**
 * Says where a plan would prune more than `share` (0 to 1) of what is applied, in all and in each namespace.
 * Moves are not prunes. Guards against a wrong path or a botched merge, not against intent: see `--allow-prune`.
 */
export function budgetExcesses(changes: Plan, applied: ResourceSet, share: number): BudgetExcess[] {
  if (changes.prune.length === 0) return []
  const appliedIn = count([...applied.values()].map((resource) => resource.namespace))
  const prunedIn = count(changes.prune.map((resource) => resource.namespace))
  const excess = (namespace: string | undefined, pruned: number, total: number): BudgetExcess[] => {
    const allowed = allowedOf(total, share)
    return total >= smallest && pruned > allowed ? [{ namespace, pruned, applied: total, allowed }] : []
  }
  const inAll = excess(undefined, changes.prune.length, applied.size)
  // A namespace whose excess is the whole excess would only say the same thing twice.
  if (inAll.length > 0 && appliedIn.size === 1) return inAll
  return [
    ...inAll,
    ...[...prunedIn].flatMap(([namespace, pruned]) => excess(namespace, pruned, appliedIn.get(namespace) ?? 0)),
  ]
}

/** The line that permits more, at the end of the message of the commit to be applied. */
export const pruneTrailer = 'Callboard-Allow-Prune: yes'

/** Whether the snapshot's own commit says that what it prunes is meant. Those before it are not asked. */
export function permitsPrune({ commit }: Snapshot): boolean {
  const said = (commit?.trailers ?? []).map(({ key, value }) => `${key}: ${value}`.toLowerCase())
  return said.includes(pruneTrailer.toLowerCase())
}

/** 0.29 of 100 is 29, whatever a double makes of it. */
function allowedOf(total: number, share: number): number {
  return Math.floor(total * share + 1e-9)
}

export function describeExcess({ namespace, pruned, applied, allowed }: BudgetExcess): string {
  const where =
    namespace === undefined ? '' : namespace === '' ? ' among the global resources' : ` in namespace ${namespace}`
  return `${pruned} of ${applied} resources${where} would be pruned, at most ${allowed} may be`
}

function count(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
