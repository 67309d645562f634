// Messages that could not be delivered, and those that are tried again, as rows of `channel_delivery_log`.
import type { DeliveryFilter, DeliverySummary } from '../delivery-views.js'
import type { ChannelDeliveryRow } from '../notification-views.js'
import type { Operations } from '../operations.js'
import { listBody } from '../paging.js'
import { type Query, quote, textParameter } from '../parameter.js'
import { HttpProblem, NotFound } from '../problem-details.js'
import { pageParameters, pageRequest, type Route } from '../route.js'
import type { Page, PageRequest, Views } from '../views.js'
import { channelDeliveryRow } from './notification-rows.js'

const root = '/api/v1/admin/channel-delivery'
const deadLetters = `${root}/dlq`
const retryQueue = `${root}/retry-queue`

const channel = textParameter('channel', 'Only over this channel: `name`, or `namespace/name`', 'ops')
const event = textParameter('event', 'Only of this event type', 'test.run.failed')
const user = textParameter('user', 'Only to this User: a name', 'ann')
const filterParameters = [channel, event, user] as const

/** Deliveries that are looked at in one turn. */
const atATime = 500

export function channelDeliveryRoutes(views: Views, operations: Operations): Route[] {
  const list = { method: 'GET', access: 'read', parameters: [...filterParameters, ...pageParameters] } as const
  return [
    {
      ...list,
      path: deadLetters,
      id: 'deadLetters',
      summary: 'Messages that are not tried any more, the latest first; a page may be short and still have a next',
      schema: 'ChannelDeliveryPage',
      handle: async ({ query }) => {
        const filter = { ...filterOf(query), status: ['dead_letter'] } as const
        const { items, next } = await views.deliveries.list(filter, pageRequest(deadLetters, query))
        const rows = await rowsOf(views, items)
        return { json: listBody(deadLetters, { items: rows, ...(next === undefined ? {} : { next }) }) }
      },
    },
    {
      ...list,
      path: retryQueue,
      id: 'retryQueue',
      summary: 'Messages that wait for their next attempt, the soonest first',
      schema: 'ChannelDeliveryPage',
      handle: async ({ query, signal }) => {
        const filter = { ...filterOf(query), status: ['retrying'] } as const
        const { items, next } = await soonest(views, filter, pageRequest(retryQueue, query), signal)
        const rows = await rowsOf(views, items)
        return { json: listBody(retryQueue, { items: rows, ...(next === undefined ? {} : { next }) }) }
      },
    },
    {
      method: 'POST',
      path: `${deadLetters}/{id}/requeue`,
      id: 'requeueDeadLetter',
      summary: 'Send a message again that is not tried any more, under its id',
      access: 'operate',
      parameters: [],
      pathParameters: { id: 'Id' },
      body: { schema: { type: 'object', properties: {}, additionalProperties: false }, maxBytes: 64 * 1024 },
      schema: 'ChannelDelivery',
      errors: [409, 503],
      handle: async ({ params: { id = '' } }) => {
        const before = await views.deliveries.get(id)
        if (before?.kind !== 'notification') throw noMessage(id)
        const result = await operations.deliveries.change('requeue', id)
        const after = await views.deliveries.get(id)
        if (result === 'unknown' || after === undefined) throw noMessage(id)
        if (result === 'busy') {
          throw new HttpProblem(409, 'busy', `an attempt at ${quote(id)} is under way; ask again when it has ended`)
        }
        if (result === 'refused') {
          throw new HttpProblem(409, 'refused', `${quote(id)} is ${after.status}; only a dead letter can be sent again`)
        }
        return { json: channelDeliveryRow(after) }
      },
    },
  ]
}

function filterOf(query: Query): DeliveryFilter {
  const given = { kind: 'notification', channel: query.get(channel), event: query.get(event), user: query.get(user) }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

async function rowsOf(views: Views, items: readonly DeliverySummary[]): Promise<ChannelDeliveryRow[]> {
  const rows: ChannelDeliveryRow[] = []
  for (const { id } of items) {
    const delivery = await views.deliveries.get(id)
    // Dropped in between.
    if (delivery !== undefined) rows.push(channelDeliveryRow(delivery))
  }
  return rows
}

/** Deliveries are kept in another order: all are looked at, and only a page of them is remembered. */
async function soonest(
  views: Views,
  filter: DeliveryFilter,
  { limit, after = '' }: PageRequest,
  signal: AbortSignal,
): Promise<Page<DeliverySummary>> {
  let best: { readonly key: string; readonly item: DeliverySummary }[] = []
  const keep = () => {
    best.sort((a, b) => (a.key < b.key ? -1 : 1))
    best = best.slice(0, limit + 1)
  }
  for (let at: string | undefined; !signal.aborted; ) {
    const page = await views.deliveries.list(filter, { limit: atATime, ...(at === undefined ? {} : { after: at }) })
    for (const item of page.items) {
      const key = `${item.nextAttempt ?? ''} ${item.id}`
      if (key > after) best.push({ key, item })
    }
    keep()
    if (page.next === undefined) break
    at = page.next
  }
  const shown = best.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map(({ item }) => item)
  return best.length > limit && last !== undefined ? { items, next: last.key } : { items }
}

function noMessage(id: string): NotFound {
  return new NotFound(`no message ${quote(id)}; finished ones are dropped after some time`)
}
