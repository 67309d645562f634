// What the control port shows of who changed what, and how operations get there.
import type { Json } from '../expression/json.js'
import {
  anyJson,
  flag,
  integer,
  nullable,
  object,
  oneOf,
  record,
  ref,
  type Schemas,
  text,
  time,
} from './json-schema.js'
import type { Awaitable, Page, PageRequest } from './page.js'

export interface AuditActor {
  /** Who wrote the commit; `source` where the source does not say; `operator` for the holder of a token; `mcp` for tools. */
  readonly name: string
  /** Where an operation was asked for from; null for what a revision did. */
  readonly address: string | null
}

export const auditOutcomes = ['done', 'refused', 'failed'] as const
export type AuditOutcome = (typeof auditOutcomes)[number]

/** One thing that was changed or done. Holds nothing of a spec but its type and whether it is enabled. */
export interface AuditEntry {
  /** Rises with each entry. */
  readonly id: string
  readonly time: string
  /** `create_notification_channel`, `update_user_binding`, `requeue_delivery`, `suspend`, … */
  readonly action: string
  /** Of what it was done to; null when that is the whole. */
  readonly kind: string | null
  /** Empty for what is in none. */
  readonly namespace: string
  readonly name: string | null
  /** Of a channel, a callback; null for what has none. */
  readonly type: string | null
  /** Null for what cannot be switched off. */
  readonly enabled: boolean | null
  /** `namespace/name` before a move. */
  readonly from: string | null
  readonly actor: AuditActor
  /** That did it, or was in effect; null before there was one. */
  readonly revision: string | null
  /** Of that revision; null for one that is not from Git. */
  readonly commit: string | null
  readonly generation: number | null
  readonly outcome: AuditOutcome
  /** What else there is to say of an operation. */
  readonly details: AuditDetails
}

export type AuditDetails = Readonly<Record<string, Json>>

export interface AuditFilter {
  readonly action?: string
  readonly kind?: string
  /** Empty: what is in none. */
  readonly namespace?: string
  readonly name?: string
  /** Name or address. */
  readonly actor?: string
  /** A generation, or a revision in full. */
  readonly revision?: string
  readonly since?: Date
  readonly until?: Date
}

export interface AuditView {
  /** Newest first. A page may be short, or empty, and still have a next. */
  list(filter: AuditFilter, page: PageRequest): Awaitable<Page<AuditEntry>>
}

/** What somebody did by an operation. */
export interface AuditedOperation {
  readonly action: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly details?: AuditDetails
}

export interface AuditOperations {
  /** Never rejects: what was done is done. Resolves once it is on record, or it is clear that it cannot be just now. */
  record(
    operation: AuditedOperation & {
      /** Default: `operator`. */
      readonly actor?: string
      readonly address: string | null
      readonly outcome: AuditOutcome
    },
  ): Promise<void>
}

/** Compiles a filter, for whoever looks at one entry after the other. */
export function auditMatches(filter: AuditFilter): (entry: Omit<AuditEntry, 'id'>) => boolean {
  const { actor, revision, since, until } = filter
  const tests: ((entry: Omit<AuditEntry, 'id'>) => boolean)[] = []
  for (const field of ['action', 'kind', 'namespace', 'name'] as const) {
    const wanted = filter[field]
    if (wanted !== undefined) tests.push((entry) => entry[field] === wanted)
  }
  if (actor !== undefined) tests.push((entry) => entry.actor.name === actor || entry.actor.address === actor)
  if (revision !== undefined) {
    tests.push((entry) => entry.revision === revision || String(entry.generation) === revision)
  }
  if (since !== undefined) tests.push((entry) => Date.parse(entry.time) >= since.getTime())
  if (until !== undefined) tests.push((entry) => Date.parse(entry.time) < until.getTime())
  return (entry) => tests.every((test) => test(entry))
}

export const auditSchemas: Schemas = {
  AuditActor: object<AuditActor>('Who did it', {
    name: text('Who wrote the commit; `source` where the source does not say; `operator`, `mcp`, `system`'),
    address: nullable(text('Where an operation was asked for from; null for what a revision did')),
  }),
  AuditEntry: object<AuditEntry>('One thing that was changed or done; never a secret', {
    id: text('Rises with each entry'),
    time: time('When'),
    action: text('create_notification_channel, update_user_binding, requeue_delivery, suspend, …'),
    kind: nullable(text('Of what it was done to; null when that is the whole')),
    namespace: text('Empty for what is in none'),
    name: nullable(text('Of what it was done to')),
    type: nullable(text('Of a channel, a callback; null for what has none')),
    enabled: nullable(flag('Null for what cannot be switched off')),
    from: nullable(text('`namespace/name` before a move')),
    actor: ref('AuditActor'),
    revision: nullable(text('That did it, or was in effect')),
    commit: nullable(text('Of that revision; null for one that is not from Git')),
    generation: nullable(integer('Of that revision')),
    outcome: oneOf('What came of it', auditOutcomes),
    details: record('What else there is to say of an operation', anyJson('Value')),
  }),
}
