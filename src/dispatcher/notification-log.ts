import type { DeliveryObserver } from '../delivery/observer.js'
import type { Delivery } from '../store/delivery.js'
import { notification } from './notification.js'

/** The part of a logger that is needed; pino satisfies it. */
export interface NotificationLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Says what becomes of notifications. Nobody's address is in it. */
export function notificationLog(log: NotificationLog): DeliveryObserver {
  return {
    attempted: (delivery, { number, ok, class: kind, status, message, durationMs }) => {
      const fields = { ...fieldsOf(delivery), attempt: number, status, durationMs }
      if (ok) log.info(fields, 'Notification delivered')
      else log.warn({ ...fields, class: kind, reason: message }, 'Notification attempt failed')
    },
    changed: (delivery, { status, reason, made, attempts }) => {
      const fields = { ...fieldsOf(delivery), attempt: made, reason }
      if (status === 'cancelled' || status === 'suppressed') log.debug(fields, `Notification ${status}`)
      else if (status === 'dead_letter') {
        log.error({ ...fields, class: attempts.at(-1)?.class }, 'Notification failed after all retries')
      }
    },
    panicked: (delivery, attempt, error) =>
      log.error({ ...fieldsOf(delivery), attempt, err: error }, 'Panic while sending a notification'),
  }
}

/** Hears only of notifications, or of everything else. */
export function only(isNotification: boolean, observer: DeliveryObserver): DeliveryObserver {
  const hears = ({ kind }: Delivery): boolean => (kind === notification) === isNotification
  return {
    accepted: (delivery) => hears(delivery) && observer.accepted?.(delivery),
    attempted: (delivery, attempt, state) => hears(delivery) && observer.attempted?.(delivery, attempt, state),
    changed: (delivery, state) => hears(delivery) && observer.changed?.(delivery, state),
    panicked: (delivery, attempt, error) => hears(delivery) && observer.panicked?.(delivery, attempt, error),
  }
}

function fieldsOf({ id, about: { event, eventId, channel, channelType, user } }: Delivery): Record<string, unknown> {
  return { id, event, eventId, channel, type: channelType, user }
}
