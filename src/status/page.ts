export type Awaitable<Value> = Value | Promise<Value>

/** One slice of a list. `after` is what the slice before gave as `next`; it is opaque to people who page. */
export interface PageRequest {
  readonly limit: number
  readonly after?: string
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Absent on the last page. */
  readonly next?: string
}
