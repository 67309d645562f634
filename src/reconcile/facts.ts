// What a person reads about a pass: reason and message of each way it can end.

import type { Problem } from '../resources/problem.js'
import { type Snapshot, SourceError } from '../source/source.js'
import { StoreUnavailable } from '../store/store.js'
import { ChangesRefused } from './change-port.js'
import type { ConditionFacts } from './conditions.js'
import { type BudgetExcess, describeExcess, pruneTrailer } from './deletion-budget.js'
import type { Plan } from './plan.js'
import { PrepareError } from './target.js'

export const suspendedFacts: ConditionFacts = {
  reason: 'Suspended',
  message: 'suspended: nothing is applied until `callboard resume`',
}

export const emptyFacts: ConditionFacts = {
  reason: 'EmptySource',
  message: 'the source has no document at all, which is never applied: check its path and `.callboardignore`',
}

export const closedFacts: ConditionFacts = { reason: 'Closed', message: 'Callboard is stopping' }

/** The source has files, but nothing in them is ours any more. */
export function nothingDeclaredFacts(snapshot: Snapshot, applied: number): ConditionFacts {
  const all = applied === 1 ? 'the one applied resource' : `all ${applied} applied resources`
  return {
    reason: 'NothingDeclared',
    message: `the source declares nothing, and ${all} would be pruned. ${permission(snapshot)}`,
  }
}

export const sameFacts: ConditionFacts = { reason: 'Succeeded', message: 'the applied revision is what the source has' }

export function appliedFacts({ create, update, prune, move, unchanged }: Plan): ConditionFacts {
  const parts = [
    [create.length, 'created'],
    [update.length, 'updated'],
    [move.length, 'moved'],
    [prune.length, 'pruned'],
    [unchanged, 'unchanged'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return { reason: 'Succeeded', message: said.length === 0 ? 'no resources are declared' : said.join(', ') }
}

export function invalidFacts(problems: readonly Problem[], strict: boolean): ConditionFacts {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const said = [
    ...(errors > 0 ? [`${errors} error${errors === 1 ? '' : 's'}`] : []),
    ...(strict && warnings > 0
      ? [`${warnings} warning${warnings === 1 ? '' : 's'}, which strict mode does not accept`]
      : []),
  ]
  const first = problems.find(({ severity }) => severity === 'error') ?? problems[0]
  const example = first === undefined ? '' : `; the first: ${first.file}:${first.line}:${first.column} ${first.message}`
  return { reason: 'ValidationFailed', message: `${said.join(' and ')}${example}` }
}

export function budgetFacts(snapshot: Snapshot, excesses: readonly BudgetExcess[]): ConditionFacts {
  return {
    reason: 'DeletionBudgetExceeded',
    message: `${excesses.map(describeExcess).join('; ')}. ${permission(snapshot)}`,
  }
}

function permission({ revision, commit }: Snapshot): string {
  const trailer = commit === undefined ? '' : `, or a commit whose message ends with "${pruneTrailer}"`
  return `If that is meant: callboard reconcile --allow-prune ${revision}${trailer}`
}

/** What a last good revision is served without, because this version of the program or the state directory lacks it. */
export function lackingText(rejected: readonly Problem[], missing: readonly string[]): string | undefined {
  const [first] = rejected
  const said = [
    ...(first === undefined
      ? []
      : [
          `what this version of Callboard rejects (${rejected.length === 1 ? '1 error' : `${rejected.length} errors`}; ` +
            `the first: ${first.file}:${first.line}:${first.column} ${first.message})`,
        ]),
    ...(missing.length === 0
      ? []
      : [`files whose contents are missing from the state directory (${missing.length}; the first: ${missing[0]})`]),
  ]
  return said.length === 0 ? undefined : `without ${said.join(' and ')}`
}

export function failureFacts(error: unknown): ConditionFacts & { readonly unexpected: boolean } {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof SourceError) return { reason: error.reason, message, unexpected: false }
  if (error instanceof StoreUnavailable) return { reason: 'StoreUnavailable', message, unexpected: false }
  if (error instanceof ChangesRefused) return { reason: 'TooManyDeliveries', message, unexpected: false }
  if (error instanceof PrepareError) return { reason: 'PrepareFailed', message, unexpected: true }
  return { reason: 'InternalError', message, unexpected: true }
}
