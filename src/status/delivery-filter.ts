import type { DeliveryFilter, DeliverySummary } from './delivery-views.js'

const names = ['callback', 'webhook', 'operation', 'resource', 'namespace', 'request', 'chain'] as const
/** Of what a notification is about. */
const notificationNames = ['event', 'eventId', 'message', 'user'] as const

export interface MockName {
  readonly name: string
  readonly namespace?: string
}

/** `name`, `namespace/name` or `namespace~name`. */
export function parseMockName(text: string): MockName {
  const separator = text.search(/[/~]/)
  if (separator < 0) return { name: text }
  return { name: text.slice(separator + 1), namespace: text.slice(0, separator) }
}

/** Of `name`, `namespace/name` or `namespace~name`, as it is written in deliveries. */
export function channelName(text: string): string {
  return text.replace('~', '/').replace(/^-\//, '')
}

/** Compiles a filter, for whoever looks at one delivery after the other. */
export function deliveryMatches(filter: DeliveryFilter): (delivery: DeliverySummary) => boolean {
  const tests: ((delivery: DeliverySummary) => boolean)[] = []
  const { status, revision, mock, since, until } = filter
  if (status !== undefined) {
    tests.push((one) => status.includes(one.status) || (one.held !== null && status.includes('held')))
  }
  for (const name of ['kind', 'transport', 'target', ...names] as const) {
    const wanted = filter[name]
    if (wanted !== undefined) tests.push((one) => one[name] === wanted)
  }
  for (const name of notificationNames) {
    const wanted = filter[name]
    if (wanted !== undefined) tests.push(({ notification }) => notification?.[name] === wanted)
  }
  if (filter.channel !== undefined) {
    const wanted = channelName(filter.channel)
    tests.push(({ notification }) => notification?.channel === wanted)
  }
  if (revision !== undefined) {
    tests.push((one) => one.revision === revision || String(one.generation) === revision)
  }
  if (mock !== undefined) {
    const { name, namespace } = parseMockName(mock)
    tests.push((one) => one.mock?.name === name && (namespace === undefined || one.mock.namespace === namespace))
  }
  if (since !== undefined) tests.push(({ created }) => Date.parse(created) >= since.getTime())
  if (until !== undefined) tests.push(({ created }) => Date.parse(created) < until.getTime())
  return (delivery) => tests.every((test) => test(delivery))
}
