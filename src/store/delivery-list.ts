// Pages of deliveries, the latest accepted or requeued first. Looks at what is in memory for all, reads few from the
// journal, and lets others have their turn meanwhile.

import type { Delivery, DeliveryState, DeliveryStatus } from './delivery.js'
import type { DeliveryQueue } from './delivery-queue.js'
import type { Slot } from './slots.js'

export interface DeliveryFilter {
  readonly status?: readonly DeliveryStatus[]
  readonly target?: string
  readonly kind?: string
  readonly transport?: readonly string[]
  /** All of these have to be equal, as texts. */
  readonly about?: Readonly<Record<string, string>>
  /** Accepted at or after, and before. */
  readonly since?: number
  readonly until?: number
}

export interface DeliveryPage {
  readonly items: readonly DeliveryEntry[]
  /** Gives the rest; a page may be short, or empty, and still have one. */
  readonly next?: string
}

/** A delivery and how far it has come. */
export interface DeliveryEntry {
  readonly delivery: Delivery
  readonly state: DeliveryState
}

/** Journal reads for one page. */
const maxReads = 1000
const slotsPerTurn = 20_000
const readsPerTurn = 50

type Slots = DeliveryQueue['slots']

/** The number of a slot alone may mean another delivery by the time it is read. */
interface Candidate {
  readonly slot: Slot
  readonly key: string
  readonly place: number
}

export async function listDeliveries(
  slots: Slots,
  load: (slot: Slot) => DeliveryEntry | undefined,
  filter: DeliveryFilter,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<DeliveryPage> {
  const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after)
  const isDeep = filter.kind !== undefined || filter.transport !== undefined || filter.about !== undefined
  const wanted = isDeep || filter.since !== undefined || filter.until !== undefined ? maxReads : limit
  const candidates = await latest(
    slots,
    (slot) => slots.place(slot) < before && mayMatch(slots, slot, filter),
    wanted + 1,
  )
  const items: DeliveryEntry[] = []
  let last: number | undefined
  for (const [index, { slot, key, place }] of candidates.entries()) {
    if (items.length === limit || index === wanted) return { items, next: String(last) }
    if (index % readsPerTurn === readsPerTurn - 1) await turn()
    last = place
    const entry = slots.key(slot) === key ? load(slot) : undefined
    if (entry !== undefined && matches(entry, filter)) items.push(entry)
  }
  return { items }
}

/** Those of the highest places, the highest first. */
async function latest(slots: Slots, isMeant: (slot: Slot) => boolean, count: number): Promise<Candidate[]> {
  let found: Candidate[] = []
  const cut = () => {
    found = found.sort((a, b) => b.place - a.place).slice(0, count)
  }
  let seen = 0
  for (const slot of slots.anyhow()) {
    if (isMeant(slot)) found.push({ slot, key: slots.key(slot), place: slots.place(slot) })
    if (found.length > 4 * count + 1000) cut()
    seen += 1
    if (seen % slotsPerTurn === 0) await turn()
  }
  cut()
  return found
}

function mayMatch(slots: Slots, slot: Slot, { status, target }: DeliveryFilter): boolean {
  return (
    (status === undefined || status.includes(slots.status(slot))) &&
    (target === undefined || slots.lane(slot).target === target)
  )
}

function matches({ delivery, state }: DeliveryEntry, filter: DeliveryFilter): boolean {
  const { status, kind, transport, about = {}, since, until } = filter
  return (
    (status === undefined || status.includes(state.status)) &&
    (kind === undefined || delivery.kind === kind) &&
    (transport === undefined || transport.includes(delivery.transport)) &&
    (since === undefined || delivery.created >= since) &&
    (until === undefined || delivery.created < until) &&
    Object.entries(about).every(([name, value]) => String(delivery.about[name] ?? '') === value)
  )
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
