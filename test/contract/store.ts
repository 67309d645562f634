// What every store owes its callers.

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type Json, RawNumber } from '../../src/expression/json.js'
import { type Store, StoreUnavailable, type Transaction } from '../../src/store/store.js'

export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps the contract of a store`, () => {
    const opened: Store[] = []
    const openOne = async (): Promise<Store> => {
      const store = await open()
      opened.push(store)
      return store
    }
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })

    for (const durability of ['write', 'sync'] as const) {
      it(`what a transaction put is there once it resolves (${durability})`, async () => {
        const store = await openOne()
        const result = await store.transact(
          ['a/'],
          (tx) => {
            tx.put('a/x', { n: 1, list: [true, null, 'text', 1.5] })
            return tx.get('a/x')
          },
          durability,
        )
        expect(result).toEqual({ n: 1, list: [true, null, 'text', 1.5] })
        expect(store.get('a/x')).toEqual({ n: 1, list: [true, null, 'text', 1.5] })
        await store.transact(['a/'], (tx) => tx.delete('a/x'), durability)
        expect(store.get('a/x')).toBeUndefined()
        expect(store.list('a/')).toEqual([])
      })
    }

    it('increments of the same turn add up, and answer in order', async () => {
      const store = await openOne()
      const answered: number[] = []
      const increments = Array.from({ length: 100 }, (_, index) =>
        store.transact(['n/'], increment('n/count'), index % 3 === 0 ? 'sync' : 'write').then((n) => answered.push(n)),
      )
      await Promise.all(increments)
      expect(answered).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
      expect(store.get('n/count')).toBe(100)
    })

    it('an error in the work rejects and changes nothing', async () => {
      const store = await openOne()
      await store.transact(['a/'], (tx) => tx.put('a/x', 1))
      const failed = store.transact(['a/'], (tx) => {
        tx.put('a/x', 2)
        tx.put('a/y', 2)
        throw new RangeError('no')
      })
      await expect(failed).rejects.toThrow(new RangeError('no'))
      expect(store.list('a/')).toEqual([['a/x', 1]])
    })

    it('work that is asynchronous is refused and changes nothing', async () => {
      const store = await openOne()
      const failed = store.transact(['a/'], async (tx) => {
        tx.put('a/x', 1)
        throw new Error('nobody listens to this')
      })
      await expect(failed).rejects.toThrow('must be synchronous')
      expect(store.list('a/')).toEqual([])
    })

    const outside: [string, (tx: Transaction) => unknown][] = [
      ['get', (tx) => tx.get('b/x')],
      ['put', (tx) => tx.put('b/x', 1)],
      ['delete', (tx) => tx.delete('b/x')],
      ['list', (tx) => tx.list('b/')],
      ['list of more than its scope', (tx) => tx.list('a')],
      ['put of the scope without its end', (tx) => tx.put('a', 1)],
    ]
    for (const [what, work] of outside) {
      it(`a ${what} outside the scopes is refused`, async () => {
        const store = await openOne()
        await expect(store.transact(['a/', 'c/d/'], work)).rejects.toThrow(
          'outside the scopes of the transaction: a/, c/d/',
        )
      })
    }

    it('a scope that does not end in "/" is refused', async () => {
      const store = await openOne()
      for (const scope of ['a', '', '/']) {
        await expect(store.transact([scope], () => 1)).rejects.toThrow('a scope is a path that ends in "/"')
      }
    })

    it('a transaction inside the work of another is refused', async () => {
      const store = await openOne()
      let inner: Promise<unknown> | undefined
      await store.transact(['a/'], (tx) => {
        inner = store.transact(['a/'], increment('a/x'))
        inner.catch(() => {})
        tx.put('a/x', 7)
      })
      await expect(inner).rejects.toThrow('inside the work of another')
      expect(store.get('a/x')).toBe(7)
    })

    it('a transaction that is kept beyond its work is refused', async () => {
      const store = await openOne()
      const kept = await store.transact(['a/'], (tx) => ({ tx }))
      expect(() => kept.tx.put('a/x', 1)).toThrow('the transaction has ended')
    })

    it('a transaction sees its own writes, in its lists too', async () => {
      const store = await openOne()
      await store.transact(['a/'], (tx) => {
        for (const key of ['a/1', 'a/3', 'a/5']) tx.put(key, key)
      })
      const seen = await store.transact(['a/'], (tx) => {
        tx.delete('a/3')
        tx.put('a/2', 'new')
        tx.put('a/5', 'newer')
        tx.put('a/9', 'gone')
        tx.delete('a/9')
        return { list: tx.list('a/'), deleted: tx.get('a/3') ?? 'none', put: tx.get('a/2') }
      })
      const list = [
        ['a/1', 'a/1'],
        ['a/2', 'new'],
        ['a/5', 'newer'],
      ]
      expect(seen).toEqual({ list, deleted: 'none', put: 'new' })
      expect(store.list('a/')).toEqual(list)
    })

    const notJson: [string, unknown][] = [
      ['undefined', undefined],
      ['a hole in an object', { a: { b: undefined } }],
      ['NaN', [Number.NaN]],
      ['Infinity', Number.POSITIVE_INFINITY],
      ['a function', () => 1],
      ['a symbol', Symbol('s')],
      ['a bigint', 1n],
      ['a date', new Date(0)],
      ['a map', { map: new Map() }],
      ['bytes', Buffer.from('x')],
    ]
    for (const [what, value] of notJson) {
      it(`a value that is no JSON is refused and changes nothing: ${what}`, async () => {
        const store = await openOne()
        const failed = store.transact(['a/'], (tx) => {
          tx.put('a/first', 1)
          tx.put('a/x', value as Json)
        })
        await expect(failed).rejects.toThrow(/^the value of "a\/x".* is no JSON: /)
        expect(store.list('a/')).toEqual([])
      })
    }

    it('a value within itself is refused', async () => {
      const store = await openOne()
      const value: { [key: string]: Json } = {}
      value.self = value
      await expect(store.transact(['a/'], (tx) => tx.put('a/x', value))).rejects.toThrow('nested deeper')
    })

    it('numbers that keep their text, odd keys and objects without prototype are kept', async () => {
      const store = await openOne()
      const bare = Object.assign(Object.create(null) as { [key: string]: Json }, { a: 1 })
      const odd = JSON.parse('{"__proto__":{"n":1},"constructor":2,"":3}') as Json
      const raw = new RawNumber('12345678901234567890.10')
      await store.transact(['a/'], (tx) => {
        tx.put('a/raw', { id: raw, list: [raw] })
        tx.put('a/odd/\n"\\\u2028\u{1f600}', odd)
        tx.put('a/bare', bare)
      })
      expect(store.get('a/raw')).toEqual({ id: raw, list: [raw] })
      expect(JSON.stringify(store.get('a/odd/\n"\\\u2028\u{1f600}'))).toBe(JSON.stringify(odd))
      expect(store.get('a/bare')).toEqual({ a: 1 })
    })

    it('lists pages by key in both directions', async () => {
      const store = await openOne()
      await store.transact(['a/', 'b/'], (tx) => {
        for (const key of ['b/1', 'a/3', 'a/1', 'a/2/x', 'a/2', 'a/\u{1f600}', 'a/\uffff']) tx.put(key, key)
      })
      const keys = (...args: Parameters<Store['list']>) => store.list(...args).map(([key]) => key)
      const all = ['a/1', 'a/2', 'a/2/x', 'a/3', 'a/\u{1f600}', 'a/\uffff']
      expect(keys('a/')).toEqual(all)
      expect(keys('a/', { reverse: true })).toEqual(all.toReversed())
      expect(keys('a/', { limit: 2 })).toEqual(['a/1', 'a/2'])
      expect(keys('a/', { after: 'a/2', limit: 2 })).toEqual(['a/2/x', 'a/3'])
      expect(keys('a/', { after: 'a/2/', limit: 1 })).toEqual(['a/2/x'])
      expect(keys('a/', { after: 'a/2/x', reverse: true })).toEqual(['a/2', 'a/1'])
      expect(keys('a/', { after: 'b/9' })).toEqual([])
      expect(keys('a/', { after: 'b/9', reverse: true })).toEqual(all.toReversed())
      expect(keys('a/', { limit: 0 })).toEqual([])
      expect(keys('')).toEqual([...all, 'b/1'])
      expect(keys('c/')).toEqual([])
    })

    it('lists what a sorted scan finds, whatever the keys', async () => {
      const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffff', '\u{1f600}'), maxLength: 5 })
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(key, fc.boolean()), { maxLength: 60 }),
          key,
          fc.option(key, { nil: undefined }),
          fc.boolean(),
          async (changes, prefix, after, reverse) => {
            const store = await openOne()
            const model = new Map<string, Json>()
            // The first list is asked for half-way, so that both a list made at once and one kept up are tried.
            for (const [index, [rest, put]] of changes.entries()) {
              if (index === changes.length >> 1) store.list('')
              await store.transact(['k/'], (tx) => (put ? tx.put(`k/${rest}`, index) : tx.delete(`k/${rest}`)))
              if (put) model.set(`k/${rest}`, index)
              else model.delete(`k/${rest}`)
            }
            const start = after === undefined ? undefined : `k/${after}`
            const wanted = [...model]
              .filter(([k]) => k.startsWith(`k/${prefix}`))
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .filter(([k]) => start === undefined || (reverse ? k < start : k > start))
            if (reverse) wanted.reverse()
            expect(store.list(`k/${prefix}`, { reverse, ...(start !== undefined && { after: start }) })).toEqual(wanted)
          },
        ),
        { numRuns: 40 },
      )
    })

    it('refuses to write once it is closed, and still reads', async () => {
      const store = await openOne()
      await store.transact(['b/'], (tx) => tx.put('b/x', 1))
      await store.close()
      await expect(store.transact(['b/'], (tx) => tx.put('b/x', 2))).rejects.toThrow(StoreUnavailable)
      expect(await store.transact(['b/'], (tx) => tx.get('b/x'))).toBe(1)
      await expect(store.contents.putAll([['k', Buffer.from('x')]])).rejects.toThrow(StoreUnavailable)
      await store.close()
    })

    it('has an epoch', async () => {
      expect((await openOne()).epoch).not.toBe('')
    })

    for (const kind of ['contents', 'cache'] as const) {
      it(`${kind} are kept by key, byte for byte`, async () => {
        const { [kind]: contents } = await openOne()
        const all = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256))
        await contents.putAll([
          ['empty', new Uint8Array()],
          ['all', all],
          ['a "key"\n', Buffer.from('x')],
        ])
        expect(contents.has('all')).toBe(true)
        expect(contents.has('none')).toBe(false)
        expect(await contents.get('none')).toBeUndefined()
        expect(Buffer.from((await contents.get('all')) ?? [])).toEqual(all)
        expect((await contents.get('empty'))?.length).toBe(0)
        const found = await contents.getAll(['all', 'none', 'a "key"\n', 'all'])
        expect([...found.keys()].sort()).toEqual(['a "key"\n', 'all'])
      })

      it(`${kind} that are known are skipped, also when put at the same time`, async () => {
        const { [kind]: contents } = await openOne()
        await Promise.all([contents.putAll([['k', Buffer.from('one')]]), contents.putAll([['k', Buffer.from('two')]])])
        await contents.putAll([['k', Buffer.from('three')]])
        expect(String(Buffer.from((await contents.get('k')) ?? []))).toBe('one')
      })

      it(`${kind} that are retained stay when the others go`, async () => {
        const { [kind]: contents } = await openOne()
        const entries = Array.from({ length: 100 }, (_, index) => [`k${index}`, Buffer.alloc(5000, index)] as const)
        await contents.putAll(entries)
        const reading = contents.getAll(entries.map(([key]) => key))
        await contents.retain(new Set(['k7', 'k99', 'unknown']))
        expect((await reading).size).toBe(100)
        expect(contents.has('k8')).toBe(false)
        expect(await contents.get('k8')).toBeUndefined()
        expect(Buffer.from((await contents.get('k99')) ?? [])).toEqual(Buffer.alloc(5000, 99))
        await contents.putAll([['k8', Buffer.from('again')]])
        expect((await contents.getAll(['k7', 'k8', 'k9'])).size).toBe(2)
      })
    }
  })
}

export function increment(key: string): (tx: Transaction) => number {
  return (tx) => {
    const next = Number(tx.get(key) ?? 0) + 1
    tx.put(key, next)
    return next
  }
}
