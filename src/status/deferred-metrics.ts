import type { MetricSources, Metrics } from './metrics.js'
import type { ReconcileOutcome } from './views.js'

/**
 * Metrics whose library is loaded once there is time for it: that takes 30 ms, for which nobody should wait at a start.
 * What is noted before is told then. Call `load` when everything else is done; the first scrape does so, too.
 */
export function createDeferredMetrics(sources: MetricSources): Metrics & { load(): Promise<Metrics> } {
  const early: [outcome: ReconcileOutcome, durationMs: number][] = []
  let loading: Promise<Metrics> | undefined
  let loaded: Metrics | undefined
  const load = () => {
    loading ??= import('./metrics.js').then(({ createMetrics }) => {
      loaded = createMetrics(sources)
      for (const noted of early.splice(0)) loaded.reconciled(...noted)
      return loaded
    })
    return loading
  }
  return {
    load,
    reconciled: (outcome, durationMs) => {
      if (loaded === undefined) early.push([outcome, durationMs])
      else loaded.reconciled(outcome, durationMs)
    },
    scrape: async () => (await load()).scrape(),
  }
}
