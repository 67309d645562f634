// Who changed what, in an append-only log beside the journal. What revisions changed is taken from the reconciler's own
// history, which is durable before a revision is swapped in: each line says how far in it the log has come, so that
// nothing is written twice and nothing left out, whenever the process ends.

import type { Json } from './expression/json.js'
import type { Change, Outcome } from './reconcile/history.js'
import type { AuditDetails, AuditEntry, AuditFilter, AuditOperations, AuditView } from './status/audit-views.js'
import { auditMatches } from './status/audit-views.js'
import type { Page, PageRequest, Watch } from './status/views.js'
import { announcementsOf } from './store/announcements.js'
import { type AppendLog, type AppendLogOptions, openAppendLog } from './store/append-log.js'
import { auditFolder } from './store/embedded.js'
import type { Store } from './store/store.js'

/** What the reconciler's history answers. */
export interface AppliedHistory {
  /** Newest first. `before` is a sequence number from `next`. */
  outcomes(options: { limit: number; before?: number }): { items: Outcome[]; next?: number }
  applied():
    | { readonly generation: number; readonly revision: string; readonly commit?: { readonly id: string } }
    | undefined
}

export interface AuditLogOptions extends Pick<AppendLogOptions, 'disk' | 'fileBytes' | 'files'> {
  readonly stateDir: string
  readonly store: Pick<Store, 'epoch' | 'list'>
  readonly history: AppliedHistory
  readonly now: () => Date
  readonly onWarning: (message: string) => void
}

/** A line of the log. */
interface Line extends Omit<AuditEntry, 'id'> {
  readonly seq: number
  /** Up to where in the history the log is complete with this line. */
  readonly upTo: Position
}

interface Position {
  /** Of the store. */
  readonly epoch: string
  readonly generation: number
  /** How many of the changes of that generation are in the log; null: all. */
  readonly changes: number | null
}

/** Entries that are made at a time. */
const batch = 1_000
/** Operations that wait for a disk that takes nothing; the log of the program has them as well. */
const mostWaiting = 1_000
const outcomesAtOnce = 20

export class AuditLog implements AuditView, AuditOperations {
  readonly #options: AuditLogOptions
  readonly #log: AppendLog<Line>
  readonly #listeners = new Set<(entry: AuditEntry) => void>()
  #position: Position
  #waiting: Omit<Line, 'seq' | 'upTo'>[] = []
  #working: Promise<void> = Promise.resolve()

  private constructor(options: AuditLogOptions, log: AppendLog<Line>, position: Position) {
    this.#options = options
    this.#log = log
    this.#position = position
  }

