import type { CallbackStatus, TargetStatus } from '../status/resource-status.js'
import type { ConditionView, ResourceSummary, ResourceView } from '../status/views.js'
import { columns } from './view.js'

/** Columns that are there when a resource has the condition. */
const observed: readonly (readonly [type: string, title: string])[] = [
  ['SecretMissing', 'SECRETS'],
  ['Delivering', 'DELIVERING'],
]

/** What is counted about a mock. */
export interface Used {
  readonly hits?: number
  readonly lastUse?: string | null
}

export function renderResources(items: readonly (ResourceSummary & Used)[]): string {
  if (items.length === 0) return ''
  const used = items.some(({ hits }) => hits !== undefined)
  const shown = observed.filter(([type]) => items.some(({ conditions }) => find(conditions, type) !== undefined))
  return columns([
    [
      'NAMESPACE',
      'NAME',
      'READY',
      ...shown.map(([, title]) => title),
      ...(used ? ['HITS', 'LAST USE'] : []),
      'DECLARED IN',
    ],
    ...items.map(({ namespace, name, conditions, hits, lastUse, file, line }) => [
      namespace || '-',
      name,
      stateOf(find(conditions, 'Ready')),
      ...shown.map(([type]) => (type === 'SecretMissing' ? secretsOf : stateOf)(find(conditions, type))),
      ...(used ? [String(hits ?? '-'), lastUse ?? '-'] : []),
      `${file}:${line}`,
    ]),
  ])
}

/** The same line, and what is observed. */
export function renderOne(resource: ResourceView & Used): string {
  const { conditions, status } = resource
  const parts = [renderResources([resource])]
  if (conditions.length > 1) {
    parts.push(
      columns([
        ['CONDITION', 'STATUS', 'REASON', 'SINCE', 'MESSAGE'],
        ...conditions.map(({ type, status, reason, lastTransitionTime, message }) => [
          type,
          status,
          reason,
          lastTransitionTime,
          message,
        ]),
      ]),
    )
  }
  if (status !== null) parts.push(renderCallbacks(status.callbacks), renderTargets(status.callbacks))
  return parts.filter((part) => part !== '').join('\n')
}

function renderCallbacks(callbacks: readonly CallbackStatus[]): string {
  return columns([
    ['CALLBACK', 'LAST SUCCESS', 'FAILURES SINCE', 'LAST ERROR', 'DELIVERY', 'DETAIL'],
    ...callbacks.map(({ name, lastSuccess, lastError, failuresInARow }) => [
      name,
      lastSuccess ?? '-',
      String(failuresInARow),
      lastError?.time ?? '-',
      lastError?.delivery ?? '-',
      lastError === null ? '-' : `${lastError.class}: ${lastError.message}`,
    ]),
  ])
}

function renderTargets(callbacks: readonly CallbackStatus[]): string {
  const rows = callbacks.flatMap(({ name, targets, moreTargets }) => [
    ...targets.map((one) => [name, one.target, gateOf(one), one.breaker, String(one.inFlight), one.lastAttempt]),
    ...(moreTargets ? [[name, '… and others, used longer ago', '', '', '', '']] : []),
  ])
  if (rows.length === 0) return ''
  return columns([['CALLBACK', 'TARGET', 'GATE', 'BREAKER', 'UNDER WAY', 'LAST ATTEMPT'], ...rows])
}

function gateOf({ gate, reason, until }: TargetStatus): string {
  if (gate === 'open') return 'open'
  return `held (${reason}${until === null ? '' : ` until ${until}`})`
}

function stateOf(condition: ConditionView | undefined): string {
  if (condition === undefined) return '-'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`
}

function secretsOf(condition: ConditionView | undefined): string {
  if (condition === undefined) return '-'
  return condition.status === 'True' ? 'missing' : 'found'
}

function find(conditions: readonly ConditionView[], type: string): ConditionView | undefined {
  return conditions.find((condition) => condition.type === type)
}
