import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deepLink, isPayload, newPayload } from '../../../src/dispatcher/telegram/deep-link.js'

describe('a link to a bot', () => {
  it('is for a person or for a group', () => {
    expect(deepLink('@notify_bot', 'k3Jx_9-')).toBe('https://t.me/notify_bot?start=k3Jx_9-')
    expect(deepLink('notify_bot', 'k3Jx_9-', 'group')).toBe('https://t.me/notify_bot?startgroup=k3Jx_9-')
  })

  it('carries what was drawn at random, whatever that was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 24 }), (bytes) => {
        const payload = newPayload(() => bytes)
        expect(isPayload(payload)).toBe(true)
        expect(payload).toHaveLength(32)
        expect(deepLink('notify_bot', payload)).toBe(`https://t.me/notify_bot?start=${payload}`)
      }),
    )
  })

  it('draws as much as nobody guesses', () => {
    const asked: number[] = []
    newPayload((count) => {
      asked.push(count)
      return new Uint8Array(count)
    })
    expect(asked).toEqual([24])
  })

  it.each(['', 'a b', 'a&b', 'é', 'x'.repeat(65)])('does not carry %j', (payload) => {
    expect(isPayload(payload)).toBe(false)
    expect(() => deepLink('notify_bot', payload)).toThrow(RangeError)
  })

  it.each(['', '@', 'a', '1bot', 'not/ok', 'x'.repeat(33)])('goes to no bot called %j', (username) => {
    expect(() => deepLink(username, 'x')).toThrow(RangeError)
  })
})
