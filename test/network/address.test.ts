import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inBlock, parseAddress, parseBlock } from '../../src/network/address.js'

describe('parseAddress', () => {
  it('agrees with the URL parser about every IPv6 spelling', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        if (!isIPv6(text)) return true
        const address = parseAddress(text)
        const written = new URL(`http://[${text}]`).hostname.slice(1, -1)
        if (address?.bytes.length === 4) return written.startsWith('::ffff:')
        return address?.text === written
      }),
      { numRuns: 1000 },
    )
  })

  it('an IPv4-mapped address is its IPv4 address', () => {
    expect(parseAddress('::ffff:10.0.0.1')?.bytes).toEqual([10, 0, 0, 1])
    expect(parseAddress('[::ffff:a00:1]')?.text).toBe('10.0.0.1')
  })

  for (const text of [
    '',
    'localhost',
    '10.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '1.2.3.4.5',
    '256.0.0.1',
    ':::',
    '1::2::3',
    'g::1',
    '10.0.0.1/8',
  ]) {
    it(`${JSON.stringify(text)} is no address`, () => expect(parseAddress(text)).toBeUndefined())
  }
})

describe('parseBlock', () => {
  it('holds exactly the addresses that share its prefix', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 })
    const bits = (four: readonly number[]) => four.map((byte) => byte.toString(2).padStart(8, '0')).join('')
    fc.assert(
      fc.property(bytes, bytes, fc.integer({ min: 0, max: 32 }), fc.boolean(), (a, b, prefix, near) => {
        const block = parseBlock(`${a.join('.')}/${prefix}`)
        const other = near ? [...a.slice(0, 3), b[3] ?? 0] : b
        return (
          block !== undefined && inBlock(other, block) === (bits(a).slice(0, prefix) === bits(other).slice(0, prefix))
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('never holds addresses of the other family', () => {
    const all = parseBlock('::/0')
    expect(all !== undefined && inBlock([10, 0, 0, 1], all)).toBe(false)
  })
})
