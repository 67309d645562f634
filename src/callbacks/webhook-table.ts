import type { DeclaredChange } from '../reconcile/change-port.js'
import type { ChangeOperation, WebhookProgram } from '../resources/kinds/webhook.js'
import type { Resource, ResourceSet } from '../resources/resource.js'

export interface Webhook {
  readonly resource: Resource
  readonly program: WebhookProgram
}

const kinds: ReadonlySet<string> = new Set(['NamespaceWebhook', 'AdminWebhook'])
const nobody: readonly Webhook[] = Object.freeze([])

export function isWebhook({ kind }: Resource): boolean {
  return kinds.has(kind)
}

/** Who hears of what, of one revision. Immutable. */
export class WebhookTable {
  /** Those that are on, by operation. */
  readonly #webhooks: ReadonlyMap<ChangeOperation, readonly Webhook[]>

  constructor(resources: ResourceSet) {
    const webhooks = new Map<ChangeOperation, Webhook[]>()
    for (const resource of resources.values()) {
      if (!isWebhook(resource)) continue
      const program = resource.program as WebhookProgram
      if (!program.enabled) continue
      for (const operation of program.operations) {
        const known = webhooks.get(operation)
        if (known === undefined) webhooks.set(operation, [{ resource, program }])
        else known.push({ resource, program })
      }
    }
    this.#webhooks = webhooks
  }

  get isEmpty(): boolean {
    return this.#webhooks.size === 0
  }

  /** A NamespaceWebhook hears of its own namespace, an AdminWebhook of everything. */
  hearing({ operation, namespace }: Pick<DeclaredChange, 'operation' | 'namespace'>): readonly Webhook[] {
    const webhooks = this.#webhooks.get(operation)
    if (webhooks === undefined) return nobody
    return webhooks.filter(({ resource }) => resource.kind === 'AdminWebhook' || resource.namespace === namespace)
  }
}
