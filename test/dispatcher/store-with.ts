import type { Store } from '../../src/store/store.js'

type Transact = (...given: Parameters<Store['transact']>) => Promise<unknown>

/** A store with another way to transact: one that fails, counts, or belongs to a process that can be killed. */
export function storeWith(base: Store, transact: Transact): Store {
  return Object.create(base, {
    transact: { value: transact },
    get: { value: (key: string) => base.get(key) },
    list: { value: (...given: Parameters<Store['list']>) => base.list(...given) },
    epoch: { value: base.epoch },
  })
}
