import type {
  AttemptView,
  BulkResult,
  DeliverySummary,
  DeliveryView,
  NotificationView,
  SentMessage,
} from '../status/delivery-views.js'
import { columns, plural, printable } from './view.js'

export function renderList(items: readonly DeliverySummary[]): string {
  if (items.length === 0) return ''
  return columns([
    ['ID', 'ACCEPTED', 'STATUS', 'ATTEMPTS', 'FIRED BY', 'DECLARED AS', 'TARGET', 'LAST ERROR'],
    ...items.map((item) => [
      item.id,
      item.created,
      statusOf(item),
      String(item.attemptsMade),
      firedBy(item),
      item.callback ?? item.webhook ?? whom(item) ?? '-',
      item.target,
      item.lastError === null ? '-' : `${item.lastError.class}: ${item.lastError.message}`,
    ]),
  ])
}

export function renderDelivery(item: DeliveryView): string {
  const { retry, sent } = item
  const facts = [
    ['Delivery', item.id],
    ['Status', statusOf(item)],
    ['For', `${item.kind} by ${item.transport}${item.sync ? ', while the client waited' : ''}`],
    ['Fired by', firedBy(item)],
    ['Declared', declaredAs(item)],
    ...(item.notification !== null ? becauseOf(item.notification) : []),
    ...(item.webhook === null && item.notification === null ? [['Request', item.request ?? '-']] : []),
    ...(item.chain === null ? [] : [['Chain', item.chain]]),
    ['Revision', item.revision ?? (item.generation === null ? '-' : `generation ${item.generation}`)],
    ['Target', item.target],
    ['Accepted', item.created],
    item.nextAttempt === null ? ['Finished', item.finished ?? '-'] : ['Next attempt', item.nextAttempt],
    ['Expires', item.expires],
    [
      'Attempts',
      `${item.attemptsMade}; ${item.attemptsUsed} of ${retry.retries + 1} used in round ${item.round}, ${seconds(retry.delayMs)} between (${retry.growth}), ${seconds(item.timeoutMs)} each`,
    ],
  ]
  return `${columns(facts)}${sent === null ? '' : renderSent(sent)}${renderAttempts(item.attempts)}`
}

export function renderBulk({ operation, dryRun, matched, changed, ids, confirm }: BulkResult, done: string): string {
  const count = plural(matched, 'delivery', 'deliveries')
  if (!dryRun) return `${done} ${changed} of ${count}\n`
  const lines = ids.map((id) => `  ${printable(id)}\n`).join('')
  const more = matched > ids.length ? `  … and ${matched - ids.length} more\n` : ''
  const next = confirm === null ? '' : `to do it: callboard deliveries ${operation} --confirm ${confirm}\n`
  return `${operation} would change ${count}\n${lines}${more}${next}`
}

function statusOf({ status, reason, held, running }: DeliverySummary): string {
  if (running) return `${status} (under way)`
  if (held !== null) return `held (${held.reason}${held.until === null ? '' : ` until ${held.until}`})`
  return reason === null ? status : `${status} (${reason})`
}

function becauseOf({
  eventId,
  because,
  message,
  events,
  template,
  templateFailure,
}: NotificationView): [string, string][] {
  return [
    ['Event', eventId ?? '-'],
    ...(events === null ? [] : ([['Events', String(events)]] as [string, string][])),
    ...(message === null ? [] : ([['Part of', message]] as [string, string][])),
    ['Because', because],
    ...(template === null ? [] : ([['Template', template]] as [string, string][])),
    ...(templateFailure === null ? [] : ([['Not so worded', templateFailure]] as [string, string][])),
  ]
}

/** The person, or the channel where that is one recipient itself. */
function whom({ notification }: DeliverySummary): string | undefined {
  return notification === null ? undefined : (notification.user ?? notification.channel)
}

/** A mock, what has changed, or what has happened. */
function firedBy({ mock, namespace, operation, resource, notification }: DeliverySummary): string {
  if (notification !== null) return notification.event
  if (operation !== null) return resource === null ? operation : `${operation} ${resource}`

  if (mock === null) return namespace === '' ? '-' : `${namespace}/-`
  return `${mock.namespace}/${mock.name}`
}

function declaredAs(item: DeliverySummary): string {
  const { callback, webhook, namespace, notification } = item
  if (notification !== null) {
    const { channel, channelType, user } = notification
    return `Channel ${channel} (${channelType})${user === null ? '' : `, to ${user}`}`
  }
  if (item.kind === 'status') return 'commitStatus in the settings'
  if (webhook === null) return `callback ${callback ?? '-'}`
  return namespace === '' ? `AdminWebhook ${webhook}` : `NamespaceWebhook ${namespace}/${webhook}`
}

function renderSent({ method, url, address, headers, body, encoding, truncated }: SentMessage): string {
  const lines = [
    method === null ? url : `${method} ${url}`,
    ...Object.entries(address).map(([name, value]) => `(${name}) ${value}`),
    ...Object.entries(headers).flatMap(([name, values]) => values.map((value) => `${name}: ${value}`)),
    ...(body === null ? [] : ['', encoding === 'base64' ? `(base64) ${body}` : body]),
    ...(truncated ? ['… (cut)'] : []),
  ]
  return `\n${lines.map((line) => `  ${printable(line)}`.trimEnd()).join('\n')}\n`
}

function renderAttempts(attempts: readonly AttemptView[]): string {
  if (attempts.length === 0) return '\nno attempt yet\n'
  const rows = attempts.map((one) => [
    String(one.number),
    String(one.round),
    one.time,
    `${Math.round(one.durationMs)} ms`,
    one.ok ? 'ok' : `${one.class ?? 'failed'}${one.counts ? '' : ' (does not count)'}`,
    one.status === null ? '-' : String(one.status),
    one.message ?? one.response ?? '-',
  ])
  return `\n${columns([['ATTEMPT', 'ROUND', 'BEGAN', 'TOOK', 'OUTCOME', 'ANSWERED', 'DETAIL'], ...rows])}`
}

const seconds = (ms: number): string => `${ms / 1000} s`
