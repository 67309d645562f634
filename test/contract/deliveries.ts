// What the delivery part of every store owes its callers.

import { afterEach, describe, expect, it } from 'vitest'
import type { Claim, Deliveries, DeliveriesOptions } from '../../src/store/deliveries.js'
import type { Delivery, DeliveryState } from '../../src/store/delivery.js'
import { type Store, StoreUnavailable } from '../../src/store/store.js'
import { delivery } from '../delivery/world.js'

export interface OpenDeliveries {
  readonly deliveries: Deliveries
  readonly store: Store
  /** Opens the same state again, as a new process would; what was not drained may be gone. */
  reopen(): Promise<OpenDeliveries>
  close(): Promise<void>
}

type Open = (options?: Partial<DeliveriesOptions>) => Promise<OpenDeliveries>

const start = Date.UTC(2026, 0, 1)
const delivered: DeliveryState = {
  status: 'delivered',
  due: start + 5,
  round: 1,
  used: 1,
  limited: 0,
  interrupted: 0,
  made: 1,
  attempts: [{ number: 1, round: 1, at: start, durationMs: 5, ok: true, status: 200, counts: true }],
}
const dead: DeliveryState = { ...delivered, status: 'dead_letter', reason: 'attempts' }
const retrying = (due: number): DeliveryState => ({ ...delivered, status: 'retrying', due })

