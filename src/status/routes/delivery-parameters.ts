import { type DeliveryFilter, transportNames, type WantedStatus, wantedStatuses } from '../delivery-views.js'
import { momentParameter, patternParameter, type Query, textParameter } from '../parameter.js'
import { namespaceParameter } from './request-parameters.js'

const status = patternParameter(
  'status',
  'Only these, with commas between; `held` means those that wait and may not go now',
  `^(${wantedStatuses.join('|')})(,(${wantedStatuses.join('|')}))*$`,
  `one or more of ${wantedStatuses.join(', ')}`,
  (text) => text.split(',') as WantedStatus[],
)
const kind = textParameter('kind', 'Only what is for this', 'callback')
const transport = patternParameter(
  'transport',
  'Only what is sent this way, or was to be',
  `^(${transportNames.join('|')})$`,
  `one of ${transportNames.join(', ')}`,
  (text) => text,
)
const mock = textParameter('mock', 'Only what this mock fired: `name`, `namespace/name` or `namespace~name`')
const callback = textParameter('callback', 'Only what this callback declares')
const webhook = textParameter('webhook', 'Only what this webhook on changes declares')
const operation = textParameter('operation', 'Only what is sent because of this', 'mock.update')
const resource = textParameter('resource', 'Only of this resource: Kind/namespace/name', 'Mock/shop/order')
const event = textParameter('event', 'Only what tells of events of this type', 'deploy.failure')
const eventId = textParameter('eventId', 'Only what tells of the event with this id')
const message = textParameter(
  'message',
  'Only what became part of this delivery: events that were joined, and messages of a storm',
)
const channel = textParameter('channel', 'Only over this channel: `name`, `namespace/name` or `namespace~name`')
const user = textParameter('user', 'Only to this User')
const target = textParameter('target', 'Only to this target', 'https://shop.example.com')
const request = textParameter('request', 'Only what this request led to: its id')
const chain = textParameter('chain', 'Only of this chain')
const revision = textParameter('revision', 'Only what was accepted by this generation, or revision in full')
const since = momentParameter('since', 'Only what was accepted from this time on: ISO 8601, or a duration before now')
const until = momentParameter('until', 'Only what was accepted before this time')

export const deliveryFilterParameters = [
  status,
  kind,
  transport,
  mock,
  callback,
  webhook,
  operation,
  resource,
  event,
  eventId,
  message,
  channel,
  user,
  namespaceParameter,
  target,
  request,
  chain,
  revision,
  since,
  until,
] as const

/** Only keys that were asked for. */
export function deliveryFilter(query: Query): DeliveryFilter {
  const given = {
    status: query.get(status),
    kind: query.get(kind),
    transport: query.get(transport),
    mock: query.get(mock),
    callback: query.get(callback),
    webhook: query.get(webhook),
    operation: query.get(operation),
    resource: query.get(resource),
    event: query.get(event),
    eventId: query.get(eventId),
    message: query.get(message),
    channel: query.get(channel),
    user: query.get(user),
    namespace: query.get(namespaceParameter),
    target: query.get(target),
    request: query.get(request),
    chain: query.get(chain),
    revision: query.get(revision),
    since: query.get(since),
    until: query.get(until),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
