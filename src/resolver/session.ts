// The three stores as one request sees them: what was there, overlaid with what it extracted itself.

import type { Json } from '../expression/json.js'
import { isObject } from '../expression/json.js'
import type { StoreView } from '../expression/scope.js'
import type { Extraction } from '../resources/kinds/mock-program.js'
import type { Store, Transaction } from '../store/store.js'
import { chainKeys, globalKeys, type StateStores, type StoreKeys } from './state-stores.js'

type Source = Pick<Store, 'get' | 'list'> | Transaction | OutlivingSource

/** Reads from a transaction while it lasts, and from the store otherwise. */
export class OutlivingSource {
  readonly #store: Pick<Store, 'get' | 'list'>
  #tx: Transaction | undefined

  constructor(store: Pick<Store, 'get' | 'list'>) {
    this.#store = store
  }

  during<Result>(tx: Transaction, work: () => Result): Result {
    this.#tx = tx
    try {
      return work()
    } finally {
      this.#tx = undefined
    }
  }

  get(key: string): Json | undefined {
    return (this.#tx ?? this.#store).get(key)
  }

  list(prefix: string): [key: string, value: Json][] {
    return (this.#tx ?? this.#store).list(prefix)
  }
}

/** What lies below an overlay, when anything does. */
interface Below {
  readonly source: Source
  readonly prefix: string
}

class Overlay implements StoreView {
  readonly written = new Map<string, Json>()
  readonly #below: Below | undefined

  constructor(below?: Below) {
    this.#below = below
  }

  get(key: string): Json | undefined {
    const written = this.written.get(key)
    if (written !== undefined) return written
    return this.#below?.source.get(this.#below.prefix + key)
  }

  entries(): Record<string, Json> {
    const found: Record<string, Json> = Object.create(null)
    if (this.#below !== undefined) {
      const { source, prefix } = this.#below
      for (const [key, value] of source.list(prefix)) found[key.slice(prefix.length)] = value
    }
    for (const [key, value] of this.written) found[key] = value
    return found
  }
}

const unsafe = new Set(['__proto__', 'constructor', 'prototype'])

export class Session {
  readonly mS = new Overlay()
  readonly cS: Overlay
  readonly gS: Overlay
  readonly #stores: StateStores
  readonly #globals: StoreKeys
  readonly #chain: StoreKeys | undefined

  /** Without `chainId` the chain is this request's alone. */
  constructor(stores: StateStores, source: Source, namespace: string, chainId: string | undefined) {
    this.#stores = stores
    this.#globals = globalKeys(namespace)
    this.#chain = chainId === undefined ? undefined : chainKeys(namespace, chainId)
    this.gS = new Overlay({ source, prefix: this.#globals.entries })
    const alive = this.#chain !== undefined && stores.touch(this.#chain)
    this.cS = new Overlay(alive && this.#chain !== undefined ? { source, prefix: this.#chain.entries } : undefined)
  }

  seed(values: Json | undefined): void {
    if (!isObject(values)) return
    for (const key of Object.keys(values)) {
      const value = values[key]
      if (value !== undefined && !unsafe.has(key)) this.mS.written.set(key, value)
    }
  }

  extract({ store, key }: Extraction, value: Json): void {
    if (!unsafe.has(key)) this[store].written.set(key, value)
  }

  /** Keeps what was written for later requests. */
  save(tx: Transaction): void {
    this.#stores.write(tx, this.#globals, this.gS.written)
    if (this.#chain === undefined || this.cS.written.size === 0) return
    this.#stores.begin(tx, this.#chain)
    this.#stores.write(tx, this.#chain, this.cS.written)
  }

  /** After `save` came to nothing. */
  discard(): void {
    this.#stores.forget(this.#globals)
    if (this.#chain !== undefined) this.#stores.forget(this.#chain)
  }

  get scopes(): string[] {
    return this.#chain === undefined ? [this.#globals.scope] : [this.#globals.scope, this.#chain.scope]
  }
}
