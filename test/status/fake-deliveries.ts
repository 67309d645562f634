import { deliveryMatches } from '../../src/status/delivery-filter.js'
import type {
  DeliveriesView,
  DeliveryChange,
  DeliveryOperation,
  DeliveryOperations,
  DeliveryView,
} from '../../src/status/delivery-views.js'
import { pageOf } from '../../src/status/paging.js'
import type { Watch } from '../../src/status/views.js'

const noon = '2026-01-31T12:00:00.000Z'

/** A sort of event that tests set off. */
export class Happening<Item> {
  readonly listeners = new Set<(item: Item) => void>()
  readonly watch: Watch<Item> = (listener) => {
    this.listeners.add(listener)
    this.onWatch()
    return () => {
      this.listeners.delete(listener)
    }
  }
  /** Called when somebody has begun to watch. */
  onWatch: () => void = () => {}

  tell(item: Item): void {
    for (const listener of this.listeners) listener(item)
  }
}

export function delivery(number: number, changes: Partial<DeliveryView> = {}): DeliveryView {
  const status = changes.status ?? 'delivered'
  const waits = status === 'pending' || status === 'retrying'
  const ok = status === 'delivered'
  const failed = status === 'dead_letter' || status === 'retrying'
  return {
    id: `d${String(number).padStart(4, '0')}`,
    kind: 'callback',
    transport: 'http',
    target: 'https://shop.example.com',
    status,
    reason: status === 'dead_letter' ? 'attempts' : null,
    held: null,
    running: false,
    namespace: 'payments',
    mock: { namespace: 'payments', name: 'create-payment', file: 'payments/mocks.yaml', line: 1 },
    callback: 'notify-shop',
    webhook: null,
    operation: null,
    notification: null,
    resource: null,
    request: 'r0001',
    chain: null,
    generation: 3,
    revision: 'main@sha1:aaaa1111',
    created: noon,
    nextAttempt: waits ? noon : null,
    finished: waits ? null : noon,
    expires: '2026-02-03T12:00:00.000Z',
    round: 1,
    attemptsMade: ok || failed ? 1 : 0,
    lastError: failed ? { class: 'server', message: 'answered 503', status: 503 } : null,
    sync: false,
    delayMs: 0,
    timeoutMs: 30_000,
    retry: { retries: 2, delayMs: 1000, growth: 'fixed', maxDelayMs: 1000 },
    attemptsUsed: ok || failed ? 1 : 0,
    sent: {
      method: 'POST',
      url: 'https://shop.example.com/hooks',
      address: {},
      headers: { Authorization: ['Bearer <secret: env SHOP_TOKEN>'] },
      body: '{"paid":true}',
      encoding: 'utf8',
      truncated: false,
    },
    attempts:
      ok || failed
        ? [
            {
              number: 1,
              round: 1,
              time: noon,
              durationMs: 12,
              ok,
              class: ok ? null : 'server',
              message: ok ? null : 'answered 503',
              status: ok ? 200 : 503,
              response: ok ? 'thanks' : null,
              generation: null,
              counts: true,
            },
          ]
        : [],
    ...changes,
  }
}

/** Deliveries in a list, newest first, and operations that move them from status to status. */
export class FakeDeliveries {
  all: DeliveryView[] = []
  asked: [DeliveryOperation, string][] = []
  /** These are under way. */
  busy = new Set<string>()
  fail: Error | undefined
  readonly happening = new Happening<DeliveryView>()

  put(changed: DeliveryView): void {
    const at = this.all.findIndex(({ id }) => id === changed.id)
    if (at < 0) this.all.unshift(changed)
    else this.all[at] = changed
    this.happening.tell(changed)
  }

  readonly view: DeliveriesView = {
    list: (filter, page) => {
      if (this.fail !== undefined) throw this.fail
      const found = this.all.filter(deliveryMatches(filter)).sort((a, b) => (a.id < b.id ? 1 : -1))
      return pageOf(found, ({ id }) => id, page, 'descending')
    },
    get: (id) => this.all.find((one) => one.id === id),
  }

  readonly operations: DeliveryOperations = {
    change: async (operation, id) => this.#change(operation, id),
    find: async (operation, filter) =>
      this.all
        .filter((one) => this.#isMeant(operation, one) && deliveryMatches(filter)(one))
        .map(({ id }) => id)
        .sort(),
  }

  #change(operation: DeliveryOperation, id: string): DeliveryChange {
    if (this.fail !== undefined) throw this.fail
    this.asked.push([operation, id])
    const found = this.all.find((one) => one.id === id)
    if (found === undefined) return 'unknown'
    if (this.busy.has(id)) return 'busy'
    if (!this.#isMeant(operation, found)) return 'refused'
    this.put(delivery(Number(id.slice(1)), operation === 'cancel' ? { status: 'cancelled' } : { status: 'pending' }))
    return 'changed'
  }

  #isMeant(operation: DeliveryOperation, { status }: DeliveryView): boolean {
    return operation === 'requeue' ? status === 'dead_letter' : status === 'pending' || status === 'retrying'
  }
}
