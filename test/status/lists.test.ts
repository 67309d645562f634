import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor, pageOf } from '../../src/status/paging.js'
import { requestMatches } from '../../src/status/request-filter.js'
import { isRevisionReference } from '../../src/status/revision-reference.js'
import { request } from './fake-views.js'

describe('pages', () => {
  const order = fc.constantFrom('ascending' as const, 'descending' as const)

  it('put together are the list, whatever their size', () => {
    const keys = fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 40 })
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 10 }), order, (unsorted, limit, direction) => {
        const items = unsorted.sort((a, b) => (a < b === (direction === 'ascending') ? -1 : 1))
        const seen: string[] = []
        let after: string | undefined
        do {
          const page = pageOf(items, (key) => key, { limit, ...(after === undefined ? {} : { after }) }, direction)
          seen.push(...page.items)
          after = page.next
        } while (after !== undefined)
        expect(seen).toEqual(items)
      }),
    )
  })

  it('go on at the right place although the item they ended with is gone', () => {
    expect(pageOf(['a', 'c', 'd'], (key) => key, { limit: 2, after: 'b' })).toEqual({ items: ['c', 'd'] })
    expect(pageOf(['d', 'c', 'a'], (key) => key, { limit: 1, after: 'b' }, 'descending')).toEqual({ items: ['a'] })
  })

  it('have cursors that give back any key to their own list, and to no other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        const cursor = encodeCursor('/a', key)
        expect(cursor).toMatch(/^[\w-]+$/)
        expect(decodeCursor('/a', cursor)).toBe(key)
        expect(() => decodeCursor('/b', cursor)).toThrow('was not given out by this list')
      }),
    )
  })
})

describe('a path with wildcards', () => {
  it('means what a regular expression with .* in their place means', () => {
    const text = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '.'), maxLength: 12 })
    const pattern = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '.', '*'), maxLength: 6 })
    fc.assert(
      fc.property(pattern, text, (wanted, path) => {
        const expression = new RegExp(
          `^${wanted
            .split('*')
            .map((part) => part.replaceAll('.', '\\.'))
            .join('.*')}$`,
        )
        expect(requestMatches({ path: wanted })(request(1, { path }))).toBe(expression.test(path))
      }),
      { numRuns: 1000 },
    )
  })

  it('is decided in linear time', () => {
    const path = `/${'a'.repeat(10_000)}`
    const start = process.hrtime.bigint()
    expect(requestMatches({ path: `${'*a'.repeat(2_000)}*b` })(request(1, { path }))).toBe(false)
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(1000)
  })
})

describe('a filter', () => {
  it('of statuses does not take an answer that was never sent for one', () => {
    for (const status of ['200', '0xx', '4xx', 'null'])
      expect(requestMatches({ status })(request(1, { status: null }))).toBe(false)
  })

  it('of a mock knows its three spellings', () => {
    for (const mock of ['get-payment', 'payments/get-payment', 'payments~get-payment']) {
      expect(requestMatches({ mock })(request(1))).toBe(true)
      expect(requestMatches({ mock })(request(1, { matched: false, mock: null }))).toBe(false)
    }
    expect(requestMatches({ mock: 'shop/get-payment' })(request(1))).toBe(false)
  })

  it('of a namespace takes its routes, and not those of a namespace whose name begins alike', () => {
    const other = request(1, { namespace: 'pay', path: '/stubs/payments/orders' })
    expect(requestMatches({ namespace: 'pay', path: '/orders' })(other)).toBe(false)
  })
})

describe('a reference to a revision', () => {
  const applied = { generation: 12, revision: 'sha256:123456789012abcdef' }
  const cases = [
    ['12', true],
    ['1', false],
    ['1234', false],
    ['1234567890', true],
    ['1234567890b', false],
    ['123456789012a', true],
    ['sha256:1234', true],
    ['sha256:123', false],
    ['sha256:', false],
    ['sha256:123456789012abcdef', true],
    ['', false],
  ] as const
  for (const [reference, want] of cases) {
    it(`${JSON.stringify(reference)} ${want ? 'names' : 'does not name'} generation 12`, () => {
      expect(isRevisionReference(reference, applied)).toBe(want)
    })
  }
})