export function describeDeliveries(name: string, open: Open): void {
  describe(`${name} keeps the contract of deliveries`, () => {
    const opened: OpenDeliveries[] = []
    const openOne: Open = async (options) => {
      const one = await open(options)
      opened.push(one)
      return one
    }
    const reopen = async (one: OpenDeliveries): Promise<OpenDeliveries> => {
      const again = await one.reopen()
      opened.push(again)
      return again
    }
    afterEach(async () => {
      for (const one of opened.splice(0).reverse()) await one.close()
    })
    const claimOne = async (deliveries: Deliveries, id: string): Promise<Claim> => {
      const claim = await deliveries.claimOne(id)
      if (claim === undefined) throw new Error(`${id} could not be claimed`)
      return claim
    }
    const idsOf = (claims: readonly Claim[]) => claims.map((claim) => claim.delivery.id)

    for (const durability of ['write', 'sync'] as const) {
      it(`what was accepted can be looked up, and once only (${durability})`, async () => {
        const { deliveries } = await openOne()
        const record = delivery({ about: { mock: 'pay' }, payload: { body: '{"a":1}', headers: [['a', 'b']] } })
        expect(await deliveries.accept([record, record], durability)).toEqual(['accepted', 'duplicate'])
        expect(await deliveries.accept([record], durability)).toEqual(['duplicate'])
        expect(deliveries.get(record.id)).toMatchObject({ delivery: record, state: { status: 'pending', made: 0 } })
        expect(deliveries.counts.pending).toBe(1)
      })
    }

    it('claims what is due, the earliest first, each once', async () => {
      const { deliveries } = await openOne()
      const [late, early, future] = [delivery({ delayMs: 50 }), delivery({ delayMs: 10 }), delivery({ delayMs: 5000 })]
      await deliveries.accept([late, early, future] as Delivery[])
      expect(idsOf(await deliveries.claim(late.target, 10, start + 5))).toEqual([])
      expect(idsOf(await deliveries.claim(late.target, 1, start + 100))).toEqual([early.id])
      expect(idsOf(await deliveries.claim(late.target, 10, start + 100))).toEqual([late.id])
      expect(idsOf(await deliveries.claim(late.target, 10, start + 100))).toEqual([])
      expect([...deliveries.lanes].map(({ nextDue }) => nextDue)).toEqual([start + 5000])
    })

    it('those due at the same time go in the order they were accepted in', async () => {
      const { deliveries } = await openOne()
      const records = Array.from({ length: 50 }, () => delivery())
      for (const record of records) await deliveries.accept([record])
      expect(idsOf(await deliveries.claim('https://a.example', 100, start))).toEqual(records.map(({ id }) => id))
    })

    it('a claim that was settled is over: a second settling changes nothing', async () => {
      const { deliveries } = await openOne()
      const record = delivery()
      await deliveries.accept([record])
      const claim = await claimOne(deliveries, record.id)
      expect(await deliveries.claimOne(record.id)).toBeUndefined()
      expect(deliveries.settle(claim, delivered)).toBe(true)
      expect(deliveries.settle(claim, dead)).toBe(false)
      expect(deliveries.get(record.id)?.state).toEqual(delivered)
      expect(deliveries.counts).toMatchObject({ pending: 0, delivered: 1, dead_letter: 0 })
    })

    it('what is retried is claimed again with what became of it', async () => {
      const { deliveries } = await openOne()
      const record = delivery()
      await deliveries.accept([record])
      deliveries.settle(await claimOne(deliveries, record.id), retrying(start + 1000))
      expect(await deliveries.claim(record.target, 1, start + 999)).toEqual([])
      const [claim] = await deliveries.claim(record.target, 1, start + 1000)
      expect(claim?.state).toEqual(retrying(start + 1000))
    })

    it('everything is there after a restart: waiting, finished, and what was under way', async () => {
      const one = await openOne()
      const [waiting, done, lost, underWay, again] = Array.from({ length: 5 }, (_, index) =>
        delivery({ delayMs: index }),
      )
      const records = [waiting, done, lost, underWay, again] as Delivery[]
      await one.deliveries.accept(records)
      one.deliveries.settle(await claimOne(one.deliveries, records[1]?.id ?? ''), delivered)
      one.deliveries.settle(await claimOne(one.deliveries, records[2]?.id ?? ''), dead)
      one.deliveries.begin(await claimOne(one.deliveries, records[3]?.id ?? ''), start + 7)
      one.deliveries.settle(await claimOne(one.deliveries, records[4]?.id ?? ''), retrying(start + 900))
      expect(await one.deliveries.drain()).toBe(true)

      const { deliveries } = await reopen(one)
      expect(deliveries.counts).toMatchObject({ pending: 2, retrying: 1, delivered: 1, dead_letter: 1 })
      expect(deliveries.orphans).toEqual([records[3]?.id])
      expect(idsOf(await deliveries.claim('https://a.example', 10, start + 1000))).toEqual([
        records[0]?.id,
        records[4]?.id,
      ])
      expect(deliveries.get(records[1]?.id ?? '')).toEqual({ delivery: records[1], state: delivered })
      expect((await claimOne(deliveries, records[3]?.id ?? '')).state.started).toBe(start + 7)
      expect(await deliveries.accept(records)).toEqual(records.map(() => 'duplicate'))
    })

    it('one of somebody who waits for it is nobody’s after a restart', async () => {
      const one = await openOne()
      const record = delivery({ sync: true })
      const prepared = one.deliveries.prepare([record], { keepBack: true })
      await one.store.transact(prepared.scopes, (tx) => prepared.write(tx))
      prepared.commit()
      const { deliveries } = await reopen(one)
      expect(deliveries.orphans).toEqual([record.id])
      expect(await deliveries.claim(record.target, 1, start + 1e9)).toEqual([])
    })

    it('is one with the transaction it is prepared for', async () => {
      const { deliveries, store } = await openOne()
      const record = delivery()
      const failing = deliveries.prepare([record])
      const failed = store.transact(['gS/', ...failing.scopes], (tx) => {
        failing.write(tx)
        tx.put('gS/x', 1)
        throw new RangeError('no')
      })
      await expect(failed).rejects.toThrow('no')
      failing.abandon()
      expect(deliveries.get(record.id)).toBeUndefined()
      const prepared = deliveries.prepare([record])
      await store.transact(['gS/', ...prepared.scopes], (tx) => {
        tx.put('gS/x', 1)
        return prepared.write(tx)
      })
      expect(await deliveries.claimOne(record.id)).toBeUndefined()
      prepared.commit()
      expect(await deliveries.claimOne(record.id)).toBeDefined()
    })

    it('what is kept back is due once it is released, and its delay counts from there', async () => {
      const { deliveries, store } = await openOne()
      const record = delivery({ delayMs: 100 })
      const prepared = deliveries.prepare([record], { keepBack: true })
      await store.transact(prepared.scopes, (tx) => prepared.write(tx))
      prepared.commit()
      expect(await deliveries.claim(record.target, 1, start + 1000)).toEqual([])
      prepared.release(start + 2000)
      expect(await deliveries.claim(record.target, 1, start + 2099)).toEqual([])
      expect(idsOf(await deliveries.claim(record.target, 1, start + 2100))).toEqual([record.id])
    })

    it('of one order key the next is claimed only once the one before it is finished', async () => {
      const { deliveries } = await openOne()
      const records = ['k', 'k', 'other', 'k'].map((order) => delivery({ order }))
      const [first, second, other, third] = records as [Delivery, Delivery, Delivery, Delivery]
      await deliveries.accept(records)
      const claims = await deliveries.claim(first.target, 10, start)
      expect(idsOf(claims)).toEqual([first.id, other.id])
      deliveries.settle(claims[0] as Claim, retrying(start + 50))
      expect(await deliveries.claim(first.target, 10, start + 49)).toEqual([])
      expect(await deliveries.claimOne(second.id)).toBeUndefined()
      const [again] = await deliveries.claim(first.target, 10, start + 50)
      deliveries.settle(again as Claim, dead)
      const [next] = await deliveries.claim(first.target, 10, start + 50)
      expect(next?.delivery.id).toBe(second.id)
      deliveries.settle(next as Claim, delivered)
      expect(idsOf(await deliveries.claim(first.target, 10, start + 50))).toEqual([third.id])
    })

    it('an order key is kept over a restart, and a requeue goes to its end', async () => {
      const one = await openOne()
      const records = Array.from({ length: 3 }, () => delivery({ order: 'k' }))
      const [first, second, third] = records as [Delivery, Delivery, Delivery]
      await one.deliveries.accept(records)
      one.deliveries.settle(await claimOne(one.deliveries, first.id), dead)
      await one.deliveries.change(first.id, () => ({ ...dead, status: 'pending', round: 2 }))
      const { deliveries } = await reopen(one)
      for (const { id } of [second, third, first]) {
        const claims = await deliveries.claim('https://a.example', 10, start + 100)
        expect(idsOf(claims)).toEqual([id])
        deliveries.settle(claims[0] as Claim, delivered)
      }
    })

    it('a delivery under way is not changed, and an unknown one is unknown', async () => {
      const { deliveries } = await openOne()
      const record = delivery()
      await deliveries.accept([record])
      const claim = await claimOne(deliveries, record.id)
      expect(await deliveries.change(record.id, ({ state }) => state)).toBe('busy')
      expect(await deliveries.change('nobody', ({ state }) => state)).toBe('unknown')
      deliveries.settle(claim, delivered)
      expect(await deliveries.change(record.id, () => undefined)).toBe('refused')
    })

    it('a change made right after an outcome is what is left of the two', async () => {
      const one = await openOne()
      const record = delivery()
      await one.deliveries.accept([record])
      one.deliveries.settle(await claimOne(one.deliveries, record.id), dead)
      const changed = await one.deliveries.change(record.id, () => ({ ...dead, status: 'pending', round: 2 }))
      expect(changed).toMatchObject({ status: 'pending', round: 2 })
      const { deliveries } = await reopen(one)
      expect(deliveries.get(record.id)?.state).toMatchObject({ status: 'pending', round: 2 })
    })

    it('takes no more than may wait, in all and for one target', async () => {
      const { deliveries } = await openOne({ limits: { waiting: 10 } })
      const to = (target: string) => delivery({ target })
      await deliveries.accept([to('a'), to('a')])
      await expect(deliveries.accept([to('b'), to('a')])).rejects.toThrow(StoreUnavailable)
      expect(deliveries.counts.pending).toBe(2)
      for (const target of ['b', 'c', 'd', 'e']) await deliveries.accept([to(target), to(target)])
      await expect(deliveries.accept([to('f')])).rejects.toThrow('10 deliveries wait already')
      const [claim] = await deliveries.claim('a', 1, start)
      deliveries.settle(claim as Claim, delivered)
      expect(await deliveries.accept([to('a')])).toEqual(['accepted'])
    })

    it('what is never sent is on record at once, holds nobody up, and is kept like what is finished', async () => {
      const one = await openOne({ limits: { waiting: 1 } })
      const [sent, ...unsent] = [
        delivery(),
        delivery({ suppressed: 'preference' }),
        delivery({ suppressed: 'silence' }),
      ]
      await one.deliveries.accept([...unsent, sent] as Delivery[])
      const check = async ({ deliveries }: OpenDeliveries) => {
        expect(deliveries.counts).toMatchObject({ pending: 1, suppressed: 2 })
        expect(deliveries.get(unsent[0]?.id ?? '')?.state).toMatchObject({ status: 'suppressed', reason: 'preference' })
        expect(await deliveries.claimOne(unsent[0]?.id ?? '')).toBeUndefined()
        const { items } = await deliveries.list({ status: ['suppressed'] }, { limit: 10 })
        expect(items.map(({ delivery: { id } }) => id)).toEqual(unsent.map(({ id }) => id).reverse())
        expect([...deliveries.lanes].filter(({ nextDue }) => nextDue < Infinity)).toHaveLength(1)
      }
      await check(one)
      await check(await reopen(one))
    })

    it('counts what is on its way to the journal among those that wait', async () => {
      const { deliveries } = await openOne({ limits: { waiting: 5 } })
      const results = await Promise.allSettled(Array.from({ length: 3 }, () => deliveries.accept([delivery()])))
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    })

    it('keeps as many finished ones as it is told, the latest, and dead letters apart from them', async () => {
      const one = await openOne({ limits: { finished: 10, deadLetters: 200 } })
      const records = Array.from({ length: 300 }, () => delivery())
      await one.deliveries.accept(records)
      for (const [index, claim] of (await one.deliveries.claim('https://a.example', 300, start)).entries()) {
        one.deliveries.settle(claim, { ...(index < 100 ? dead : delivered), due: start + index })
      }
      expect(one.deliveries.counts.dead_letter).toBe(100)
      expect(one.deliveries.counts.delivered).toBeLessThanOrEqual(10 + 64)
      expect(one.deliveries.get(records[299]?.id ?? '')).toBeDefined()
      expect(one.deliveries.get(records[100]?.id ?? '')).toBeUndefined()
      await one.deliveries.drain()
      const { deliveries } = await reopen(one)
      expect(deliveries.counts).toEqual(one.deliveries.counts)
    })

    it('lists the latest first, in pages, by what is asked for', async () => {
      const { deliveries } = await openOne()
      const records = Array.from({ length: 25 }, (_, index) =>
        delivery({
          target: index % 2 === 0 ? 'even' : 'odd',
          about: { mock: `m${index % 5}` },
          created: start + index,
        }),
      )
      await deliveries.accept(records)
      const all = records.map(({ id }) => id).reverse()
      const pages: string[] = []
      let after: string | undefined
      do {
        const page = await deliveries.list({}, { limit: 10, ...(after !== undefined && { after }) })
        pages.push(...page.items.map((entry) => entry.delivery.id))
        after = page.next
      } while (after !== undefined)
      expect(pages).toEqual(all)
      const listed = async (filter: Parameters<Deliveries['list']>[0]) =>
        (await deliveries.list(filter, { limit: 100 })).items.map((entry) => entry.delivery.id)
      expect(await listed({ target: 'odd' })).toEqual(all.filter((_, index) => index % 2 === 1))
      expect(await listed({ about: { mock: 'm3' } })).toHaveLength(5)
      expect(await listed({ status: ['delivered'] })).toEqual([])
      expect(await listed({ since: start + 20 })).toEqual(all.slice(0, 5))
      expect(await listed({ until: start + 1 })).toEqual(all.slice(24))
      expect(await listed({ kind: 'notification' })).toEqual([])
    })

    it('a lease has one holder until it ends', async () => {
      const { deliveries } = await openOne()
      expect(await deliveries.lease('telegram', 'a', 1000, start)).toBe(true)
      expect(await deliveries.lease('telegram', 'b', 1000, start + 999)).toBe(false)
      expect(await deliveries.lease('telegram', 'a', 1000, start + 999)).toBe(true)
      expect(await deliveries.lease('telegram', 'b', 1000, start + 1998)).toBe(false)
      expect(await deliveries.lease('telegram', 'b', 1000, start + 1999)).toBe(true)
    })

    it('a hold is kept over a restart until it is taken back', async () => {
      const one = await openOne()
      one.deliveries.keepHold('https://a.example', { retryAfter: 1 })
      one.deliveries.keepHold('https://b.example', { retryAfter: 2 })
      one.deliveries.keepHold('https://b.example', undefined)
      await one.deliveries.drain()
      expect((await reopen(one)).deliveries.holds()).toEqual([['https://a.example', { retryAfter: 1 }]])
    })
  })
}
