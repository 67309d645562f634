import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Interrupt, onHangup } from '../../src/cli/interrupt.js'

describe('Interrupt', () => {
  it('leaves signals to the system until somebody listens', () => {
    const process = new EventEmitter()
    const interrupt = new Interrupt(process)
    expect(process.eventNames()).toEqual([])
    expect(interrupt.abort()).toBe(false)
    expect(interrupt.signal.aborted).toBe(false)
    expect(process.eventNames()).toEqual(['SIGINT', 'SIGTERM'])
  })

  for (const name of ['SIGINT', 'SIGTERM']) {
    it(`takes the first ${name}, and leaves the second to the system`, () => {
      const process = new EventEmitter()
      const interrupt = new Interrupt(process)
      const { signal } = interrupt
      process.emit(name)
      expect([signal.aborted, interrupt.isAborted]).toEqual([true, true])
      expect(process.eventNames()).toEqual([])
    })
  }
})

describe('onHangup', () => {
  const setUp = (terminal: () => boolean) => {
    const process = new EventEmitter()
    const interrupt = new Interrupt(process)
    const { signal } = interrupt
    let looks = 0
    const stop = onHangup(process, () => looks++, interrupt, terminal)
    return { hangUp: () => process.emit('SIGHUP'), stop, signal, looks: () => looks, process }
  }

  it('looks again, with a terminal and without', () => {
    for (const terminal of [true, false]) {
      const { hangUp, looks, signal } = setUp(() => terminal)
      hangUp()
      hangUp()
      expect([looks(), signal.aborted]).toEqual([2, false])
    }
  })

  it('ends when it was the terminal that was closed', () => {
    let open = true
    const { hangUp, looks, signal } = setUp(() => open)
    open = false
    hangUp()
    expect([looks(), signal.aborted]).toEqual([0, true])
  })

  it('is over when told so', () => {
    const { stop, process } = setUp(() => false)
    stop()
    expect(process.listenerCount('SIGHUP')).toBe(0)
  })
})
