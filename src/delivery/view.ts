import type { DeliveryStatus } from '../store/delivery.js'
import type { DeliveryEntry } from '../store/delivery-list.js'
import type { BreakerState, Hold, Standing } from './gate.js'

/** Why a waiting delivery does not go now. */
export interface Held {
  readonly reason: Hold['reason'] | (string & {})
  /** Absent when nobody can say. */
  readonly until?: number
}

export interface DeliveryView extends DeliveryEntry {
  /** An attempt is under way. */
  readonly isRunning: boolean
  readonly held?: Held
}

export interface TargetView {
  readonly target: string
  readonly standing: Standing
  readonly breaker: BreakerState
  readonly inFlight: number
  readonly hold?: Hold
  /** When its rate lets the next one go; absent when it does so now. */
  readonly rateUntil?: number
}

export interface EngineCounts {
  readonly byStatus: Readonly<Record<DeliveryStatus, number>>
  readonly inFlight: number
}
