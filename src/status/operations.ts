import type { Readable } from 'node:stream'
import type { AuditOperations } from './audit-views.js'
import type { ChannelOperations } from './channel-operations.js'
import type { DeliveryOperations } from './delivery-views.js'
import type { DigestOperations } from './digest-views.js'
import type { EventOperations } from './event-views.js'
import type { HookOperations } from './hook-operations.js'
import type { MessageOperations } from './message-views.js'
import type { Propose } from './proposal-views.js'
import type { TelegramOperations } from './telegram-operations.js'
import type { Awaitable, ReconcileOutcome, RevisionView } from './views.js'

/** What looking again came to. `revision` is null when the source could not be read. */
export interface ReconcileResult extends Omit<RevisionView, 'revision' | 'outcome' | 'time' | 'author' | 'commit'> {
  readonly outcome: ReconcileOutcome
  readonly revision: string | null
}

export interface SuspensionResult {
  readonly suspended: boolean
  /** False when it was so already. */
  readonly changed: boolean
}

export interface SuspensionRequest {
  /** As whoever asks calls themselves. */
  readonly by?: string
  readonly reason?: string
}

export interface ResetScope {
  readonly namespace?: string
  readonly chain?: string
}

/** How many of each were cleared. */
export interface ResetResult {
  readonly requests: number
  readonly chains: number
  readonly globals: number
  readonly counters: number
}

/** What the control port can set going. Each rejects with `StoreUnavailable` when it cannot be recorded. */
export interface Operations {
  /** Looks again now and resolves with the outcome. `allowPrune`: a revision whose deletions are wanted. */
  reconcile(options: { readonly allowPrune?: string }): Promise<ReconcileResult>
  suspend(request: SuspensionRequest): Awaitable<SuspensionResult>
  resume(): Awaitable<SuspensionResult>
  /** Clears stores, counters and recorded requests: all, those of a namespace, or one chain (of a namespace, or of all). */
  reset(scope: ResetScope): Promise<ResetResult>
  /** The state as of now, as `callboard restore` reads it. */
  backup(): Promise<Readable>
  readonly deliveries: DeliveryOperations
  /** Puts on record what was done. */
  readonly audit: AuditOperations
  readonly events: EventOperations
  readonly channels: ChannelOperations
  readonly telegram: TelegramOperations
  readonly hooks: HookOperations
  readonly messages: MessageOperations
  /** What a change would do. Changes nothing. */
  readonly propose: Propose
  readonly digests: DigestOperations
}
