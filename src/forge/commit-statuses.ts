// What becomes of the commits of the source, as statuses to be told: pending once one is seen, then how it ended. Each is
// durable, and told once, in its order.

import { createHash } from 'node:crypto'
import type { Engine } from '../delivery/engine.js'
import type { Json } from '../expression/json.js'
import type { Outcome, OutcomeKind } from '../reconcile/history.js'
import type { Delivery } from '../store/delivery.js'
import type { Store } from '../store/store.js'
import { commitStatus, type StatusPayload, type StatusTarget, statusKind, targetOf } from './commit-status.js'
import { type StatusState, shortened } from './status.js'

export interface CommitStatusesOptions {
  readonly target: StatusTarget
  /** With `{commit}` and `{revision}`. */
  readonly targetUrl?: string
  /** The branch that is followed, where it is one. */
  readonly isBranch: boolean
  readonly engine: Pick<Engine, 'prepare'>
  readonly store: Pick<Store, 'list' | 'transact'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly maxAgeMs: number
  readonly onWarning: (error: unknown, message: string) => void
}

/** A commit, as far as statuses need it. */
export interface SeenCommit {
  readonly revision: string
  readonly commit: string
}

/** The last status of a commit. */
interface Told {
  readonly sha: string
  /** Rises over all commits. */
  readonly order: number
  /** Rises over those of one commit. */
  readonly number: number
  readonly state: StatusState
  readonly description: string
}

const scope = 'forge/status/'
/** Commits whose statuses are remembered. */
const commitsKept = 100
const timeoutMs = 10_000
/** A host that is away comes back; the status is of use for as long as somebody waits to merge. */
const retry: Delivery['retry'] = {
  retries: 100,
  delayMs: 1000,
  growth: 'jitter',
  maxDelayMs: 600_000,
  final: ['auth', 'gone', 'rejected', 'template', 'guard'],
}

export class CommitStatuses {
  readonly #options: CommitStatusesOptions
  /** Of this host, repository and context alone. */
  readonly #prefix: string
  readonly #told = new Map<string, Told>()
  #order = 0
  #working: Promise<void> = Promise.resolve()

  constructor(options: CommitStatusesOptions) {
    this.#options = options
    const { target, store } = options
    const place = [target.type.type, target.api, target.repository, target.context.toLowerCase()]
    this.#prefix = `${scope}${createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, 16)}/`
    for (const [, value] of store.list(this.#prefix)) {
      const told = value as unknown as Told
      this.#told.set(told.sha, told)
      this.#order = Math.max(this.#order, told.order)
    }
  }

  newest(sha: string): number | undefined {
    return this.#told.get(sha)?.number
  }

  /** The source has a commit that is not applied. Only the first word of it is "pending". */
  seen(commit: SeenCommit, isSuspended: boolean): void {
    if (isSuspended) this.#tell(commit, 'pending', 'seen; applying is suspended, until `callboard resume`')
    else this.#tell(commit, 'pending', lookingAt)
  }

  /** How a look at the source has ended. */
  ended(outcome: Outcome): void {
    const { commit, revision } = outcome
    const told = commit === undefined || revision === null ? undefined : tellings[outcome.outcome](outcome)
    if (commit === undefined || revision === null || told === undefined) return
    this.#tell({ revision, commit: commit.id }, told.state, told.description)
  }

  /** Resolves once what was to be told is on record. */
  settled(): Promise<void> {
    return this.#working
  }

  #tell(commit: SeenCommit, state: StatusState, description: string): void {
    this.#working = this.#working
      .then(() => this.#accept(commit, state, description))
      .catch((error: unknown) => {
        this.#options.onWarning(error, `the ${state} status of ${commit.revision} is not told`)
      })
  }

  async #accept({ revision, commit: sha }: SeenCommit, state: StatusState, text: string): Promise<void> {
    const { engine, store, target } = this.#options
    const before = this.#told.get(sha)
    const description = shortened(text, target.type.maxDescription)
    if (before !== undefined && isNoNews(before, state, description)) return
    const number = (before?.number ?? 0) + 1
    const told: Told = { sha, order: this.#order + 1, number, state, description }
    const forgotten = [...this.#told.values()].sort((a, b) => b.order - a.order).slice(commitsKept - 1)
    const prepared = engine.prepare([this.#delivery(told, revision)])
    try {
      await store.transact(
        [scope, ...prepared.scopes],
        (tx) => {
          for (const one of forgotten) tx.delete(this.#prefix + one.sha)
          tx.put(this.#prefix + sha, told as unknown as Json)
          prepared.write(tx)
        },
        'sync',
      )
    } catch (error) {
      prepared.abandon()
      throw error
    }
    this.#order = told.order
    for (const one of forgotten) this.#told.delete(one.sha)
    this.#told.set(sha, told)
    prepared.commit()
  }

  #delivery({ sha, number, state, description }: Told, revision: string): Delivery {
    const { target, targetUrl, isBranch, now, maxAgeMs } = this.#options
    const { type, api, repository, context } = target
    const branch = revision.slice(0, Math.max(0, revision.lastIndexOf('@')))
    const link = targetUrl?.replaceAll('{commit}', sha).replaceAll('{revision}', encodeURIComponent(revision))
    const payload: StatusPayload = {
      type: type.type,
      api,
      repository,
      context,
      sha,
      number,
      state,
      description,
      ...(isBranch && branch !== '' && branch !== 'HEAD' && { ref: branch }),
      ...(link !== undefined && { targetUrl: link }),
    }
    const created = now()
    const identity = [this.#prefix, sha, number, state, description, created]
    return {
      id: createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32),
      kind: statusKind,
      transport: commitStatus,
      target: targetOf(api),
      order: this.#prefix + sha,
      breaker: true,
      about: { operation: `commit_status.${state}`, resource: sha, revision },
      created,
      delayMs: 0,
      expires: created + maxAgeMs,
      timeoutMs,
      retry,
      payload: payload as unknown as Json,
    }
  }
}

/** A commit that was told of is not pending again, and one that was applied is not applied anew after a restart. */
function isNoNews({ state: before, description: said }: Told, state: StatusState, description: string): boolean {
  if (state === 'pending') return before !== 'pending' || said === description || description === lookingAt
  return before === state && (said === description || state === 'success')
}

const lookingAt = 'looking at it'

interface Telling {
  readonly state: StatusState
  readonly description: string
}

const tellings: Readonly<Record<OutcomeKind, (outcome: Outcome) => Telling | undefined>> = {
  applied: ({ message }) => ({ state: 'success', description: `applied: ${message}` }),
  unchanged: () => ({ state: 'success', description: 'applied' }),
  rejected: (outcome) => ({ state: 'failure', description: reasonOf(outcome) }),
  failed: (outcome) => ({ state: 'failure', description: reasonOf(outcome) }),
  // Told when the commit was seen.
  suspended: () => undefined,
}

/** The first problem with its place, which is what a person needs first of all. */
function reasonOf({ problems, message }: Outcome): string {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first = problems[0]] = errors
  if (first === undefined) return message
  const more = Math.max(errors.length, 1) - 1
  return `${more > 0 ? `${more + 1} errors: ` : ''}${first.file}:${first.line} ${first.message}`
}
