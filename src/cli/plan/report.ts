import type { BudgetExcess, DeletionBudget } from '../../reconcile/deletion-budget.js'
import { describeExcess, pruneTrailer } from '../../reconcile/deletion-budget.js'
import type { Problem } from '../../resources/problem.js'
import type { Resource } from '../../resources/resource.js'
import type { Change } from './changes.js'
import type { DigestChange } from './digests.js'
import type { HoldChange } from './holds.js'
import type { MessageChange } from './messages.js'
import type { Owners } from './owners.js'
import type { ProblemChanges } from './problem-changes.js'
import type { RecipientChange } from './recipients.js'
import type { NamespaceChange, RequestChange } from './routes.js'
import type { FiredWebhook } from './webhooks.js'

/** What a merge would do, before it is shown in one form or another. */
export interface PlanReport {
  /** Tells the comment of one plan from those of others. */
  readonly id: string
  /** What is compared with what, in words: `main (1a2b3c4)` and `./mocks`. */
  readonly base: string
  readonly head: string
  /** Undefined when the head has errors: none of it would be applied, so there is nothing to say of single resources. */
  readonly planned: Planned | undefined
  readonly problems: ProblemChanges
  /** Whether the base's problems are known; without them, all of the head's count as fresh. */
  readonly comparesProblems: boolean
  /** What the plan cannot speak for. */
  readonly notComputed: readonly string[]
  /** What has to be known to read it right. */
  readonly notes: readonly string[]
}

export interface Planned {
  readonly changes: readonly Change[]
  readonly unchanged: number
  /** Undefined where no CODEOWNERS file says who owns what. */
  readonly owners: Owners | undefined
  readonly budget: DeletionBudget
  readonly excesses: readonly BudgetExcess[]
  /** Webhooks on changes that hear of it. */
  readonly fires: readonly FiredWebhook[]
  /** Requests that would be answered otherwise. */
  readonly requests: readonly RequestChange[]
  /** How many were tried on both sides. */
  readonly requestsTried: number
  /** What they do with all of their requests, and their quotas. */
  readonly namespaces: readonly NamespaceChange[]
  /** People and channels that hear of other events than before. */
  readonly recipients: readonly RecipientChange[]
  readonly digests: readonly DigestChange[]
  /** Quiet hours and silences. */
  readonly holds: readonly HoldChange[]
  readonly messages: readonly MessageChange[]
}

export function countsOf({ changes, unchanged }: Planned) {
  const counts = { create: 0, update: 0, move: 0, prune: 0, unchanged }
  for (const { operation } of changes) counts[operation]++
  return counts
}

/** The whole report in one line. Never reads like "no changes" when something could not be computed. */
export function summaryOf({ planned, problems, comparesProblems, notComputed }: PlanReport): string {
  if (planned === undefined) {
    const [fresh, known] = [errorsOf(problems.fresh).length, errorsOf(problems.known).length]
    const new_ = comparesProblems ? `, ${fresh === fresh + known ? 'all' : fresh} of them new` : ''
    return `no plan: ${fresh + known} ${fresh + known === 1 ? 'error' : 'errors'}${new_}; nothing of it would be applied`
  }
  const { create, update, move, prune, unchanged } = countsOf(planned)
  const all = `${create} to create, ${update} to update, ${move} to move, ${prune} to prune, ${unchanged} unchanged`
  return notComputed.length === 0 ? all : `${all}, and what could not be computed`
}

export function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ severity }) => severity === 'error')
}

export function nameOf({ kind, namespace, name }: Resource): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

export function budgetNote(excess: BudgetExcess): string {
  return `deletion budget: ${describeExcess(excess)}, so it would be held; callboard reconcile --allow-prune <revision> lets it through, or "${pruneTrailer}" at the end of the message of the commit that merges it`
}

/** What is pruned, within what may be: undefined where nothing is, and where it is too much, which is told otherwise. */
export function budgetLine({ budget: { pruned, applied, allowed }, excesses }: Planned): string | undefined {
  if (pruned === 0 || excesses.length > 0 || allowed === undefined) return undefined
  return `deletion budget: ${pruned} of ${applied} resources would be pruned, at most ${allowed} may be`
}