  /** Opens the log of a state directory and brings it up to date. Rejects when the folder cannot be read or made. */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const { stateDir, store, history, onWarning, disk, fileBytes, files } = options
    const log = await openAppendLog<Line>({
      folder: `${stateDir}/${auditFolder}`,
      onWarning,
      ...(disk !== undefined && { disk }),
      ...(fileBytes !== undefined && { fileBytes }),
      ...(files !== undefined && { files }),
    })
    const { epoch } = store
    const last = log.last?.upTo
    const audit = new AuditLog(options, log, last ?? { epoch, generation: 0, changes: null })
    await audit.catchUp()
    await audit.#noteAnnouncements()
    if (last !== undefined && last.epoch !== epoch && audit.#position.epoch !== epoch) {
      // What the backup had applied is where the new history begins.
      audit.#position = { epoch, generation: history.applied()?.generation ?? 0, changes: null }
      await audit.#record({ ...audit.#operation('restore_backup', {}), actor: { name: 'system', address: null } })
    }
    return audit
  }

  /** Hears of every entry that is written from now on. */
  readonly watch: Watch<AuditEntry> = (listener) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Writes what revisions have changed since. Never rejects: what cannot be written now is written the next time. */
  catchUp(): Promise<void> {
    return this.#enqueue(() => this.#writeChanges())
  }

  async record({
    action,
    kind,
    namespace,
    name,
    details,
    actor = 'operator',
    address,
    outcome,
  }: Parameters<AuditOperations['record']>[0]) {
    const entry = {
      ...this.#operation(action, details ?? {}),
      kind: kind ?? null,
      namespace: namespace ?? '',
      name: name ?? null,
      actor: { name: actor, address },
      outcome,
    }
    await this.#record(entry)
  }

  async list(filter: AuditFilter, { limit, after }: PageRequest): Promise<Page<AuditEntry>> {
    const page = { limit, ...(after !== undefined && { before: Number(after) }) }
    const { items, next } = await this.#log.page(page, auditMatches(filter))
    return { items: items.map(entryOf), ...(next !== undefined && { next: String(next) }) }
  }

  /** Resolves once what was to be written is. */
  async close(): Promise<void> {
    await this.#working
    await this.#log.close()
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(work).catch((error: unknown) => {
      const { upTo } = this.#log.last ?? {}
      if (upTo?.epoch === this.#options.store.epoch) this.#position = upTo
      this.#options.onWarning(`the audit log cannot be written: ${(error as Error).message}`)
    })
    return this.#working
  }

  #record(entry: Omit<Line, 'seq' | 'upTo'>): Promise<void> {
    this.#waiting.push(entry)
    if (this.#waiting.length > mostWaiting) {
      const [oldest] = this.#waiting.splice(0, 1)
      this.#options.onWarning(`an operation is not in the audit log: ${oldest?.action} at ${oldest?.time}`)
    }
    return this.#enqueue(async () => {
      await this.#writeChanges()
      const waiting = this.#waiting
      if (waiting.length === 0) return
      await this.#append(waiting.map((one) => ({ ...one, upTo: this.#position })))
      this.#waiting = this.#waiting.slice(waiting.length)
    })
  }

  async #writeChanges(): Promise<void> {
    for (const outcome of this.#unwritten()) {
      const generation = outcome.generation ?? 0
      const { epoch } = this.#options.store
      const news = outcome.changes.filter(({ again }) => again !== true)
      const done = this.#position.generation === generation ? (this.#position.changes ?? news.length) : 0
      for (let from = done; from < news.length; from += batch) {
        const changes = news.slice(from, from + batch)
        const lines = changes.map((change, index): Omit<Line, 'seq'> => {
          const count = from + index + 1
          return {
            ...changeEntry(change, outcome),
            upTo: { epoch, generation, changes: count === news.length ? null : count },
          }
        })
        await this.#append(lines)
      }
      this.#position = { epoch, generation, changes: null }
    }
  }

  /** Revisions that were applied and are not all in the log, the oldest first. */
  #unwritten(): Outcome[] {
    const { generation, changes } = this.#position
    const found: Outcome[] = []
    for (let before: number | undefined; ; ) {
      const page = this.#options.history.outcomes({ limit: outcomesAtOnce, ...(before !== undefined && { before }) })
      for (const outcome of page.items) {
        if (outcome.outcome !== 'applied' || outcome.generation === null) continue
        if (outcome.generation < generation || (outcome.generation === generation && changes === null)) {
          return found.reverse()
        }
        found.push(outcome)
      }
      if (page.next === undefined) return found.reverse()
      before = page.next
    }
  }

  async #append(lines: readonly Omit<Line, 'seq'>[]): Promise<void> {
    const written = await this.#log.append(lines)
    this.#position = this.#log.last?.upTo ?? this.#position
    if (this.#listeners.size === 0) return
    for (const line of written) for (const listener of this.#listeners) listener(entryOf(line))
  }

  /** What was done to the state directory while no process had it. */
  async #noteAnnouncements(): Promise<void> {
    const { store, history } = this.#options
    for (const { key, epoch, operation, time, details } of announcementsOf(store)) {
      // As for webhooks: of those that a backup repeats, the process that goes on from there knows.
      if (epoch !== store.epoch || (await this.#knows(key))) continue
      const [what = '', verb = ''] = operation.split('.')
      const action = `${verb}_${what}`
      if (action === 'restore_backup') {
        this.#position = { epoch, generation: history.applied()?.generation ?? 0, changes: null }
      }
      const entry = this.#operation(action, { ...(details as { [key: string]: Json }), id: key })
      const actor = { name: 'system', address: null }
      await this.#record({ ...entry, time: new Date(time).toISOString(), actor })
    }
  }

  async #knows(id: string): Promise<boolean> {
    for (let before: number | undefined; ; ) {
      const page = await this.#log.page(
        { limit: 1, ...(before !== undefined && { before }) },
        ({ details }) => details.id === id,
      )
      if (page.items.length > 0) return true
      if (page.next === undefined) return false
      before = page.next
    }
  }

  #operation(action: string, details: AuditDetails): Omit<Line, 'seq' | 'upTo' | 'actor'> {
    const { generation = null, revision = null, commit } = this.#options.history.applied() ?? {}
    return {
      time: this.#options.now().toISOString(),
      action,
      kind: null,
      namespace: '',
      name: null,
      type: null,
      enabled: null,
      from: null,
      revision,
      commit: commit?.id ?? null,
      generation,
      outcome: 'done',
      details,
    }
  }
}

const verbs: Readonly<Record<Change['operation'], string>> = {
  create: 'create',
  restore: 'create',
  update: 'update',
  move: 'update',
  prune: 'delete',
}
/** Where an action is called otherwise than its kind. */
const nouns: Readonly<Record<string, string>> = { Channel: 'notification_channel' }

function changeEntry(change: Change, { time, revision, generation, commit }: Outcome): Omit<Line, 'seq' | 'upTo'> {
  const { operation, kind, namespace, name, type, enabled, from } = change
  return {
    time,
    action: actionOf(operation, kind),
    kind,
    namespace,
    name,
    type: type ?? null,
    enabled: enabled ?? null,
    from: from ?? null,
    actor: { name: commit === undefined ? 'source' : `${commit.author.name} <${commit.author.email}>`, address: null },
    revision,
    commit: commit?.id ?? null,
    generation,
    outcome: 'done',
    details: operation === 'restore' ? { returned: true } : {},
  }
}

/** `update_user_binding`; of channels as where they come from: `update_notification_channel`. */
export function actionOf(operation: Change['operation'], kind: string): string {
  const noun = nouns[kind] ?? kind.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
  return `${verbs[operation]}_${noun}`
}

function entryOf({ seq, upTo: _, ...entry }: Line): AuditEntry {
  // Lines of earlier versions say nothing of commits.
  return { id: String(seq), ...entry, commit: entry.commit ?? null }
}
