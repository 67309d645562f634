import { expect, it } from 'vitest'
import { createMetrics, type MetricSources } from '../../src/status/metrics.js'

const sources: MetricSources = {
  version: '1.2.3',
  namespaces: () => new Set(['payments']),
  requests: () => [
    { namespace: 'payments', outcome: 'matched', count: 7 },
    { namespace: 'payments', outcome: 'unmatched', count: 2 },
    { namespace: 'made-up-1', outcome: 'unmatched', count: 3 },
    { namespace: 'made-up-2', outcome: 'unmatched', count: 4 },
  ],
  resources: () => [
    { kind: 'Mock', condition: 'Ready', status: 'True', count: 5 },
    { kind: 'Mock', condition: 'Ready', status: 'False', count: 1 },
  ],
  requestJournal: () => ({ entries: 9, bytes: 4096 }),
  stateJournal: () => ({ segments: 2, bytes: 8192 }),
  evictions: () => [{ from: 'requests', count: 11 }],
  applied: () => ({ generation: 3, suspended: true }),
  deliveries: () => [
    { kind: 'callback', transport: 'http', state: 'accepted', count: 12 },
    { kind: 'callback', transport: 'http', state: 'delivered', count: 9 },
    {
      kind: 'notification',
      transport: 'notification',
      channel: 'shop/ops',
      channelType: 'slack',
      state: 'delivered',
      count: 3,
    },
  ],
  attempts: () => [{ kind: 'callback', transport: 'http', class: 'timeout', count: 4 }],
  quotas: () => [{ namespace: 'payments', quota: 'deliveries', limit: 10, used: 4 }],
  delivering: () => ({
    byStatus: { pending: 2, retrying: 1, delivered: 9 },
    inFlight: 1,
    oldestWaitingMs: 2500,
    breakers: { closed: 5, open: 1, half_open: 0 },
  }),
  hooks: () => [
    { receiver: 'github', result: 'accepted', reason: '', count: 6 },
    { receiver: 'github', result: 'refused', reason: 'signature', count: 2 },
  ],
}

async function lines(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.scrape()).text.split('\n')
}

it('shows what the sources count, the same at every scrape', async () => {
  const metrics = createMetrics(sources)
  for (const _ of [1, 2]) {
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining([
        'callboard_requests_total{namespace="payments",outcome="matched"} 7',
        'callboard_requests_total{namespace="payments",outcome="unmatched"} 2',
        'callboard_resources{kind="Mock",condition="Ready",status="True"} 5',
        'callboard_resources{kind="Mock",condition="Ready",status="False"} 1',
        'callboard_request_journal_entries 9',
        'callboard_request_journal_bytes 4096',
        'callboard_state_journal_segments 2',
        'callboard_state_journal_bytes 8192',
        'callboard_evictions_total{from="requests"} 11',
        'callboard_applied_generation 3',
        'callboard_suspended 1',
        'callboard_deliveries_total{kind="callback",transport="http",state="accepted"} 12',
        'callboard_deliveries_total{kind="callback",transport="http",state="delivered"} 9',
        'callboard_deliveries_total{kind="notification",transport="notification",channel="shop/ops",state="delivered",channel_type="slack"} 3',
        'callboard_delivery_attempts_total{kind="callback",transport="http",class="timeout"} 4',
        'callboard_quota_limit{namespace="payments",quota="deliveries"} 10',
        'callboard_quota_used{namespace="payments",quota="deliveries"} 4',
        'callboard_deliveries{status="retrying"} 1',
        'callboard_delivery_queue_depth 3',
        'callboard_deliveries_in_flight 1',
        'callboard_delivery_oldest_waiting_seconds 2.5',
        'callboard_hooks_total{receiver="github",result="accepted",reason=""} 6',
        'callboard_hooks_total{receiver="github",result="refused",reason="signature"} 2',
        'callboard_delivery_targets{breaker="open"} 1',
        'callboard_delivery_targets{breaker="half_open"} 0',
        `callboard_build_info{version="1.2.3",node="${process.version}"} 1`,
      ]),
    )
  }
})

it('namespaces that only requests name share one label', async () => {
  const text = (await lines(createMetrics(sources))).join('\n')
  expect(text).toContain('callboard_requests_total{namespace="other",outcome="unmatched"} 7')
  expect(text).not.toContain('made-up')
})

it('counts reconciles by result, each from nought, and their durations', async () => {
  const metrics = createMetrics(sources)
  metrics.reconciled('applied', 30)
  metrics.reconciled('applied', 3)
  metrics.reconciled('rejected', 4)
  expect(await lines(metrics)).toEqual(
    expect.arrayContaining([
      'callboard_reconcile_total{result="applied"} 2',
      'callboard_reconcile_total{result="rejected"} 1',
      'callboard_reconcile_total{result="failed"} 0',
      'callboard_reconcile_duration_seconds_count 3',
      'callboard_reconcile_duration_seconds_bucket{le="0.005"} 2',
      'callboard_reconcile_duration_seconds_bucket{le="0.05"} 3',
    ]),
  )
})

it('a series that is gone is no longer shown', async () => {
  let kinds = ['Mock', 'Namespace']
  const metrics = createMetrics({
    ...sources,
    resources: () => kinds.map((kind) => ({ kind, condition: 'Ready', status: 'True', count: 1 })),
  })
  expect((await lines(metrics)).join('\n')).toContain('kind="Namespace"')
  kinds = ['Mock']
  expect((await lines(metrics)).join('\n')).not.toContain('kind="Namespace"')
})

it('every metric has the prefix, those of the process too, and two controllers do not share them', async () => {
  const metrics = createMetrics(sources)
  createMetrics(sources).reconciled('failed', 1)
  const all = await lines(metrics)
  const names = all.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2] ?? '')
  expect(names.filter((name) => !name.startsWith('callboard_'))).toEqual([])
  expect(names).toContain('callboard_process_cpu_seconds_total')
  expect(all).toContain('callboard_reconcile_total{result="failed"} 0')
  expect((await metrics.scrape()).contentType).toMatch(/^text\/plain; version=0\.0\.4/)
})
