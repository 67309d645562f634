import { deliveryMatches } from '../delivery-filter.js'
import { DeliveryPlans } from '../delivery-plans.js'
import {
  type BulkResult,
  type DeliveryChange,
  type DeliveryFilter,
  type DeliveryOperation,
  type DeliveryView,
  deliveryOperations,
} from '../delivery-views.js'
import type { Operations } from '../operations.js'
import { listBody } from '../paging.js'
import { flagParameter, quote, textParameter } from '../parameter.js'
import { BadRequest, HttpProblem, NotFound } from '../problem-details.js'
import { pageParameters, pageRequest, type Route } from '../route.js'
import type { Views } from '../views.js'
import { WaitingCalls, waitParameter } from '../waiting.js'
import { deliveryFilter, deliveryFilterParameters } from './delivery-parameters.js'

const root = '/api/v1/deliveries'
const noFields = {
  schema: { type: 'object', properties: {}, additionalProperties: false },
  maxBytes: 64 * 1024,
} as const
/** Recorded together, in one write to the journal. */
const atATime = 100
const idsShown = 100
/** Ids of a dry run are kept in memory until it is confirmed. */
const mostMeant = 100_000

const dryRun = flagParameter('dryRun', 'True: say what would be done, and do nothing')
const confirm = textParameter('confirm', 'What the dry run answered; stands alone, for the dry run has the filter')

/** For people, what each operation does. */
const does: Readonly<Record<DeliveryOperation, string>> = {
  requeue: 'Send a dead letter again, under its id',
  cancel: 'Call a waiting delivery off; an attempt under way is cut off',
  fire: 'Attempt a waiting delivery now, whatever holds its target',
}
const meant: Readonly<Record<DeliveryOperation, string>> = {
  requeue: 'a dead letter can be sent again',
  cancel: 'what still waits can be called off',
  fire: 'what still waits can be fired',
}

/** What is sent, with every attempt, and what can be done to it. */
export function deliveryRoutes(views: Views, operations: Operations, now: () => Date): Route[] {
  const plans = new DeliveryPlans(now)
  return [
    deliveries(views),
    {
      method: 'GET',
      path: `${root}/{id}`,
      id: 'delivery',
      summary: 'One delivery: what is sent, and every attempt',
      access: 'read',
      parameters: [],
      pathParameters: { id: 'Id; receivers find it in the header Callboard-Delivery-Id' },
      schema: 'Delivery',
      handle: async ({ params: { id = '' } }) => ({ json: await findDelivery(views, id) }),
    },
    ...deliveryOperations.flatMap((operation) => [
      one(operation, views, operations),
      many(operation, operations, plans),
    ]),
  ]
}

function deliveries(views: Views): Route {
  const waiting = new WaitingCalls()
  return {
    method: 'GET',
    path: root,
    id: 'deliveries',
    summary: 'Deliveries, the latest accepted first; a page may be short and still have a next',
    access: 'read',
    parameters: [...deliveryFilterParameters, waitParameter, ...pageParameters],
    schema: 'DeliveryPage',
    errors: [503],
    handle: async ({ query, signal }) => {
      const filter = deliveryFilter(query)
      const page = pageRequest(root, query)
      const waitMs = query.get(waitParameter)
      const list = () => views.deliveries.list(filter, page)
      if (waitMs === undefined || page.after !== undefined) return { json: listBody(root, await list()) }
      const next = nextDelivery(views, filter)
      return { json: listBody(root, await waiting.first(waitMs, signal, next, list)) }
    },
  }
}

function nextDelivery({ events }: Views, filter: DeliveryFilter): (signal: AbortSignal) => Promise<void> {
  const matches = deliveryMatches(filter)
  return (signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const stop = events.delivery((delivery) => {
        if (matches(delivery)) done()
      })
      const done = () => {
        stop()
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
    })
}

