// What people are told, before any channel has given it its own form.

import type { Severity } from '../resources/kinds/notification-program.js'
import type { Json } from '../resources/resource.js'

export type { Severity }

/** From the least to the most severe. */
export const severities: readonly Severity[] = ['info', 'warning', 'error', 'critical']

/** What happened, as it was posted. */
export interface Occurrence {
  /** With `source` it identifies the occurrence. */
  readonly id: string
  /** Id of the event type, such as `test.run.failed`. */
  readonly type: string
  /** ISO 8601. */
  readonly time: string
  readonly source: string
  readonly namespace?: string
  readonly service?: string
  readonly customer?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly payload: Json
}

/** A message as it was rendered when the event was accepted; kept with the delivery and never rendered again. */
export interface Message {
  readonly event: Occurrence
  readonly severity: Severity
  /** One line. */
  readonly title: string
  /** May be empty. */
  readonly body: string
  /** Absolute URL with more about it. */
  readonly link?: string
  /**
   * `rich`: the channel shows title, body, colour, facts and link as it does best, and escapes all of them. `plain`: text
   * and nothing else. `native`: the body is written in the channel's own markup and sent as it is.
   */
  readonly format: 'rich' | 'plain' | 'native'
  /** `resolve`: what an earlier event with the same `key` began is over. */
  readonly action: 'trigger' | 'resolve'
  /** Equal for events about the same thing, and for every attempt. */
  readonly key: string
  /** Id of the delivery of what this ends: where it can be, it is an answer to that. */
  readonly follows?: string
  /** It was sent to try the channel out. */
  readonly isTest?: boolean
}

/** What channels list beside the text: short names and values, those that the event has. */
export function factsOf({ event, severity }: Message): readonly (readonly [name: string, value: string])[] {
  const { service, customer, namespace, labels = {} } = event
  return [
    ['Severity', severity] as const,
    ...(service === undefined ? [] : [['Service', service] as const]),
    ...(customer === undefined ? [] : [['Customer', customer] as const]),
    ...(namespace === undefined ? [] : [['Namespace', namespace] as const]),
    ...Object.entries(labels),
  ]
}
