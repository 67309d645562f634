// Deliveries that are accepted in the transaction that decides that there are any.

import type { Engine } from '../delivery/engine.js'
import type { Delivery } from '../store/delivery.js'
import type { Store, Transaction } from '../store/store.js'

export interface MakingOptions {
  readonly engine: Pick<Engine, 'prepare'>
  readonly store: Pick<Store, 'transact'>
}

/** What `work` records is accepted with all that it writes. Rejects with `StoreUnavailable`, and then nothing of it is. */
export async function making<Result>(
  { engine, store }: MakingOptions,
  scopes: readonly string[],
  work: (tx: Transaction, record: (delivery: Delivery) => void) => Result,
  durability?: 'write' | 'sync',
): Promise<Result> {
  let made: Delivery[] = []
  const prepared = engine.prepare(() => made)
  try {
    const result = await store.transact(
      [...scopes, ...prepared.scopes],
      (tx) => {
        made = []
        const answer = work(tx, (delivery) => made.push(delivery))
        prepared.write(tx)
        return answer
      },
      durability,
    )
    prepared.commit()
    return result
  } catch (error) {
    prepared.abandon()
    throw error
  }
}
