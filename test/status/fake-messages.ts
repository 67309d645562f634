import type { MessageChannel, MessageOperations, MessageRefusal } from '../../src/status/message-views.js'
import type { Propose } from '../../src/status/proposal-views.js'

const alerts: MessageChannel = {
  id: 'payments~alerts',
  namespace: 'payments',
  name: 'alerts',
  displayName: 'Alerts',
  type: 'slack',
  enabled: true,
  suspend: false,
  recipients: 'channel',
  addresses: [],
  limits: { title: 150, text: 3000, unit: 'utf16' },
}

const full: MessageRefusal = { outcome: 'limited', message: '30 a minute', retryAfterMs: 1500 }

/** Knows one channel, `payments~alerts`; whatever is titled "too many" is. */
export class FakeMessages implements MessageOperations {
  readonly sent: unknown[] = []

  channels({ namespace, type }: Parameters<MessageOperations['channels']>[0]) {
    return (namespace ?? 'payments') === 'payments' && (type ?? 'slack') === 'slack' ? [alerts] : []
  }

  async send(...[{ namespace, name }, wish]: Parameters<MessageOperations['send']>) {
    if (namespace === 'secret') return { outcome: 'forbidden', message: 'not that one' } as const
    if (`${namespace}~${name}` !== alerts.id) return { outcome: 'unknown', known: [alerts.id] } as const
    if (wish.title === 'too many') return full
    this.sent.push(wish)
    return { outcome: 'accepted', delivery: 'd0001' } as const
  }

  async sendDirect(...[wish]: Parameters<MessageOperations['sendDirect']>) {
    if (wish.title === 'too many') return full
    if (wish.type !== 'slack') return { outcome: 'refused', field: 'type', message: 'there is no such type' } as const
    this.sent.push(wish)
    return { outcome: 'sent' } as const
  }
}

export const propose: Propose = async (files, { alone, plan }) => ({
  outcome: 'judged',
  proposal: {
    base: alone ? null : 'main@sha1:aaaa1111',
    computed: true,
    errors: 0,
    warnings: 0,
    problems: [],
    moreProblems: false,
    counts: plan ? { create: Object.keys(files).length, update: 0, move: 0, prune: 0, unchanged: 3 } : null,
    changes: plan
      ? [{ operation: 'create', kind: 'Channel', namespace: '', name: 'new', file: 'proposal.yaml', line: 1 }]
      : null,
    moreChanges: false,
    deletionBudget: plan ? [] : null,
  },
})
