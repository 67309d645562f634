import type { Page, PageRequest } from './page.js'
import { BadRequest } from './problem-details.js'

export const defaultLimit = 100
export const largestLimit = 500

/** A page of `items`, which are sorted by `keyOf` already; for views over what is in memory. Keys must be unique. */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { limit, after }: PageRequest,
  order: 'ascending' | 'descending' = 'ascending',
): Page<Item> {
  const start = after === undefined ? 0 : firstBeyond(items, keyOf, after, order)
  const slice = items.slice(start, start + limit)
  const last = slice.at(-1)
  return start + limit < items.length && last !== undefined ? { items: slice, next: keyOf(last) } : { items: slice }
}

/** Binary search, so that the item a page ended with may have gone in the meantime. */
function firstBeyond<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  after: string,
  order: 'ascending' | 'descending',
): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    const key = item === undefined ? after : keyOf(item)
    if (order === 'ascending' ? key <= after : key >= after) low = middle + 1
    else high = middle
  }
  return low
}

/** Binds a cursor to its list: one taken from another list is refused and not misread. */
export function encodeCursor(list: string, after: string): string {
  return Buffer.from(`${list}\n${after}`, 'utf8').toString('base64url')
}

export function decodeCursor(list: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!text.startsWith(`${list}\n`) || encodeCursor(list, text.slice(list.length + 1)) !== cursor) {
    throw new BadRequest('cursor', 'this cursor was not given out by this list; start again without one')
  }
  return text.slice(list.length + 1)
}

/** The answer of a list, as it leaves. */
export interface ListBody<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

export function listBody<Item>(list: string, { items, next }: Page<Item>): ListBody<Item> {
  return { items, nextCursor: next === undefined ? null : encodeCursor(list, next) }
}
