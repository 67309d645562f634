import type { DigestOperations, DigestsView, DigestView } from '../../src/status/digest-views.js'

const run = {
  from: '2026-03-09T08:00:00.000Z',
  to: '2026-03-16T08:00:00.000Z',
  due: '2026-03-16T08:00:00.000Z',
  events: 16,
  sent: 2,
  held: 1,
  suppressed: 0,
  empty: 3,
}

const weekly: DigestView = {
  name: 'weekly',
  namespace: 'payments',
  id: 'payments~weekly',
  displayName: 'Weekly summary',
  schedule: '0 9 * * 1',
  timezone: 'Europe/Berlin',
  enabled: true,
  events: ['run_*'],
  nextRun: '2026-03-23T08:00:00.000Z',
  lastRun: run,
  since: run.to,
  collected: 4,
  readers: 3,
  unsubscribed: 1,
}

const words = { title: 'Weekly summary: 4 events', body: 'Runs: 4', link: null, failure: null }
const ann = {
  channel: 'mail',
  channelType: 'email',
  user: 'ann',
  outcome: 'send' as const,
  reason: null,
  until: null,
  because: 'Preference "ann" says weekly: true of digests',
  decidedBy: 'Preference/-/ann',
  events: 4,
  ...words,
}

const unknown = {
  outcome: 'refused',
  field: 'digest',
  message: 'there is no digest; declared: payments/weekly',
} as const
const nobody = { outcome: 'refused', field: 'user', message: 'there is no User "zoe"' } as const

/** Knows one digest, `payments~weekly`, and one reader, `ann`. */
export class FakeDigests implements DigestsView, DigestOperations {
  readonly runs: [name: string, user: string | undefined][] = []

  list() {
    return [weekly, { ...weekly, id: 'daily', name: 'daily', namespace: '', lastRun: null, nextRun: null }]
  }

  async preview(...[name, user]: Parameters<DigestsView['preview']>) {
    if (name !== 'payments/weekly') return unknown
    if (user === 'zoe') return nobody
    const { to: from } = run
    const messages = [ann, { ...ann, user: null, outcome: 'suppress' as const, title: null, body: null }]
    const result = { digest: name, from, to: from, collected: 4, messages, unsubscribed: 1 }
    return { outcome: 'done', result } as const
  }

  async run(...[name, user]: Parameters<DigestOperations['run']>) {
    if (name !== 'payments/weekly') return unknown
    if (user === 'zoe') return nobody
    this.runs.push([name, user])
    const result = {
      digest: name,
      run: user === undefined ? run : null,
      deliveries: user === undefined ? [] : ['d0001'],
      notSent: [],
    }
    return { outcome: 'done', result } as const
  }
}
