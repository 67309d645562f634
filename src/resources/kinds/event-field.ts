// What of an event a declaration speaks of: one of its own fields, a label, or a place in its payload.

import type { Json } from '../../expression/json.js'
import { PathError } from '../../expression/path.js'
import { nearest } from '../../expression/suggest.js'
import { keyIn, pathOf } from '../event-key.js'
import type { Linking } from './linking.js'

/** As far as it is looked at. */
export interface FieldsOfEvent {
  readonly source?: string
  readonly namespace?: string
  readonly service?: string
  readonly customer?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly payload: Json
}

const own = ['customer', 'service', 'namespace', 'source'] as const
type Own = (typeof own)[number]

/** Undefined when the event does not say it. `field`: one that `checkEventField` had nothing to say of. */
export function fieldIn(event: FieldsOfEvent, field: string): string | undefined {
  if (field.startsWith('payload.')) return keyIn(event.payload, field.slice('payload.'.length))
  if (field.startsWith('labels.')) return labelIn(event, field.slice('labels.'.length))
  return event[field as Own] || undefined
}

function labelIn({ labels }: FieldsOfEvent, name: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, name) ? labels[name] || undefined : undefined
}

export function checkEventField(field: string, pointer: string, linking: Linking): void {
  if (own.some((one) => one === field) || /^labels\../.test(field)) return
  const path = field.startsWith('payload.') ? field.slice('payload.'.length) : undefined
  if (path === undefined || path === '') {
    const meant = nearest(field, own)
    const hint =
      meant !== undefined ? `did you mean "${meant}"?` : `write payload.${field}, or one of ${own.join(', ')}`
    linking.error(pointer, 'unknown-field', `${JSON.stringify(field)} is no field of an event`, hint)
    return
  }
  try {
    if (pathOf(path).singular) return
    linking.error(pointer, 'bad-path', `${JSON.stringify(field)} can find several values`, 'name one: payload.run.id')
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    const message = `${JSON.stringify(field)} is no path: ${error.message}`
    linking.error(pointer, 'bad-path', message, 'write it as payload.run.id')
  }
}
