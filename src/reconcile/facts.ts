// What a person reads about a pass: reason and message of each way it can end.

import type { Problem } from '../resources/problem.js'
import { SourceError } from '../source/source.js'
import { StoreUnavailable } from '../store/store.js'
import type { ConditionFacts } from './conditions.js'
import { type BudgetExcess, describeExcess } from './deletion-budget.js'
import type { Plan } from './plan.js'

export const suspendedFacts: ConditionFacts = {
  reason: 'Suspended',
  message: 'suspended: nothing is applied until `callboard resume`',
}

export const emptyFacts: ConditionFacts = {
  reason: 'EmptySource',
  message: 'the source has no document at all, which is never applied: check its path and `.callboardignore`',
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
  const [first] = problems
  const example = first === undefined ? '' : `; the first: ${first.file}:${first.line}:${first.column} ${first.message}`
  return { reason: 'ValidationFailed', message: `${said.join(' and ')}${example}` }
}

export function budgetFacts(revision: string, excesses: readonly BudgetExcess[]): ConditionFacts {
  return {
    reason: 'DeletionBudgetExceeded',
    message: `${excesses.map(describeExcess).join('; ')}. If that is meant: callboard reconcile --allow-prune ${revision}`,
  }
}

export function failureFacts(error: unknown): ConditionFacts & { readonly unexpected: boolean } {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof SourceError) return { reason: 'FetchFailed', message, unexpected: false }
  if (error instanceof StoreUnavailable) return { reason: 'StoreUnavailable', message, unexpected: false }
  return { reason: 'InternalError', message, unexpected: true }
}
