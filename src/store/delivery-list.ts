// Pages of deliveries, the latest accepted or requeued first. Looks at what is in memory for all, reads few from the
// journal, and lets others have their turn meanwhile.

import type { Delivery, DeliveryState, DeliveryStatus } from './delivery.js'
import type { Slot } from './delivery-queue.js'

export interface DeliveryFilter {
  readonly status?: readonly DeliveryStatus[]
  readonly target?: string
  readonly kind?: string
  readonly transport?: string
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

export async function listDeliveries(
  slots: Iterable<Slot>,
  load: (slot: Slot) => DeliveryEntry | undefined,
  filter: DeliveryFilter,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<DeliveryPage> {
  const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after)
  const isDeep = filter.kind !== undefined || filter.transport !== undefined || filter.about !== undefined
  const wanted = isDeep || filter.since !== undefined || filter.until !== undefined ? maxReads : limit
  const candidates = await latest(slots, (slot) => slot.place < before && mayMatch(slot, filter), wanted + 1)
  const items: DeliveryEntry[] = []
  let last: Slot | undefined
  for (const [index, slot] of candidates.entries()) {
    if (items.length === limit || index === wanted) return { items, next: String(last?.place) }
    if (index % readsPerTurn === readsPerTurn - 1) await turn()
    last = slot
    const entry = load(slot)
    if (entry !== undefined && matches(entry, filter)) items.push(entry)
  }
  return { items }
}

/** Those of the highest places, the highest first. */
async function latest(slots: Iterable<Slot>, isMeant: (slot: Slot) => boolean, count: number): Promise<Slot[]> {
  let found: Slot[] = []
  const cut = () => {
    found = found.sort((a, b) => b.place - a.place).slice(0, count)
  }
  let seen = 0
  for (const slot of slots) {
    if (isMeant(slot)) found.push(slot)
    if (found.length > 4 * count + 1000) cut()
    seen += 1
    if (seen % slotsPerTurn === 0) await turn()
  }
  cut()
  return found
}

function mayMatch(slot: Slot, { status, target }: DeliveryFilter): boolean {
  return (status === undefined || status.includes(slot.status)) && (target === undefined || slot.lane.target === target)
}

function matches({ delivery, state }: DeliveryEntry, filter: DeliveryFilter): boolean {
  const { status, kind, transport, about = {}, since, until } = filter
  return (
    (status === undefined || status.includes(state.status)) &&
    (kind === undefined || delivery.kind === kind) &&
    (transport === undefined || delivery.transport === transport) &&
    (since === undefined || delivery.created >= since) &&
    (until === undefined || delivery.created < until) &&
    Object.entries(about).every(([name, value]) => String(delivery.about[name] ?? '') === value)
  )
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
