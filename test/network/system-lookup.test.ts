import { expect, it, vi } from 'vitest'
import { createGuard } from '../../src/network/guard.js'

const asked = vi.hoisted(() => [] as unknown[])

vi.mock('node:dns/promises', () => ({
  lookup: async (...question: unknown[]) => {
    asked.push(question)
    return [{ address: '192.168.1.1', family: 4 }]
  },
}))

it('without a look-up of its own the guard asks the system for all addresses, and judges the answer', async () => {
  const guard = createGuard({ allow: [], allowPrivate: false, connectTimeoutMs: 2000 })
  const sent = guard.dispatcher.request({ origin: 'http://printer.test', path: '/', method: 'GET' })
  await expect(sent).rejects.toThrow(/printer.test resolves to 192.168.1.1, which is a private address/)
  expect(asked).toEqual([['printer.test', { all: true, verbatim: true }]])
  await guard.close()
})
