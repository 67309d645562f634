import { KeyIndex } from './key-index.js'

/**
 * A map whose entries come and go all the time. A Map makes itself a new table every so often then, and each old one
 * refers to the next: once one of them is old to the collector, whatever was in any of them stays until it looks at all
 * of the memory.
 */
export class KeyMap<Value> {
  /** '' where nothing is. */
  readonly #keys: string[] = []
  readonly #values: (Value | undefined)[] = []
  readonly #free: number[] = []
  readonly #index = new KeyIndex((at) => this.#keys[at] as string)

  get size(): number {
    return this.#index.size
  }

  get(key: string): Value | undefined {
    const at = this.#index.size === 0 ? undefined : this.#index.find(key)
    return at === undefined ? undefined : this.#values[at]
  }

  set(key: string, value: Value): void {
    const at = this.#free.at(-1) ?? this.#keys.length
    const known = this.#index.add(key, at)
    if (known !== undefined) {
      this.#values[known] = value
      return
    }
    this.#free.pop()
    this.#keys[at] = key
    this.#values[at] = value
  }

  /** Returns what was there. */
  delete(key: string): Value | undefined {
    const at = this.#index.delete(key)
    if (at === undefined) return undefined
    const value = this.#values[at]
    this.#keys[at] = ''
    this.#values[at] = undefined
    this.#free.push(at)
    return value
  }

  /** In no order. */
  *entries(): IterableIterator<[key: string, value: Value]> {
    for (const [at, key] of this.#keys.entries()) if (key !== '') yield [key, this.#values[at] as Value]
  }

  clear(): void {
    for (const key of [...this.#keys]) if (key !== '') this.delete(key)
  }
}
