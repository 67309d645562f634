import { isObject, type Json } from '../../expression/json.js'

/** Type of the event that a digest is, for its templates. */
export const digestEvent = 'callboard.digest'

/** What templates of digests are checked with. */
export const digestSample: Json = {
  digest: {
    name: 'weekly',
    displayName: 'Weekly summary',
    namespace: null,
    from: '2026-01-19T08:00:00.000Z',
    to: '2026-01-26T08:00:00.000Z',
    timezone: 'Europe/Berlin',
    counts: {
      events: 16,
      failures: 3,
      bySeverity: { info: 13, error: 3 },
      byStatus: { passed: 9, failed: 3, succeeded: 4 },
      byType: [
        {
          type: 'run_completed',
          name: 'Runs',
          description: 'Any test run finishes, pass or fail',
          count: 12,
          failures: 3,
          byStatus: { passed: 9, failed: 3 },
          bySeverity: { info: 9, error: 3 },
        },
        {
          type: 'crawl_completed',
          name: 'Scans',
          description: 'A scan finishes (success or failure)',
          count: 4,
          failures: 0,
          byStatus: { succeeded: 4 },
          bySeverity: { info: 4 },
        },
      ],
    },
    top: [
      {
        what: 'Checkout flow',
        type: 'run_completed',
        count: 3,
        first: '2026-01-20T02:00:00Z',
        last: '2026-01-23T02:00:00Z',
        link: 'https://example.com/runs/run-42',
      },
    ],
    first: '2026-01-19T10:00:00Z',
    last: '2026-01-25T22:00:00Z',
    link: 'https://example.com/runs/run-42',
    events: [
      {
        id: 'e-42',
        source: 'api',
        type: 'run_completed',
        time: '2026-01-23T02:00:00Z',
        severity: 'error',
        status: 'failed',
        what: 'Checkout flow',
        title: null,
        link: 'https://example.com/runs/run-42',
        namespace: null,
        service: null,
        customer: null,
      },
    ],
    moreEvents: 15,
    uncounted: 0,
    soFar: false,
  },
}

/** `digest` by its own name, in what the words of a digest are made from. */
export function digestRoot(eventType: string, payload: Json): { readonly digest?: Json } {
  return eventType === digestEvent && isObject(payload) ? { digest: payload.digest ?? {} } : {}
}
