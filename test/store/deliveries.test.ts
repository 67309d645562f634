import { afterEach, describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { type DeliveriesOptions, DeliveryReplay, openDeliveries } from '../../src/store/deliveries.js'
import { openStore } from '../../src/store/embedded.js'
import { memoryStore } from '../../src/store/memory.js'
import { StoreUnavailable } from '../../src/store/store.js'
import { describeDeliveries, type OpenDeliveries } from '../contract/deliveries.js'
import { delivery } from '../delivery/world.js'
import { temporaryFolders } from './temporary-folder.js'

const now = () => Date.UTC(2026, 0, 1)
const folder = temporaryFolders()

function openMemory(options: Partial<DeliveriesOptions> = {}, store = memoryStore()): OpenDeliveries {
  const deliveries = openDeliveries(store, { now, ...options })
  return {
    deliveries,
    store,
    reopen: async () => openMemory(options, store),
    close: async () => deliveries.close(),
  }
}

async function openEmbedded(options: Partial<DeliveriesOptions> = {}, dir = folder()): Promise<OpenDeliveries> {
  const replay = new DeliveryReplay()
  const store = await openStore(dir, {
    rawNumber: RawNumber,
    onDisk: replay.onDisk,
    onReplay: replay.onReplay,
    segmentBytes: 4096,
  })
  const deliveries = openDeliveries(store, { now, ...options }, replay)
  const close = async () => {
    deliveries.close()
    await store.close()
  }
  return {
    deliveries,
    store,
    reopen: async () => {
      await close()
      return openEmbedded(options, dir)
    },
    close,
  }
}

describeDeliveries('a store in memory', async (options) => openMemory(options))
describeDeliveries('an embedded store', openEmbedded)

describe('deliveries in an embedded store', () => {
  const opened: OpenDeliveries[] = []
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })

  it('are found after compaction has moved them', async () => {
    const one = await openEmbedded()
    const records = Array.from({ length: 200 }, (_, index) => delivery({ payload: { body: `body ${index}` } }))
    await one.deliveries.accept(records)
    const claims = await one.deliveries.claim('https://a.example', 100, now())
    for (const claim of claims) one.deliveries.settle(claim, { ...claim.state, status: 'retrying', due: now() + 5 })
    await one.deliveries.drain()
    await (one.store as Awaited<ReturnType<typeof openStore>>).compact()
    const again = await one.reopen()
    opened.push(again)
    expect(again.deliveries.counts).toMatchObject({ pending: 100, retrying: 100 })
    const all = await again.deliveries.claim('https://a.example', 200, now() + 5)
    expect(all.map((claim) => claim.delivery)).toEqual([...records.slice(100), ...records.slice(0, 100)])
  })
})

describe('outcomes while the journal cannot be written', () => {
  it('are kept, can be seen, and are written once it can be', async () => {
    const store = memoryStore()
    let isFull = false
    const failing = {
      ...store,
      get: (key: string) => store.get(key),
      list: (prefix: string) => store.list(prefix),
      transact: ((scopes, work) =>
        isFull
          ? Promise.reject(new StoreUnavailable('disk full'))
          : store.transact(scopes, work)) as typeof store.transact,
    }
    const retries: (() => void)[] = []
    const timer = (_: number, work: () => void) => {
      retries.push(work)
      return () => {}
    }
    const deliveries = openDeliveries(failing, { now, timer })
    const record = delivery()
    await deliveries.accept([record])
    const [claim] = await deliveries.claim(record.target, 1, now())
    if (claim === undefined) throw new Error('nothing was claimed')
    isFull = true
    await expect(deliveries.accept([delivery()])).rejects.toThrow(StoreUnavailable)
    deliveries.settle(claim, { ...claim.state, status: 'delivered', due: now() })
    expect(await deliveries.drain()).toBe(false)
    expect(deliveries.failing).toBe(true)
    expect(deliveries.get(record.id)?.state.status).toBe('delivered')
    isFull = false
    for (const retry of retries.splice(0)) retry()
    expect(await deliveries.drain()).toBe(true)
    expect(deliveries.failing).toBe(false)
    expect(openDeliveries(store, { now }).get(record.id)?.state.status).toBe('delivered')
  })
})
