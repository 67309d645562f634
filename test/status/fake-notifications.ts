import type { NotificationView } from '../../src/status/delivery-views.js'
import type { ExplainEvent, ExplainEventQuestion } from '../../src/status/explanation-views.js'
import type {
  CatalogEntry,
  ChannelTypeView,
  NotificationsView,
  PreviewWish,
} from '../../src/status/notification-views.js'
import { receipt } from './fake-events.js'

export const told: NotificationView = {
  event: 'deploy.success',
  eventId: 'e-1',
  source: 'api',
  channel: 'payments/alerts',
  channelType: 'slack',
  user: 'ann',
  message: null,
  events: null,
  template: null,
  because: 'Channel/payments/alerts says deploy.*: true (people.yaml:20)',
  decidedBy: 'Channel/payments/alerts',
  templateFailure: null,
}

const slack: ChannelTypeView = {
  type: 'slack',
  title: 'Slack',
  setup: 'Create an app, and give it the scope chat:write.',
  recipients: { shared: ['channel', 'webhookUrl'], fields: ['email', 'userId'] },
  overrides: ['channel'],
  limits: { title: 150, body: 3000, unit: 'utf16' },
  rate: { count: 1, perMs: 1000 },
  check: true,
  schema: { type: 'object', properties: { botToken: { writeOnly: true } } },
}

const builtIn: CatalogEntry = {
  id: 'deploy.success',
  description: 'Service deployed successfully',
  default: true,
  severity: 'info',
  critical: false,
  includes: [],
  resolves: [],
  sample: { image: 'app:1' },
  catalogue: 'ai-admin-panel',
  namespace: null,
  file: null,
  line: null,
}

/** Knows one event type, `deploy.success`, one that is declared in `payments`, and remembers what it was asked. */
export class FakeNotifications implements NotificationsView {
  readonly asked: (PreviewWish | ExplainEventQuestion)[] = []

  types = () => [
    slack,
    { ...slack, type: 'teams', recipients: { shared: true as const, fields: [] }, rate: null, check: false },
  ]

  catalog = () => [
    builtIn,
    { ...builtIn, id: 'payment.late', catalogue: null, namespace: 'payments', file: 'payments/events.yaml', line: 3 },
  ]

  snippets = () => [
    {
      id: 'field',
      title: 'A field of the payload',
      description: 'What an event says',
      field: 'body',
      template: '{{ payload.image }}',
      payload: { image: 'app:1' },
      result: 'app:1',
    },
  ]

  async preview(wish: PreviewWish): ReturnType<NotificationsView['preview']> {
    this.asked.push(wish)
    if (wish.event !== 'deploy.success') {
      return {
        outcome: 'refused',
        field: 'event',
        message: 'there is no such event type; did you mean "deploy.success"?',
      }
    }
    return {
      outcome: 'rendered',
      preview: {
        event: wish.event,
        template: wish.body === undefined ? 'Template/-/deploys' : null,
        severity: 'info',
        title: 'Service deployed successfully',
        body: wish.body ?? '',
        link: null,
        format: wish.format ?? 'rich',
        failure: null,
        problems: [
          { rule: 'unknown-name', severity: 'warning', pointer: '/body', message: 'there is no "payloda"', hint: null },
        ],
      },
    }
  }

  readonly explainEvent: ExplainEvent = async (question) => {
    this.asked.push(question)
    const { type } = question.event
    if (type === undefined) return { outcome: 'invalid', problems: [{ pointer: '/event/type', message: 'is missing' }] }
    if (type !== 'deploy.success') {
      return { outcome: 'unknown', problems: [{ pointer: '/event/type', message: 'there is no such event type' }] }
    }
    if (question.user === 'nobody') return { outcome: 'no-user', message: 'no User "nobody" is declared' }
    if (question.revision === '99') return { outcome: 'no-revision', message: 'no revision "99" was applied' }
    const { decisions } = receipt(type)
    return {
      outcome: 'explained',
      explanation: {
        revision: 'main@sha1:aaaa1111',
        generation: 3,
        event: {
          type,
          source: 'api',
          severity: 'info',
          namespace: null,
          service: null,
          customer: null,
          labels: {},
        },
        eventType: {
          description: 'Service deployed successfully',
          default: true,
          critical: false,
          declaredBy: null,
          catalogue: 'ai-admin-panel',
          includedIn: [],
        },
        at: '2026-01-31T12:00:00.000Z',
        counts: { send: 0, hold: 0, suppress: 1 },
        reasons: { preference: 1 },
        decisions: decisions.map((one) => ({ ...one, delivery: null })),
        moreDecisions: false,
        digests: [{ digest: 'weekly', isIn: false, reason: 'silence', because: 'Silence "mending"' }],
        unconcerned: [{ channel: 'shop/alerts', channelType: 'slack', because: 'it hears the events of shop' }],
        unreached: [{ user: 'ben', because: 'no UserBinding connects ben' }],
      },
    }
  }
}
