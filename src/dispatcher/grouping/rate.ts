// How many messages a recipient got in the period that is running.

import type { Json } from '../../expression/json.js'
import type { Transaction } from '../../store/store.js'

export const rateScope = 'group-rate/'

export interface StormLimit {
  readonly count: number
  readonly perMs: number
}

interface Counted {
  readonly from: number
  readonly until: number
  readonly sent: number
}

/** When the period ends in which nothing more may be said; undefined while something may. */
export function fullUntil(
  from: Pick<Transaction, 'get'>,
  recipient: string,
  { count }: StormLimit,
  now: number,
): number | undefined {
  const counted = countedOf(from, recipient, now)
  return counted !== undefined && counted.sent >= count ? counted.until : undefined
}

/** Another message, if one more may be said. */
export function countIn(tx: Transaction, recipient: string, limit: StormLimit, now: number): number | undefined {
  const until = fullUntil(tx, recipient, limit, now)
  if (until !== undefined) return until
  const { from, until: end, sent } = countedOf(tx, recipient, now) ?? { from: now, until: now + limit.perMs, sent: 0 }
  tx.put(rateScope + recipient, { from, until: end, sent: sent + 1 } as unknown as Json)
  return undefined
}

/** A message that was counted is not sent. */
export function uncount(tx: Transaction, recipient: string, now: number): void {
  const counted = countedOf(tx, recipient, now)
  if (counted === undefined || counted.sent === 0) return
  tx.put(rateScope + recipient, { ...counted, sent: counted.sent - 1 } as unknown as Json)
}

function countedOf(from: Pick<Transaction, 'get'>, recipient: string, now: number): Counted | undefined {
  const counted = from.get(rateScope + recipient) as unknown as Counted | undefined
  // A clock that was set back begins anew.
  return counted === undefined || now < counted.from || now >= counted.until ? undefined : counted
}
