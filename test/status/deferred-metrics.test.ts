import { expect, it } from 'vitest'
import { createDeferredMetrics } from '../../src/status/deferred-metrics.js'
import type { MetricSources } from '../../src/status/metrics.js'

const sources: MetricSources = {
  version: '1.2.3',
  namespaces: () => new Set(),
  requests: () => [],
  resources: () => [],
  requestJournal: () => ({ entries: 0, bytes: 0 }),
  stateJournal: () => ({ segments: 1, bytes: 0 }),
  evictions: () => [],
  applied: () => ({ generation: 1, suspended: false }),
  deliveries: () => [],
  attempts: () => [],
  hooks: () => [],
  quotas: () => [],
  delivering: () => ({ byStatus: {}, inFlight: 0, oldestWaitingMs: 0, breakers: { closed: 0, open: 0, half_open: 0 } }),
}

it('what is noted before the metrics are loaded counts like what is noted after', async () => {
  const metrics = createDeferredMetrics(sources)
  metrics.reconciled('applied', 10)
  metrics.reconciled('rejected', 10)
  const { text } = await metrics.scrape()
  expect(text).toContain('callboard_reconcile_total{result="applied"} 1\n')
  metrics.reconciled('applied', 10)
  expect((await metrics.scrape()).text).toContain('callboard_reconcile_total{result="applied"} 2\n')
  expect(text).toContain('callboard_reconcile_duration_seconds_count 2\n')
})
