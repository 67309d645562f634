import type { EventTypeProgram } from '../kinds/notification-program.js'
import { digestEvent, digestSample } from './digest-sample.js'
import { error, event, info, warning } from './event.js'

/** Of the ids of events that only Callboard raises, whether their catalogue is switched on or not. */
export const internalPrefix = 'callboard.'

/** What happens within Callboard itself. */
export const callboard: readonly EventTypeProgram[] = [
  event({
    id: 'callboard.sync.succeeded',
    description: 'A revision was applied',
    default: false,
    severity: info,
    sample: { revision: 'main@sha1:1f3a9c0', created: 2, updated: 1, pruned: 0 },
    title: 'Applied {{ payload.revision }}',
    body: '{{ payload.created }} created, {{ payload.updated }} updated, {{ payload.pruned }} pruned',
    resolves: ['callboard.sync.failed'],
    standsAlone: true,
  }),
  event({
    id: 'callboard.sync.failed',
    description: 'A revision could not be applied; the last good one goes on serving',
    default: true,
    severity: error,
    sample: {
      revision: 'main@sha1:1f3a9c0',
      reason: 'ValidationFailed',
      message: '2 problems',
      problems: ['users.yaml:14:5: unknown field "rout"'],
    },
    title: 'Not applied: {{ payload.reason }}',
    body: '{{ payload.message }}{% for problem in payload.problems %}\n{{ problem }}{% endfor %}',
  }),
  event({
    id: 'callboard.delivery.dead_lettered',
    description: 'A delivery was given up after all its attempts',
    default: true,
    severity: error,
    sample: {
      delivery: { id: 'd-1', kind: 'callback', target: 'https://api.example.com', error: 'answered 500' },
      more: 0,
    },
    title:
      'Given up: {% if payload.delivery.channel %}{{ payload.delivery.event or payload.delivery.kind }} on {{ payload.delivery.channel }}{% if payload.delivery.user %}, to {{ payload.delivery.user }}{% endif %}{% else %}{{ payload.delivery.kind }} to {{ payload.delivery.target }}{% endif %}',
    body: '{{ payload.delivery.error }}{% if payload.more %} (and {{ payload.more }} more){% endif %}\n\ncallboard deliveries show {{ payload.delivery.id }}',
    key: 'delivery.target',
  }),
  event({
    id: 'callboard.channel.disabled',
    description: 'A channel was switched off because its destination is gone',
    default: true,
    severity: warning,
    sample: { channel: { name: 'ops-slack', type: 'slack' }, error: 'channel_not_found' },
    title: 'Channel disabled: {{ payload.channel.name }}',
    body: '{{ payload.error }}',
    key: 'channel.name',
  }),
  event({
    id: digestEvent,
    description: 'A digest of many events, by the clock',
    default: false,
    severity: info,
    sample: digestSample,
  }),
]