function one(operation: DeliveryOperation, views: Views, operations: Operations): Route {
  return {
    method: 'POST',
    path: `${root}/{id}/${operation}`,
    id: `${operation}Delivery`,
    summary: does[operation],
    access: 'operate',
    parameters: [],
    pathParameters: { id: 'Id' },
    body: noFields,
    schema: 'Delivery',
    errors: [409, 503],
    handle: async ({ params: { id = '' } }) => {
      const result = await operations.deliveries.change(operation, id)
      if (result === 'unknown') throw noDelivery(id)
      const delivery = await findDelivery(views, id)
      if (result !== 'changed') throw notDone(operation, result, delivery)
      return { json: delivery }
    },
  }
}

/** Two steps: the dry run shows what is meant, the real one does it to just that. */
function many(operation: DeliveryOperation, operations: Operations, plans: DeliveryPlans): Route {
  return {
    method: 'POST',
    path: `${root}/${operation}`,
    id: `${operation}Deliveries`,
    summary: `${does[operation]}: all that a filter means. First with dryRun=true, then with the \`confirm\` it answered`,
    access: 'operate',
    parameters: [...deliveryFilterParameters, dryRun, confirm],
    body: noFields,
    schema: 'DeliveryBulkResult',
    errors: [409, 503],
    handle: async ({ query }) => {
      const filter = deliveryFilter(query)
      const confirmed = query.get(confirm)
      if (query.get(dryRun) === true) {
        if (confirmed !== undefined) throw new BadRequest('confirm', 'has no meaning beside dryRun=true')
        return { json: await rehearse(operation, filter, operations, plans) }
      }
      if (confirmed === undefined) {
        const detail = `first ask with dryRun=true what would be done, then send the \`confirm\` it answers: POST ${root}/${operation}?confirm=…`
        throw new BadRequest('confirm', detail)
      }
      if (Object.keys(filter).length > 0) {
        throw new BadRequest('confirm', 'stands alone; what it confirms has been chosen by the dry run already')
      }
      return { json: await carryOut(operation, confirmed, operations, plans) }
    },
  }
}

async function rehearse(
  operation: DeliveryOperation,
  filter: DeliveryFilter,
  operations: Operations,
  plans: DeliveryPlans,
): Promise<BulkResult> {
  const all = await operations.deliveries.find(operation, filter)
  const ids = all.slice(0, mostMeant)
  const plan = ids.length === 0 ? undefined : plans.keep(operation, ids)
  return {
    operation,
    dryRun: true,
    matched: ids.length,
    changed: 0,
    ids: ids.slice(0, idsShown),
    complete: ids.length === all.length,
    confirm: plan?.confirm ?? null,
    confirmUntil: plan?.until.toISOString() ?? null,
  }
}

async function carryOut(
  operation: DeliveryOperation,
  confirmed: string,
  operations: Operations,
  plans: DeliveryPlans,
): Promise<BulkResult> {
  const plan = plans.find(confirmed)
  if (plan === undefined || plan.operation !== operation) {
    const found = plan === undefined ? 'is not known (any more)' : `was answered for ${plan.operation}`
    throw new HttpProblem(409, 'not-confirmed', `confirm: ${quote(confirmed)} ${found}; ask with dryRun=true again`)
  }
  const { ids } = plan
  plans.drop(confirmed)
  let changed = 0
  for (let at = 0; at < ids.length; at += atATime) {
    const results = await Promise.all(
      ids.slice(at, at + atATime).map((id) => operations.deliveries.change(operation, id)),
    )
    changed += results.filter((result) => result === 'changed').length
  }
  return {
    operation,
    dryRun: false,
    matched: ids.length,
    changed,
    ids: ids.slice(0, idsShown),
    complete: true,
    confirm: null,
    confirmUntil: null,
  }
}

async function findDelivery(views: Views, id: string): Promise<DeliveryView> {
  const delivery = await views.deliveries.get(id)
  if (delivery === undefined) throw noDelivery(id)
  return delivery
}

function noDelivery(id: string): NotFound {
  return new NotFound(`no delivery ${quote(id)}; finished ones are dropped after some time`)
}

function notDone(operation: DeliveryOperation, result: DeliveryChange, { id, status }: DeliveryView): HttpProblem {
  if (result === 'busy') {
    return new HttpProblem(409, 'busy', `an attempt at ${quote(id)} is under way; ask again when it has ended`)
  }
  return new HttpProblem(409, 'refused', `${quote(id)} is ${status}; only ${meant[operation]}`)
}
