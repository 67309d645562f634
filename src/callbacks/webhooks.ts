// Webhooks on changes: from what has changed to deliveries. What a revision sets off is part of the record that makes the
// revision durable, so that it is neither lost nor sent twice; the ids say the same of it whoever makes them.

import { createHash } from 'node:crypto'
import type { Engine } from '../delivery/engine.js'
import type { ChangedRevision, ChangePort, DeclaredChange, PreparedChanges } from '../reconcile/change-port.js'
import { ChangesRefused } from '../reconcile/change-port.js'
import type { Plan } from '../reconcile/plan.js'
import type { ResourceSet } from '../resources/resource.js'
import { Slices } from '../resources/slices.js'
import { announcementScope, announcementsOf } from '../store/announcements.js'
import type { Delivery } from '../store/delivery.js'
import type { Store } from '../store/store.js'
import { type CallbackPolicy, toDelivery } from './callback.js'
import { ChangeScope, type ChangeView, type Operation, viewOfChange, viewOfOperation } from './change.js'
import { isWebhook, type Webhook, WebhookTable } from './webhook-table.js'

export interface WebhooksOptions extends CallbackPolicy {
  readonly engine: Pick<Engine, 'prepare'>
  readonly store: Pick<Store, 'epoch' | 'list' | 'transact'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random: () => number
  readonly limits?: Partial<WebhookLimits>
}

/** What one revision may set off: it all goes into one record of the journal. */
export interface WebhookLimits {
  readonly deliveries: number
  readonly bytes: number
}

const defaultLimits: WebhookLimits = { deliveries: 100_000, bytes: 32 * 1024 * 1024 }
/** Of the rest of a delivery: what is known about it, how it is retried. */
const bytesBesidePayload = 700

export class Webhooks implements ChangePort {
  readonly #options: WebhooksOptions
  readonly #limits: WebhookLimits
  /** Of what is applied. */
  #table = new WebhookTable(new Map())
  #announcing: Promise<void> = Promise.resolve()

  constructor(options: WebhooksOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
  }

  async prepare(revision: ChangedRevision): Promise<PreparedChanges | undefined> {
    const table = this.#tableOf(revision.resources, revision.plan)
    if (table.isEmpty) return undefined
    const deliveries = await this.#deliveriesOf(revision, table)
    return deliveries.length === 0 ? undefined : this.#options.engine.prepare(deliveries)
  }

  /** Keeps in step with what is applied. */
  readonly target = {
    name: 'webhooks',
    prepare: (desired: ResourceSet, plan: Plan): (() => void) => {
      const table = this.#tableOf(desired, plan)
      return () => {
        this.#table = table
      }
    },
  }

  /**
   * Tells the webhooks that are applied now of something that no revision has done. Once it resolves, with how many hear
   * of it, that is on disk. The same operation is told once. Rejects with `StoreUnavailable`, and then nobody hears of it.
   */
  async fireOperation(operation: Operation): Promise<number> {
    const prepared = this.#options.engine.prepare(this.#deliveriesOfOperation(operation))
    try {
      const results = await this.#options.store.transact(prepared.scopes, (tx) => prepared.write(tx), 'sync')
      prepared.commit()
      return results.filter((result) => result === 'accepted').length
    } catch (error) {
      prepared.abandon()
      throw error
    }
  }

  /**
   * Tells what happened to the state directory while no process had it. Call it whenever webhooks may have been applied:
   * what is told is forgotten in the same record, and what was not told stays. Rejects with `StoreUnavailable`.
   */
  announce(): Promise<void> {
    const announcing = this.#announcing.then(() => this.#announce())
    this.#announcing = announcing.catch(() => {})
    return announcing
  }

