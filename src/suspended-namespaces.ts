import type { Admission } from './delivery/transport.js'
import type { Plan } from './reconcile/plan.js'
import type { Target } from './reconcile/target.js'
import type { ResourceSet } from './resources/resource.js'
import type { Delivery } from './store/delivery.js'

/** Holds the deliveries of namespaces that are suspended. */
export class SuspendedNamespaces implements Target {
  readonly name = 'deliveries'
  readonly #changed: () => void
  #suspended: ReadonlySet<string> = new Set()

  /** `changed` is called once other namespaces are suspended than before. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  prepare(desired: ResourceSet, { create, update, prune, move }: Plan): () => void {
    const touched = [...create, ...update.map(({ after }) => after), ...prune, ...move.map(({ to }) => to)]
    if (!touched.some(({ kind }) => kind === 'Namespace')) return () => {}
    const suspended = new Set<string>()
    for (const { kind, name, spec } of desired.values()) {
      if (kind === 'Namespace' && (spec as { suspend?: boolean } | null)?.suspend === true) suspended.add(name)
    }
    return () => {
      this.#suspended = suspended
      this.#changed()
    }
  }

  has(namespace: string): boolean {
    return this.#suspended.has(namespace)
  }

  readonly admit = ({ about }: Delivery): Admission =>
    this.has(String(about.namespace)) ? { go: false, hold: 'suspend' } : { go: true }
}
