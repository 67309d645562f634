import type { Engine } from '../../delivery/engine.js'
import { isWaiting } from '../../store/delivery.js'

/** What became of a message: `storm` when it was put into a summary. */
export type Fate = 'unknown' | 'waiting' | 'sent' | 'storm' | 'failed'

/** `unknown`: it is not made yet, or so long ago that nobody knows any more. */
export function fateOf(operations: Pick<Engine['operations'], 'get'>, delivery: string): Fate {
  const state = operations.get(delivery)?.state
  if (state === undefined) return 'unknown'
  if (state.status === 'delivered') return 'sent'
  if (isWaiting(state.status)) return 'waiting'
  return state.status === 'suppressed' && state.reason === 'storm' ? 'storm' : 'failed'
}
