import { describe, expect, it } from 'vitest'
import { compileRegex, RegexError } from '../../src/expression/regex.js'

function failure(pattern: string): RegexError {
  try {
    compileRegex(pattern)
  } catch (error) {
    if (error instanceof RegexError) return error
    throw error
  }
  throw new Error(`${pattern} compiles`)
}

describe('compileRegex', () => {
  it('matches anywhere in the text unless anchored', () => {
    expect(compileRegex('b').test('abc')).toBe(true)
    expect(compileRegex('^b').test('abc')).toBe(false)
    expect(compileRegex('^\\p{Greek}+$').test('αβγ')).toBe(true)
  })

  it('gives one program for equal patterns', () => {
    expect(compileRegex('^x+$')).toBe(compileRegex('^x+$'))
  })

  const catastrophic = [
    '(a+)+$',
    '(a|aa)+$',
    '(a|a?)+$',
    '(.*a){20}$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(x+x+)+y',
    '\\b(a*)*\\b!$',
  ]
  for (const pattern of catastrophic) {
    it(`${pattern} on 100,000 characters takes no more than a moment`, () => {
      const regex = compileRegex(pattern)
      const text = `${'a'.repeat(100_000)}!`
      const started = performance.now()
      regex.test(text)
      regex.test(text.replaceAll('a', 'x'))
      expect(performance.now() - started).toBeLessThan(2000)
    })
  }

  it('a text too long for the size of the pattern does not match, and costs nothing', () => {
    const large = compileRegex('[ab]*a[ab]{400}c?')
    const small = compileRegex('^a+$')
    expect(large.test('a'.repeat(large.maxTextLength))).toBe(true)
    expect(large.test('a'.repeat(large.maxTextLength + 1))).toBe(false)
    expect(small.maxTextLength).toBeGreaterThan(2_000_000)
  })

  it('the worst pattern on the longest text it accepts takes no more than a moment', () => {
    const regex = compileRegex('(a|b)*a(a|b){600}c$|d')
    let seed = 1
    const text = Array.from({ length: regex.maxTextLength }, () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return (seed >> 16) & 1 ? 'a' : 'b'
    }).join('')
    const started = performance.now()
    regex.test(text)
    expect(performance.now() - started).toBeLessThan(4000)
  })

  const broken: [
    pattern: string,
    part: string | undefined,
    offset: number,
    message: RegExp,
    hint: RegExp | undefined,
  ][] = [
    ['a(b', 'a(b', 0, /missing closing \)/, undefined],
    ['a[z-b]', 'z-b', 2, /invalid character class range at "z-b"/, undefined],
    ['x(?=y)', '(?=', 1, /look-ahead is not supported at "\(\?="/, /no look-around/],
    ['x(?!y)', '(?!', 1, /look-ahead/, /no look-around/],
    ['(?<=x)y', undefined, 0, /look-behind/, /no look-around/],
    ['(?<!x)y', undefined, 0, /look-behind/, /no look-around/],
    ['(a)\\1', '\\1', 3, /back references/, /no back references/],
    ['a++b', '++', 1, /possessive/, /plain form/],
    ['(?>a)', '(?>', 0, /possessive/, /plain form/],
    ['a{5000}', '{5000}', 1, /invalid repeat count/, /at most 1000/],
    ['(((a{100}){100}){100})', '{100}', -1, /invalid repeat count/, /at most 1000/],
    ['*a', '*', 0, /missing argument to repetition operator at "\*"/, undefined],
    ['end\\Z', '\\Z', 3, /invalid escape sequence/, /\\z/],
    ['a\\', undefined, -1, /trailing backslash/, undefined],
    ['('.repeat(2000), undefined, 0, /missing closing/, undefined],
    ['a'.repeat(5000), undefined, -1, /5000 characters; at most 4096/, undefined],
    ['[a-z]{900}|[0-9]{900}|[A-Z]{900}', undefined, -1, /needs \d+ steps; at most 2000/, /smaller repeat counts/],
  ]
  for (const [pattern, part, offset, message, hint] of broken) {
    it(`${pattern.slice(0, 40)} is refused with what is wrong with it`, () => {
      const error = failure(pattern)
      expect(error.message).toMatch(message)
      expect(error.message.length).toBeLessThan(400)
      if (part !== undefined) expect(error.part).toBe(part)
      expect(error.offset).toBe(offset)
      if (hint === undefined) expect(error.hint).toBeUndefined()
      else expect(error.hint).toMatch(hint)
    })
  }
})
