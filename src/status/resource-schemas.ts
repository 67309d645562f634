import { flag, integer, list, nullable, object, oneOf, ref, type Schemas, text, time } from './json-schema.js'
import type { CallbackStatus, ResourceStatus, SendingErrorView, TargetStatus } from './resource-status.js'

export const resourceStatusSchemas: Schemas = {
  SendingError: object<SendingErrorView>('Why the last delivery that failed did', {
    time: time('When'),
    class: text('As of an attempt; or why there was none: breaker, expired, …'),
    message: text('In words, without secrets'),
    status: nullable(integer('Status answered; null without an answer')),
    delivery: text('Id of the delivery'),
  }),
  TargetStatus: object<TargetStatus>('What stands before a target', {
    target: text('Where it is sent: an origin, a broker; without credentials'),
    lastAttempt: time('When it was last tried'),
    gate: oneOf('Whether deliveries go now', ['open', 'held']),
    reason: nullable(text('What holds them: breaker, retry_after, rate, suspend')),
    until: nullable(time('Until when; null when nobody can say')),
    breaker: oneOf('State of its circuit breaker; off when the callback asks for none', [
      'closed',
      'open',
      'half_open',
      'off',
    ]),
    rateUntil: nullable(time('When its rate lets the next one go; null: now')),
    inFlight: integer('Attempts under way'),
  }),
  CallbackStatus: object<CallbackStatus>('How the deliveries of a callback go', {
    name: text('Name of the callback; of an entry without a name its number'),
    lastSuccess: nullable(time('When one was last delivered')),
    lastError: nullable(ref('SendingError')),
    failuresInARow: integer('Attempts that failed since the last success'),
    targets: list('Where it was sent, the latest first', ref('TargetStatus')),
    moreTargets: flag('True when there were others, longer ago'),
  }),
  ResourceStatus: object<ResourceStatus>('What is observed of a resource that sends', {
    since: time('Nothing is known of what was before'),
    callbacks: list('Each callback that it declares', ref('CallbackStatus')),
  }),
}
