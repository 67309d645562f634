import type { Outcome } from './recorded.js'

export type OutcomeCounts = Record<Outcome, number>

const outcomes: readonly Outcome[] = [
  'mock',
  'proxy',
  'fault',
  'not_found',
  'fallback',
  'options',
  'suspended',
  'unavailable',
  'refused',
  'aborted',
  'failed',
]

/** Requests by namespace and outcome, as plain integers for whoever exports them. Names come from declarations only. */
export class RequestCounts {
  readonly #byNamespace = new Map<string, OutcomeCounts>()
  /** Requests for namespaces that nothing declares. */
  readonly #elsewhere: OutcomeCounts = zeros()
  /** Connections whose bytes were no request. */
  malformed = 0

  know(namespaces: Iterable<string>): void {
    for (const namespace of namespaces) {
      if (!this.#byNamespace.has(namespace)) this.#byNamespace.set(namespace, zeros())
    }
  }

  count(namespace: string, outcome: Outcome): void {
    const counts = this.#byNamespace.get(namespace) ?? this.#elsewhere
    counts[outcome] += 1
  }

  /** The empty name stands for all namespaces that are not declared. */
  *all(): Generator<readonly [namespace: string, outcome: Outcome, count: number]> {
    for (const [namespace, counts] of [...this.#byNamespace, ['', this.#elsewhere] as const]) {
      for (const outcome of outcomes) if (counts[outcome] > 0) yield [namespace, outcome, counts[outcome]]
    }
  }
}

function zeros(): OutcomeCounts {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as OutcomeCounts
}
