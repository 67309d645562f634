// Which webhooks on changes a merge would set off.

import { WebhookTable } from '../../callbacks/webhook-table.js'
import { operationsOf } from '../../reconcile/change-operations.js'
import type { Plan } from '../../reconcile/plan.js'
import type { ChangeOperation } from '../../resources/kinds/webhook.js'
import type { Resource, ResourceSet } from '../../resources/resource.js'

export interface FiredWebhook {
  readonly webhook: Resource
  /** By what it hears of: how often. */
  readonly operations: ReadonlyMap<string, number>
}

/** Whether a mock is new or returns is only known where it was pruned. */
const newOrBack: readonly ChangeOperation[] = ['mock.create', 'mock.restore']

/** By webhook, in the order of their names. The webhooks of the head decide, as they will. */
export function firedBy(difference: Plan, head: ResourceSet): readonly FiredWebhook[] {
  const table = new WebhookTable(head)
  const fired = new Map<Resource, Map<string, number>>()
  for (const { operation, namespace } of operationsOf(difference, () => false)) {
    const possible = operation === 'mock.create' ? newOrBack : [operation]
    const hearing = new Map<Resource, string>()
    for (const one of possible) {
      for (const { resource } of table.hearing({ operation: one, namespace })) {
        const before = hearing.get(resource)
        hearing.set(resource, before === undefined ? one : `${before} or ${one}`)
      }
    }
    for (const [webhook, said] of hearing) {
      const counts = fired.get(webhook) ?? new Map<string, number>()
      counts.set(said, (counts.get(said) ?? 0) + 1)
      fired.set(webhook, counts)
    }
  }
  return [...fired]
    .map(([webhook, operations]) => ({ webhook, operations }))
    .sort((a, b) => (a.webhook.id < b.webhook.id ? -1 : 1))
}

/** `3 mock.create, 1 mock.update`. A mock that returns within 90 days is told as restored, and nobody else hears of it. */
export function operationsText({ operations }: FiredWebhook): string {
  const said = [...operations].sort().map(([operation, count]) => {
    const unsure = operation === 'mock.restore' ? ', if they were pruned within 90 days' : ''
    return `${count} ${operation}${unsure}`
  })
  return said.join(', ')
}
