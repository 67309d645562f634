// What the control port shows of deliveries and does to them, over the engine.

import { typeOfUnprepared, unprepared } from './callbacks/unprepared.js'
import type { Engine } from './delivery/engine.js'
import type { ViewFilter } from './delivery/operations.js'
import type { DeliveryView as Entry } from './delivery/view.js'
import type { DeliveryWatch } from './delivery-watch.js'
import { notification, payloadOf as notificationOf } from './dispatcher/notification.js'
import { channelName, deliveryMatches, parseMockName } from './status/delivery-filter.js'
import type {
  AttemptView,
  DeliveriesView,
  DeliveryFilter,
  DeliveryOperation,
  DeliveryOperations,
  DeliverySummary,
  NotificationView,
  SentMessage,
  WantedStatus,
} from './status/delivery-views.js'
import type { MockReference, Watch } from './status/views.js'
import { type Attempt, type Delivery, isWaiting } from './store/delivery.js'

export interface DeliveryParts {
  readonly engine: Pick<Engine, 'operations'>
  readonly watch: Pick<DeliveryWatch, 'listen'>
  /** What is sent, for people: by the transport, which knows its payload. */
  readonly show: (delivery: Delivery) => SentMessage | undefined
  readonly place: (mock: { readonly namespace: string; readonly name: string }) => MockReference
}

/** Pages of the store that one page is gathered from: what is looked for may be rare. */
const storePages = 10
const findPage = 500

export function createDeliveriesView(parts: DeliveryParts): DeliveriesView {
  const { operations } = parts.engine
  return {
    list: async (filter, { limit, after }) => {
      const matches = deliveryMatches(filter)
      const wanted = storeFilter(filter)
      const items: DeliverySummary[] = []
      let next = after
      for (let round = 0; round < storePages; round += 1) {
        const page = await operations.list(wanted, {
          limit: limit - items.length,
          ...(next !== undefined && { after: next }),
        })
        items.push(...page.items.map((entry) => summaryOf(entry, parts)).filter(matches))
        next = page.next
        if (next === undefined || items.length === limit) break
      }
      return { items, ...(next !== undefined && { next }) }
    },
    get: (id) => {
      const entry = operations.get(id)
      if (entry === undefined) return undefined
      const { delivery, state } = entry
      const { retries, delayMs, growth, maxDelayMs } = delivery.retry
      return {
        ...summaryOf(entry, parts),
        sync: delivery.sync ?? false,
        delayMs: delivery.delayMs,
        timeoutMs: delivery.timeoutMs,
        retry: { retries, delayMs, growth, maxDelayMs },
        attemptsUsed: state.used,
        sent: parts.show(delivery) ?? null,
        attempts: state.attempts.map(attemptView),
      }
    },
  }
}

export function watchDeliveries(parts: DeliveryParts): Watch<DeliverySummary> {
  return (listener) =>
    parts.watch.listen((id) => {
      const entry = parts.engine.operations.get(id)
      if (entry !== undefined) listener(summaryOf(entry, parts))
    })
}

const meant: Readonly<Record<DeliveryOperation, readonly WantedStatus[]>> = {
  requeue: ['dead_letter'],
  cancel: ['pending', 'retrying', 'held'],
  fire: ['pending', 'retrying', 'held'],
}

export function createDeliveryOperations(parts: DeliveryParts): DeliveryOperations {
  const { operations } = parts.engine
  return {
    change: async (operation, id) => {
      const result = await operations[operation](id)
      return typeof result === 'string' ? result : 'changed'
    },
    find: async (operation, filter) => {
      const status = (filter.status ?? meant[operation].filter((one) => one !== 'held')).filter((one) =>
        meant[operation].includes(one),
      )
      if (status.length === 0) return []
      const matches = deliveryMatches({ ...filter, status })
      const wanted = storeFilter({ ...filter, status })
      const ids: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await operations.list(wanted, { limit: findPage, ...(after !== undefined && { after }) })
        for (const entry of page.items) if (matches(summaryOf(entry, parts))) ids.push(entry.delivery.id)
        if (page.next === undefined) return ids.reverse()
        after = page.next
      }
    },
  }
}

