import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeAngles } from '../../src/dispatcher/text/escape.js'
import { lengthIn, truncate, truncateEscaped, type Unit } from '../../src/dispatcher/text/truncate.js'

const units: readonly Unit[] = ['utf16', 'codepoints', 'bytes']
const graphemes = ['a', ' ', '\n', '&', '<', 'é', 'e\u0301', '漢', '😀', '👩‍👩‍👧', '🇩🇪', '🇫🇷', '👍🏽', 'क्षि']
const text = fc.array(fc.constantFrom(...graphemes), { maxLength: 400 }).map((parts) => parts.join(''))

function boundariesOf(whole: string): Set<number> {
  return new Set([...new Intl.Segmenter().segment(whole)].map(({ index }) => index).concat(whole.length))
}

describe('truncate', () => {
  it('leaves alone what fits, and ends what does not with an ellipsis', () => {
    expect(truncate('abc', 3, 'utf16')).toBe('abc')
    expect(truncate('abcd', 3, 'utf16')).toBe('ab…')
    expect(truncate('ab cd', 4, 'utf16')).toBe('ab…')
    expect(truncate('éé', 3, 'bytes')).toBe('…')
    expect(truncate('abc', 0, 'bytes')).toBe('')
  })

  it('closes a code fence that it cut open, or drops it', () => {
    expect(truncate('see\n```\nline one\nline two\n```', 22, 'utf16')).toBe('see\n```\nline one…\n```')
    expect(truncate('see this\n```\nline one\nline two\n```', 14, 'utf16')).toBe('see this…')
  })

  it('never goes beyond the limit, and never tears a grapheme', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), fc.constantFrom(...units), (whole, max, unit) => {
        const cut = truncate(whole, max, unit)
        expect(lengthIn(cut, unit)).toBeLessThanOrEqual(max)
        if (cut === whole) return
        const kept = cut.replace(/…$/, '')
        expect(whole.startsWith(kept)).toBe(true)
        expect(boundariesOf(whole).has(kept.length)).toBe(true)
      }),
    )
  })

  it('cuts what is escaped before it is escaped', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), fc.constantFrom(...units), (whole, max, unit) => {
        const cut = truncateEscaped(whole, escapeAngles, max, unit)
        expect(lengthIn(cut, unit)).toBeLessThanOrEqual(max)
        expect(cut.replace(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/)
      }),
    )
  })
})