  async #announce(): Promise<void> {
    const { store, engine } = this.#options
    for (const { key, epoch, ...announcement } of announcementsOf(store)) {
      // A backup repeats what was told before it was made, or will be by the process that goes on from there.
      const isOurs = epoch === store.epoch
      const operation = { ...announcement, operation: announcement.operation as Operation['operation'], id: key }
      const prepared = engine.prepare(isOurs ? this.#deliveriesOfOperation(operation) : [])
      try {
        await store.transact(
          [announcementScope, ...prepared.scopes],
          (tx) => {
            tx.delete(key)
            prepared.write(tx)
          },
          'sync',
        )
        prepared.commit()
      } catch (error) {
        prepared.abandon()
        throw error
      }
    }
  }

  async #deliveriesOf(revision: ChangedRevision, table: WebhookTable): Promise<Delivery[]> {
    const { changes, generation } = revision
    this.#refuseTooMany(changes, table)
    const { epoch } = this.#options.store
    const slices = new Slices()
    const deliveries: Delivery[] = []
    let bytes = 0
    for (const change of changes) {
      const hearing = table.hearing(change)
      if (hearing.length === 0) continue
      const view = viewOfChange(change, revision)
      const resource = (change.after ?? change.before)?.id ?? ''
      for (const webhook of hearing) {
        const id = idOf([epoch, generation, resource, change.operation, change.namespace, webhook.resource.id])
        const about = { resource, generation, revision: revision.revision }
        const delivery = this.#delivery(webhook, view, id, about)
        bytes += JSON.stringify(delivery.payload).length + bytesBesidePayload
        if (bytes > this.#limits.bytes) {
          throw new ChangesRefused(
            `what it sets off at webhooks on changes is more than ${this.#limits.bytes / 1024 / 1024} MiB; ${advice}`,
          )
        }
        deliveries.push(delivery)
      }
      if (slices.over) await slices.next()
    }
    return deliveries
  }

  #refuseTooMany(changes: readonly DeclaredChange[], table: WebhookTable): void {
    let count = 0
    for (const change of changes) count += table.hearing(change).length
    const { deliveries } = this.#limits
    if (count <= deliveries) return
    throw new ChangesRefused(
      `it sets off ${count} deliveries to webhooks on changes, more than ${deliveries}; ${advice}`,
    )
  }

  #deliveriesOfOperation(operation: Operation): Delivery[] {
    const { epoch } = this.#options.store
    const hearing = this.#table.hearing({ operation: operation.operation, namespace: operation.namespace ?? '' })
    if (hearing.length === 0) return []
    const view = viewOfOperation(operation)
    return hearing.map((webhook) =>
      this.#delivery(webhook, view, idOf([epoch, operation.id, operation.operation, webhook.resource.id]), {}),
    )
  }

  #delivery(
    { resource: { kind, namespace, name }, program: { callback } }: Webhook,
    view: ChangeView,
    id: string,
    more: Readonly<Record<string, string | number>>,
  ): Delivery {
    const { now, random } = this.#options
    const scope = new ChangeScope(view, () => new Date(now()), random)
    // An AdminWebhook belongs to no namespace, so that none that is suspended holds it up.
    const about = {
      ...(kind === 'NamespaceWebhook' && { namespace }),
      webhook: name,
      operation: String(view.operation),
      ...more,
    }
    const delivery = toDelivery(callback, { id, now: now(), scope, headers: {}, about }, this.#options)
    return { ...delivery, kind: 'change', about }
  }

  /** All resources are only looked through when one of those that have changed is a webhook. */
  #tableOf(resources: ResourceSet, plan: Plan): WebhookTable {
    return touchesWebhooks(plan) ? new WebhookTable(resources) : this.#table
  }
}

const advice = 'disable a webhook for once, or make the change in several revisions'

function touchesWebhooks({ create, update, move, prune }: Plan): boolean {
  return (
    create.some(isWebhook) ||
    prune.some(isWebhook) ||
    update.some(({ after }) => isWebhook(after)) ||
    move.some(({ to }) => isWebhook(to))
  )
}

/** Equal for equal parts, whichever process asks. */
function idOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
