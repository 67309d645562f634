import type { Json } from '../expression/json.js'
import type { Problem } from '../resources/problem.js'
import { type PublicFacts, publicFacts } from '../resources/public-facts.js'
import type { Resource, ResourceId } from '../resources/resource.js'
import type { Commit } from '../source/source.js'
import type { Store, Transaction } from '../store/store.js'
import type { PreparedChanges } from './change-port.js'
import type { FileChanges, FileList } from './file-list.js'
import type { Plan } from './plan.js'

export type ChangeOperation = 'create' | 'update' | 'prune' | 'move' | 'restore'

export interface Change extends PublicFacts {
  readonly operation: ChangeOperation
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** `namespace/name` before a move, `name` of a global resource. */
  readonly from?: string
  /** It was applied before already, and could not be served since a restart: its return is no news. */
  readonly again?: true
}

export type OutcomeKind = 'applied' | 'unchanged' | 'rejected' | 'failed' | 'suspended'

/** What one look at the source came to. */
export interface Outcome {
  readonly outcome: OutcomeKind
  /** Null when it was not applied. */
  readonly generation: number | null
  /** Null when the source could not be read. */
  readonly revision: string | null
  /** Of that revision, where it is one of Git. */
  readonly commit?: Commit
  /** ISO 8601 */
  readonly time: string
  /** PascalCase, as in conditions. */
  readonly reason: string
  readonly message: string
  readonly durationMs: number
  readonly changes: readonly Change[]
  /** Errors first; at most `problemsKept`. */
  readonly problems: readonly Problem[]
}

export interface Applied {
  readonly generation: number
  readonly revision: string
  readonly time: string
  readonly commit?: Commit
}

/** Why nothing is applied, and since when. */
export interface Suspension {
  /** ISO 8601; null where nobody noted it. */
  readonly since: string | null
  /** As whoever asked for it calls themselves. */
  readonly by: string | null
  readonly reason: string | null
}

interface AppliedRecord extends Applied {
  /** Of the store, when it was applied. */
  readonly epoch?: string
}

/** Outcomes that are remembered. */
const outcomesKept = 200
export const problemsKept = 200
/** Revisions before the applied one whose files can still be told, while their contents are kept. */
const revisionsKept = 50
/** A mock that returns within this time is restored, not created. */
const tombstoneDays = 90

const scope = 'reconcile/'
const appliedKey = `${scope}applied`
const suspendedKey = `${scope}suspended`
const outcomePrefix = `${scope}outcome/`
const filePrefix = `${scope}file/`
const backPrefix = `${scope}back/`
const tombstonePrefix = `${scope}tombstone/`

/** The reconciler's own records in the store: what is applied, from which contents, and what came of each attempt. */
export class History {
  readonly #store: Store
  #next: number

  constructor(store: Store) {
    this.#store = store
    const [newest] = store.list(outcomePrefix, { reverse: true, limit: 1 })
    this.#next = newest === undefined ? 1 : Number(newest[0].slice(outcomePrefix.length)) + 1
  }

  applied(): Applied | undefined {
    return this.#applied()
  }

  files(): FileList {
    const keys = this.#store.list(filePrefix)
    return keys.map(([key, hash]) => ({ path: key.slice(filePrefix.length), hash: hash as string }))
  }

  /** The files of an earlier generation, or of the applied one; undefined when they are not known any more. */
  filesOf(generation: number): FileList | undefined {
    const { generation: applied } = this.#applied() ?? {}
    if (applied === undefined || generation > applied) return undefined
    const files = new Map(this.files().map(({ path, hash }) => [path, hash]))
    for (let at = applied; at > generation; at--) {
      const back = this.#store.get(backKey(at)) as unknown as StepBack | undefined
      if (back === undefined) return undefined
      for (const path of back.delete) files.delete(path)
      for (const [path, hash] of back.put) files.set(path, hash)
    }
    return [...files].map(([path, hash]) => ({ path, hash })).sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** Of the contents of earlier revisions: what those that can still be told need. */
  *earlierContents(): Iterable<string> {
    for (const [, back] of this.#store.list(backPrefix)) {
      for (const [, hash] of (back as unknown as StepBack).put) yield hash
    }
  }

  suspension(): Suspension | undefined {
    const kept = this.#store.get(suspendedKey)
    // Earlier versions noted no more than that it is so.
    if (kept === true) return { since: null, by: null, reason: null }
    return kept as unknown as Suspension | undefined
  }

  async suspend(suspension: Suspension | undefined): Promise<void> {
    await this.#store.transact(
      [scope],
      (tx) =>
        suspension === undefined ? tx.delete(suspendedKey) : tx.put(suspendedKey, suspension as unknown as Json),
      'sync',
    )
  }

  /** Newest first. `before` is a sequence number from `next`. */
  outcomes(options: { limit: number; before?: number }): { items: Outcome[]; next?: number } {
    const last = options.before ?? this.#next
    const keys = this.#store.list(outcomePrefix, { reverse: true, after: outcomeKey(last), limit: options.limit + 1 })
    const items = keys.slice(0, options.limit)
    const oldest = items.at(-1)
    return {
      items: items.map(([, value]) => value as unknown as Outcome),
      ...(keys.length > options.limit && oldest !== undefined
        ? { next: Number(oldest[0].slice(outcomePrefix.length)) }
        : {}),
    }
  }

