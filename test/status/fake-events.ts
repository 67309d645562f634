import type { EventOperations, EventReceipt } from '../../src/status/event-views.js'

export function receipt(type: string): EventReceipt {
  return {
    id: 'e-1',
    source: 'api',
    type,
    accepted: '2026-01-31T12:00:00.000Z',
    deliveries: { send: 1, hold: 0, suppress: 1 },
    reasons: { preference: 1 },
    decisions: [
      {
        channel: 'payments/alerts',
        channelType: 'slack',
        user: 'ann',
        outcome: 'suppress',
        reason: 'preference',
        until: null,
        because: 'Preference/-/quiet says so (people.yaml:3)',
        decidedBy: 'Preference/-/quiet',
        severity: 'info',
        delivery: 'd0001',
      },
    ],
    moreDecisions: true,
    webhooks: 0,
  }
}

/** Takes events of type `deploy.success`, but for one whose id is taken. */
export class FakeEvents implements EventOperations {
  readonly bodies: { readonly type: string; readonly text: string }[] = []

  async post({ type, bytes }: Parameters<EventOperations['post']>[0]): ReturnType<EventOperations['post']> {
    const text = bytes.toString()
    this.bodies.push({ type, text })
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return { outcome: 'invalid', problems: [{ pointer: '', message: 'the body is no JSON' }] }
    }
    const events = (Array.isArray(value) ? value : [value]) as { type?: string; id?: string }[]
    if (events.some((event) => event.type === undefined)) {
      return { outcome: 'invalid', problems: [{ pointer: '/type', message: 'is missing' }] }
    }
    if (events.some((event) => event.type !== 'deploy.success')) {
      return { outcome: 'unknown', problems: [{ pointer: '/type', message: 'did you mean deploy.success?' }] }
    }
    if (events.some(({ id }) => id === 'taken')) return { outcome: 'conflict', message: '"taken" was another event' }
    const receipts = events.map(() => receipt('deploy.success'))
    return { outcome: 'accepted', receipts, isBatch: Array.isArray(value) }
  }
}
