import type { DeliveryObserver } from '../delivery/observer.js'
import type { Delivery } from '../store/delivery.js'
import { payloadOf, statusKind } from './commit-status.js'

/** The part of a logger that is needed; pino satisfies it. */
export interface StatusLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Says what becomes of commit statuses, and of nothing else. */
export function statusLog(log: StatusLog): DeliveryObserver {
  return {
    attempted: (delivery, { number, ok, class: kind, status, message, durationMs }) => {
      if (delivery.kind !== statusKind) return
      const fields = { ...fieldsOf(delivery), attempt: number, status, durationMs }
      if (ok) log.info(fields, 'Commit status set')
      else log.warn({ ...fields, class: kind, reason: message }, 'Commit status attempt failed')
    },
    changed: (delivery, { status, reason, made, attempts }) => {
      if (delivery.kind !== statusKind) return
      const fields = { ...fieldsOf(delivery), attempt: made, reason }
      if (status === 'cancelled') log.debug(fields, 'Commit status left out')
      else if (status === 'dead_letter') {
        log.error({ ...fields, class: attempts.at(-1)?.class }, 'Commit status could not be set')
      }
    },
    panicked: (delivery, attempt, error) => {
      if (delivery.kind !== statusKind) return
      log.error({ ...fieldsOf(delivery), attempt, err: error }, 'Panic while setting a commit status')
    },
  }
}

/** Hears of everything else. */
export function aside(observer: DeliveryObserver): DeliveryObserver {
  const hears = ({ kind }: Delivery): boolean => kind !== statusKind
  return {
    accepted: (delivery) => hears(delivery) && observer.accepted?.(delivery),
    attempted: (delivery, attempt, state) => hears(delivery) && observer.attempted?.(delivery, attempt, state),
    changed: (delivery, state) => hears(delivery) && observer.changed?.(delivery, state),
    panicked: (delivery, attempt, error) => hears(delivery) && observer.panicked?.(delivery, attempt, error),
  }
}

function fieldsOf(delivery: Delivery): Record<string, unknown> {
  const { type, repository, sha, context, state } = payloadOf(delivery)
  return { type, id: delivery.id, repository, commit: sha, context, state }
}