  /** Whether what is applied was applied in this history of the state: after the restore of a backup it was not. */
  get isContinued(): boolean {
    return this.#applied()?.epoch === this.#store.epoch
  }

  /** What is applied belongs to this history from now on: what comes next is a change to it. */
  async continue(): Promise<void> {
    await this.#store.transact(
      [scope],
      (tx) => {
        const applied = tx.get(appliedKey) as { [key: string]: Json } | undefined
        if (applied !== undefined) tx.put(appliedKey, { ...applied, epoch: this.#store.epoch })
      },
      'sync',
    )
  }

  /**
   * Names the changes of a plan at `time`; a create within the tombstone's time is a restore. `isKnown`: whether what is
   * created was applied before and only returns to service.
   */
  changes(plan: Plan, time: string, isKnown: (resource: Resource) => boolean = () => false): Change[] {
    return [
      ...plan.create.map((resource) => ({
        ...change(this.isBuried(resource.id, time) ? 'restore' : 'create', resource),
        ...(isKnown(resource) && { again: true as const }),
      })),
      ...plan.update.map(({ after }) => change('update', after)),
      ...plan.move.map(({ from, to }) => ({ ...change('move', to), from: pathOf(from) })),
      ...plan.prune.map((resource) => change('prune', resource)),
    ]
  }

  /** Whether a resource was pruned so recently, seen from `time`, that it returns. */
  isBuried(id: ResourceId, time: string): boolean {
    const buried = this.#store.get(tombstonePrefix + id)
    return buried !== undefined && !isExpired(buried, time)
  }

  /**
   * Makes an apply durable, in one record: pointer, files, tombstones, outcome, and what is sent because of it. Only after
   * this may tables be swapped. `before`: the files up to now.
   */
  async recordApplied(
    outcome: Outcome & { generation: number; revision: string },
    plan: Plan,
    { changes: files, before }: { readonly changes: FileChanges; readonly before: FileList },
    told?: PreparedChanges,
  ): Promise<void> {
    const { generation, revision, time, commit } = outcome
    const applied: AppliedRecord = {
      generation,
      revision,
      time,
      epoch: this.#store.epoch,
      ...(commit !== undefined && { commit }),
    }
    const sequence = this.#next++
    const back = this.#applied() === undefined ? undefined : stepBack(files, before)
    try {
      await this.#store.transact(
        [scope, ...(told?.scopes ?? [])],
        (tx) => {
          tx.put(appliedKey, applied as unknown as Json)
          for (const [path, hash] of files.put) tx.put(filePrefix + path, hash)
          for (const path of files.delete) tx.delete(filePrefix + path)
          if (back !== undefined) tx.put(backKey(generation), back as unknown as Json)
          if (generation > revisionsKept) tx.delete(backKey(generation - revisionsKept))
          this.#bury(tx, plan, time)
          put(tx, sequence, outcome)
          told?.write(tx)
        },
        'sync',
      )
    } catch (error) {
      told?.abandon()
      throw error
    }
  }

  /** Remembers an outcome that changed nothing. */
  async record(outcome: Outcome): Promise<void> {
    const sequence = this.#next++
    await this.#store.transact([scope], (tx) => put(tx, sequence, outcome))
  }

  #bury(tx: Transaction, plan: Plan, time: string): void {
    for (const { id } of plan.create) tx.delete(tombstonePrefix + id)
    for (const { to } of plan.move) tx.delete(tombstonePrefix + to.id)
    if (plan.prune.length === 0) return
    for (const { id } of plan.prune) tx.put(tombstonePrefix + id, time)
    for (const [key, buried] of tx.list(tombstonePrefix)) if (isExpired(buried, time)) tx.delete(key)
  }

  #applied(): AppliedRecord | undefined {
    return this.#store.get(appliedKey) as unknown as AppliedRecord | undefined
  }
}

/** What leads from the files of a generation to those of the one before. */
interface StepBack {
  readonly put: readonly (readonly [path: string, hash: string])[]
  readonly delete: readonly string[]
}

function stepBack(changes: FileChanges, before: FileList): StepBack {
  const touched = new Set([...changes.put.keys(), ...changes.delete])
  const put = before.filter(({ path }) => touched.has(path)).map(({ path, hash }) => [path, hash] as const)
  const known = new Set(put.map(([path]) => path))
  return { put, delete: [...changes.put.keys()].filter((path) => !known.has(path)) }
}

function backKey(generation: number): string {
  return backPrefix + String(Math.max(0, generation)).padStart(10, '0')
}

function isExpired(buried: Json, time: string): boolean {
  return Date.parse(time) - Date.parse(buried as string) > tombstoneDays * 86_400_000
}

function put(tx: Transaction, sequence: number, outcome: Outcome): void {
  tx.put(outcomeKey(sequence), outcome as unknown as Json)
  if (sequence > outcomesKept) tx.delete(outcomeKey(sequence - outcomesKept))
}

function change(operation: ChangeOperation, resource: Resource): Change {
  const { kind, namespace, name } = resource
  return { operation, kind, namespace, name, ...publicFacts(resource) }
}

function pathOf({ namespace, name }: Resource): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

function outcomeKey(sequence: number): string {
  return outcomePrefix + String(Math.max(0, sequence)).padStart(10, '0')
}