/** What the store can tell apart; the rest is looked at afterwards. */
function storeFilter({ status, kind, transport, target, since, until, ...filter }: DeliveryFilter): ViewFilter {
  const { mock, namespace, callback, webhook, operation, resource, request, chain, revision } = filter
  const { event, eventId, message, channel, user } = filter
  const name = mock === undefined ? undefined : parseMockName(mock)
  const isGeneration = revision !== undefined && /^\d+$/.test(revision)
  const about = {
    mock: name?.name,
    namespace: namespace ?? name?.namespace,
    callback,
    webhook,
    operation,
    resource,
    event,
    eventId,
    message,
    channel: channel === undefined ? undefined : channelName(channel),
    user,
    request,
    chain,
    ...(isGeneration ? { generation: revision } : { revision }),
  }
  const given = Object.entries(about).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return {
    ...(status !== undefined && { status }),
    ...(kind !== undefined && { kind }),
    // What could not be prepared says elsewhere how it was to be sent.
    ...(transport !== undefined && { transport: [transport, unprepared] }),
    ...(target !== undefined && { target }),
    ...(since !== undefined && { since: since.getTime() }),
    ...(until !== undefined && { until: until.getTime() }),
    ...(given.length > 0 && { about: Object.fromEntries(given) }),
  }
}

function summaryOf({ delivery, state, isRunning, held }: Entry, { place }: DeliveryParts): DeliverySummary {
  const { id, kind, transport, target, about, created, expires } = delivery
  const waits = isWaiting(state.status)
  const due = new Date(state.due).toISOString()
  const last = state.attempts.at(-1)
  const namespace = word(about.namespace) ?? ''
  const mock = word(about.mock)
  const until = held?.until
  return {
    id,
    kind,
    transport: transport === unprepared ? typeOfUnprepared(delivery.payload) : transport,
    target,
    status: state.status,
    reason: state.reason ?? null,
    held: held === undefined ? null : { reason: held.reason, until: until === undefined ? null : iso(until) },
    running: isRunning,
    namespace,
    mock: mock === undefined ? null : place({ namespace, name: mock }),
    callback: word(about.callback) ?? null,
    webhook: word(about.webhook) ?? null,
    operation: word(about.operation) ?? null,
    resource: word(about.resource) ?? null,
    notification: kind === notification ? notificationView(delivery) : null,
    request: word(about.request) ?? null,
    chain: word(about.chain) ?? null,
    generation: typeof about.generation === 'number' ? about.generation : null,
    revision: word(about.revision) ?? null,
    created: iso(created),
    nextAttempt: waits ? due : null,
    finished: waits ? null : due,
    expires: iso(expires),
    round: state.round,
    attemptsMade: state.made,
    lastError:
      last === undefined || last.ok
        ? null
        : { class: last.class ?? 'rejected', message: last.message ?? '', status: last.status ?? null },
  }
}

function notificationView(delivery: Delivery): NotificationView {
  const { event, eventId, source, channel, channelType, user, template, message } = delivery.about
  const { because, decidedBy = null, failure = null, events = null } = notificationOf(delivery)
  return {
    event: word(event) ?? '',
    eventId: word(eventId) ?? null,
    source: word(source) ?? null,
    channel: word(channel) ?? '',
    channelType: word(channelType) ?? '',
    user: word(user) ?? null,
    message: word(message) ?? null,
    events,
    template: word(template) ?? null,
    because,
    decidedBy,
    templateFailure: failure,
  }
}

function attemptView({ number, round, at, durationMs, ok, counts, ...attempt }: Attempt): AttemptView {
  const { class: kind = null, message = null, status = null, response = null, generation = null } = attempt
  return { number, round, time: iso(at), durationMs, ok, class: kind, message, status, response, generation, counts }
}

const word = (value: string | number | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

const iso = (time: number): string => new Date(time).toISOString()
