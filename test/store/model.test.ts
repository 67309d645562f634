// Random histories against a Map: transactions alone and together, failing disks, compactions, restarts and crashes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import type { EmbeddedStore } from '../../src/store/embedded.js'
import { SimulatedDisk } from './simulated-disk.js'
import { ManualTimer, openSimulated, settled } from './simulated-store.js'

type Change = readonly [key: string, value: string | null]
interface Transaction {
  readonly changes: readonly Change[]
  readonly sync: boolean
}
type Command =
  | { readonly type: 'together'; readonly transactions: readonly Transaction[] }
  | {
      readonly type: 'fails'
      readonly transactions: readonly Transaction[]
      readonly after: number
      readonly code: string
    }
  | {
      readonly type: 'crashes'
      readonly transactions: readonly Transaction[]
      readonly after: number
      readonly power: boolean
    }
  | { readonly type: 'compacts' }
  | { readonly type: 'reopens' }

const change = fc.tuple(
  fc.integer({ min: 0, max: 7 }).map((n) => `s/${n}`),
  fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { freq: 4 }),
)
const transaction = fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 3 }), sync: fc.boolean() })
const transactions = fc.array(transaction, { minLength: 1, maxLength: 6 })
const after = fc.integer({ min: 0, max: 12 })
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('together' as const), transactions }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fails' as const),
      transactions,
      after,
      code: fc.constantFrom('ENOSPC', 'EIO', 'short'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('crashes' as const), transactions, after, power: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'compacts' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'reopens' as const }) },
)

class Run {
  #disk = new SimulatedDisk()
  #time = new ManualTimer()
  #store: EmbeddedStore | undefined
  #model = new Map<string, Json>()
  readonly #onDisk: readonly string[]

  constructor(onDisk: readonly string[]) {
    this.#onDisk = onDisk
  }

  async step(command: Command): Promise<void> {
    if (command.type === 'together') await this.#together(command.transactions)
    else if (command.type === 'fails') await this.#fails(command)
    else if (command.type === 'crashes') await this.#crashes(command)
    else if (command.type === 'compacts') await (await this.#open()).compact()
    else await this.#close()
    if (command.type !== 'crashes') this.#check(await this.#open(), this.#model)
  }

  async end(): Promise<void> {
    await this.#close()
    this.#check(await this.#open(), this.#model)
    await this.#close()
  }

  async #together(transactions: readonly Transaction[]): Promise<void> {
    await Promise.all(await this.#begin(transactions))
    for (const { changes } of transactions) apply(this.#model, changes)
  }

  async #fails({ transactions, after, code }: Extract<Command, { type: 'fails' }>): Promise<void> {
    await this.#open()
    let steps = 0
    this.#disk.fault = (step) => {
      if (step !== 'write' && step !== 'sync' && step !== 'open' && step !== 'syncFolder') return undefined
      steps += 1
      if (steps <= after) return undefined
      return code === 'short' ? (step === 'write' ? { write: 5, error: 'ENOSPC' } : 'EIO') : code
    }
    const outcomes = await Promise.allSettled(await this.#begin(transactions))
    this.#disk.fault = () => undefined
    transactions.forEach(({ changes }, index) => {
      if (outcomes[index]?.status === 'fulfilled') apply(this.#model, changes)
    })
    this.#check(await this.#open(), this.#model)
    await this.#time.pass(6000)
    expect((await this.#open()).failing).toBe(false)
  }

  async #crashes({ transactions, after, power }: Extract<Command, { type: 'crashes' }>): Promise<void> {
    // What was only handed to the system does not survive a power loss; here it is about what happens meanwhile.
    if (power) await (await this.#open()).transact(['s/'], (tx) => tx.put('s/synced', this.#disk.steps), 'sync')
    if (power) this.#model.set('s/synced', (await this.#open()).get('s/synced') as Json)
    await this.#open()
    this.#disk.crashAfter = this.#disk.steps + after
    let acknowledged = 0
    const outcomes = (await this.#begin(transactions)).map(async (transaction, index) => {
      await transaction
      if (!power || transactions[index]?.sync === true) acknowledged = index + 1
    })
    void Promise.allSettled(outcomes)
    await settled(30)
    this.#disk = this.#disk.afterCrash(power ? 'power' : 'kill')
    this.#store = undefined
    // The state after as many of the transactions as survived: all that were answered, perhaps more, none in part.
    const states = [new Map(this.#model)]
    for (const { changes } of transactions) {
      apply(this.#model, changes)
      states.push(new Map(this.#model))
    }
    const found = contentOf(await this.#open())
    const survived = states.findLastIndex((state) => sameContent(state, found))
    expect(survived, 'transactions that survived').toBeGreaterThanOrEqual(acknowledged)
    this.#model = states[survived] as Map<string, Json>
  }

  async #begin(transactions: readonly Transaction[]): Promise<Promise<unknown>[]> {
    const store = await this.#open()
    return transactions.map(({ changes, sync }) =>
      store.transact(
        ['s/'],
        (tx) => {
          for (const [key, value] of changes) {
            if (value === null) tx.delete(key)
            else tx.put(key, value)
          }
        },
        sync ? 'sync' : 'write',
      ),
    )
  }

  async #open(): Promise<EmbeddedStore> {
    if (this.#store === undefined) {
      this.#time = new ManualTimer()
      this.#store = await openSimulated(this.#disk, {
        timer: this.#time.timer,
        segmentBytes: 400,
        onDisk: this.#onDisk,
      })
    }
    return this.#store
  }

  async #close(): Promise<void> {
    await this.#store?.close()
    this.#store = undefined
  }

  #check(store: EmbeddedStore, model: ReadonlyMap<string, Json>): void {
    expect(contentOf(store)).toEqual(new Map([...model].sort(([a], [b]) => (a < b ? -1 : 1))))
    for (const key of model.keys()) expect(store.get(key)).toEqual(model.get(key))
    expect(store.journalSize.live).toBeLessThanOrEqual(store.journalSize.bytes)
  }
}

function apply(model: Map<string, Json>, changes: readonly Change[]): void {
  for (const [key, value] of changes) {
    if (value === null) model.delete(key)
    else model.set(key, value)
  }
}

function contentOf(store: EmbeddedStore): Map<string, Json> {
  return new Map(store.list('s/'))
}

function sameContent(a: ReadonlyMap<string, Json>, b: ReadonlyMap<string, Json>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}

describe('a store through a random history', () => {
  for (const [name, onDisk] of [
    ['values in memory', []],
    ['values on disk', ['s/']],
  ] as const) {
    it(`is the Map that its acknowledged transactions make (${name})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
          const run = new Run(onDisk)
          for (const command of commands) await run.step(command)
          await run.end()
        }),
        { numRuns: 150 },
      )
    })
  }
})
