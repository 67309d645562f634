import { describe, expect, it } from 'vitest'
import { joinHints, Trigger, widens } from '../../src/reconcile/trigger.js'
import type { Hint } from '../../src/source/source.js'
import { Clock, turn } from './clock.js'

const paths = (...names: string[]): Hint => new Set(names)

function open() {
  const clock = new Clock()
  return { clock, trigger: new Trigger({ quietMs: 20, longestMs: 250 }, clock) }
}

describe('Trigger', () => {
  it('joins what came since the last take', () => {
    const { trigger } = open()
    trigger.look(paths('a'))
    trigger.look(paths('b', 'a'))
    expect(trigger.pending).toBe(true)
    expect(trigger.take()).toEqual(paths('a', 'b'))
    expect(trigger.pending).toBe(false)
    expect(trigger.take()).toBeUndefined()
  })

  it('makes "anywhere" of everything that is joined with it', () => {
    const { trigger } = open()
    trigger.look(paths('a'))
    trigger.look('anywhere')
    trigger.look(paths('b'))
    expect(trigger.take()).toBe('anywhere')
  })

  it('wakes who waits at the next look, and not before', async () => {
    const { trigger } = open()
    let woken = false
    const waiting = trigger.next().then(() => {
      woken = true
    })
    await turn()
    expect(woken).toBe(false)
    trigger.look(paths('a'))
    await waiting
    expect(trigger.take()).toEqual(paths('a'))
  })

  it('does not let wait when something is pending', async () => {
    const { trigger } = open()
    trigger.look(paths('a'))
    await trigger.next()
    expect(trigger.pending).toBe(true)
  })

  it('is quiet 20 ms after the last look', async () => {
    const { clock, trigger } = open()
    trigger.look(paths('a'))
    let quietAt = -1
    const quiet = trigger.quiet(trigger.deadline()).then(() => {
      quietAt = clock.now()
    })
    await clock.advance(15)
    trigger.look(paths('b'))
    await clock.advance(15)
    expect(quietAt).toBe(-1)
    await clock.advance(15)
    await quiet
    expect(quietAt).toBe(35)
  })

  it('waits no longer than 250 ms, however busy it is', async () => {
    const { clock, trigger } = open()
    trigger.look(paths('a'))
    let quietAt = -1
    const quiet = trigger.quiet(trigger.deadline()).then(() => {
      quietAt = clock.now()
    })
    for (let at = 0; at < 300; at += 10) {
      await clock.advance(10)
      trigger.look(paths(`file${at}`))
    }
    await quiet
    expect(quietAt).toBe(250)
  })

  it('lets nobody wait after its end', async () => {
    const { clock, trigger } = open()
    const waiting = trigger.next()
    trigger.end()
    await waiting
    await trigger.next()
    trigger.look(paths('a', 'b'))
    await trigger.quiet(trigger.deadline())
    expect(clock.now()).toBe(0)
  })

  it('looks anywhere after a while, once however often that was asked', async () => {
    const { clock, trigger } = open()
    trigger.lookAfter(5_000)
    trigger.lookAfter(5_000)
    expect(clock.sleeping).toBe(1)
    await clock.advance(4_999)
    expect(trigger.pending).toBe(false)
    await clock.advance(1)
    expect(trigger.take()).toBe('anywhere')
    trigger.lookAfter(5_000)
    await clock.advance(5_000)
    expect(trigger.take()).toBe('anywhere')
  })
})

describe('hints', () => {
  const cases: [earlier: Hint, later: Hint, joined: Hint, wider: boolean][] = [
    [paths('a'), paths('a'), paths('a'), false],
    [paths('a'), paths('b'), paths('a', 'b'), true],
    [paths('a', 'b'), paths('b'), paths('a', 'b'), false],
    [paths('a'), paths(), paths('a'), false],
    [paths('a'), 'anywhere', 'anywhere', true],
    ['anywhere', paths('a'), 'anywhere', false],
    ['anywhere', 'anywhere', 'anywhere', false],
  ]
  for (const [earlier, later, joined, wider] of cases) {
    const text = (hint: Hint) => (hint === 'anywhere' ? hint : `{${[...hint]}}`)
    it(`${text(later)} after ${text(earlier)} is ${text(joined)}, ${wider ? 'and wider' : 'no wider'}`, () => {
      expect(joinHints(earlier, later)).toEqual(joined)
      expect(widens(earlier, later)).toBe(wider)
    })
  }
})
