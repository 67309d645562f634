import { expect, it } from 'vitest'
import { callbackLog } from '../../src/callbacks/callback-log.js'
import { toUnprepared, unprepared } from '../../src/callbacks/unprepared.js'
import { initialState } from '../../src/store/delivery.js'
import { delivery } from '../delivery/world.js'

it('what could not be rendered is logged with the type it was declared with', () => {
  const types: unknown[] = []
  const heard = (fields: object) => void types.push((fields as { type: string }).type)
  const { changed } = callbackLog({ debug: heard, info: heard, warn: heard, error: heard })
  const state = { ...initialState(delivery({})), status: 'dead_letter', reason: 'attempts' } as const
  for (const type of ['http', 'rabbitmq']) {
    changed?.(delivery({ transport: unprepared, payload: toUnprepared('too long', type) }), state)
  }
  expect(types).toEqual(['http', 'rabbitmq'])
})

it('a mistake of the program is logged with its stack', () => {
  const logged: [level: string, fields: object, message: string][] = []
  const at = (level: string) => (fields: object, message: string) => void logged.push([level, fields, message])
  const observer = callbackLog({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') })
  const error = new Error('unexpected')
  const about = { namespace: 'shop', mock: 'pay', callback: 'c' }
  observer.panicked?.(delivery({ id: 'd', transport: 'http', about }), 2, error)
  expect(logged).toEqual([
    [
      'error',
      { type: 'http', id: 'd', mock: 'shop/pay', callback: 'c', target: 'https://a.example', attempt: 2, err: error },
      'Panic in webhook executeCallback',
    ],
  ])
})

it('what a webhook on changes sends is logged with what it hears of', () => {
  const logged: object[] = []
  const heard = (fields: object) => void logged.push(fields)
  const { attempted } = callbackLog({ debug: heard, info: heard, warn: heard, error: heard })
  const attempt = { number: 1, round: 1, at: 0, durationMs: 3, ok: true, status: 200, counts: true }
  const told = { webhook: 'watch', operation: 'mock.update', resource: 'Mock/shop/a' }
  for (const about of [
    { ...told, namespace: 'shop' },
    { webhook: 'audit', operation: 'backup.create' },
  ]) {
    const sent = delivery({ id: 'd', transport: 'http', kind: 'change', about })
    attempted?.(sent, attempt, initialState(sent))
  }
  expect(logged).toMatchObject([
    { type: 'http', id: 'd', webhook: 'shop/watch', operation: 'mock.update', resource: 'Mock/shop/a', attempt: 1 },
    { webhook: 'audit', operation: 'backup.create', resource: undefined },
  ])
  for (const fields of logged) expect(Object.keys(fields)).not.toContain('mock')
})
