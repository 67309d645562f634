import type { DeliveryObserver } from '../delivery/engine.js'
import type { Delivery } from '../store/delivery.js'
import { typeOfUnprepared, unprepared } from './unprepared.js'

/** The part of a logger that is needed; pino satisfies it. */
export interface CallbackLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Says what becomes of callbacks, in the words that their documents give. */
export function callbackLog(log: CallbackLog): DeliveryObserver {
  return {
    attempted: (delivery, { number, ok, class: kind, status, message, durationMs }) => {
      const fields = { ...fieldsOf(delivery), attempt: number, status, durationMs }
      if (ok) log.info(fields, 'Callback executed successfully')
      else if (kind === 'template') log.error({ ...fields, reason: message }, 'Failed to prepare webhook body')
      else log.warn({ ...fields, class: kind, reason: message }, 'Callback attempt failed')
    },
    changed: (delivery, { status, reason, made, attempts }) => {
      const fields = { ...fieldsOf(delivery), attempt: made, reason }
      if (status === 'cancelled') log.debug(fields, 'Callback cancelled')
      else if (status === 'dead_letter' && reason !== 'template') {
        log.error({ ...fields, class: attempts.at(-1)?.class }, 'Callback failed after all retries')
      }
    },
    panicked: (delivery, attempt, error) =>
      log.error({ ...fieldsOf(delivery), attempt, err: error }, 'Panic in webhook executeCallback'),
  }
}

function fieldsOf({ id, transport, target, about, payload }: Delivery): Record<string, unknown> {
  const { namespace, mock, callback, webhook, operation, resource } = about
  const type = transport === unprepared ? typeOfUnprepared(payload) : transport
  if (webhook === undefined) return { type, id, mock: `${namespace}/${mock}`, callback, target }
  const name = namespace === undefined ? webhook : `${namespace}/${webhook}`
  return { type, id, webhook: name, operation, resource, target }
}
