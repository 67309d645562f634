import type { Attempt, Delivery, DeliveryState } from '../store/delivery.js'

/** Hears what happens to deliveries. What it throws is lost. */
export interface DeliveryObserver {
  /** A delivery was accepted, and is on record. */
  accepted?(delivery: Delivery): void
  /** An attempt has ended, and the delivery is in `state`. */
  attempted?(delivery: Delivery, attempt: Attempt, state: DeliveryState): void
  /** A delivery has a new status, or is due at another time. */
  changed?(delivery: Delivery, state: DeliveryState): void
  /** A transport threw, which it never should. */
  panicked?(delivery: Delivery, attempt: number, error: unknown): void
}
