import type { DeliveryStatus } from '../store/delivery.js'
import type { DeliveryEntry } from '../store/delivery-list.js'
import type { BreakerState, Gate, Hold, Standing } from './gate.js'

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

/** What a gate is to those who look. */
export function targetView(gate: Gate, now: number): TargetView {
  const { target, standing, inFlight } = gate
  const hold = gate.hold(true, now)
  const rateUntil = gate.rateUntil(now)
  return {
    target,
    standing,
    breaker: gate.breaker(now),
    inFlight,
    ...(hold !== undefined && { hold }),
    ...(rateUntil !== undefined && { rateUntil }),
  }
}
