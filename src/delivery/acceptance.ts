import type { PreparedDeliveries } from '../store/deliveries.js'
import type { Delivery } from '../store/delivery.js'

/** The same, and `tell` hears of each that is new, once it is on record. `deliveries`: as they were written. */
export function observed(
  prepared: PreparedDeliveries,
  deliveries: () => readonly Delivery[],
  tell: (delivery: Delivery) => void,
): PreparedDeliveries {
  let results: ('accepted' | 'duplicate')[] = []
  return {
    ...prepared,
    write: (tx) => {
      results = prepared.write(tx)
      return results
    },
    commit: () => {
      prepared.commit()
      for (const [index, delivery] of deliveries().entries()) if (results[index] === 'accepted') tell(delivery)
    },
  }
}
