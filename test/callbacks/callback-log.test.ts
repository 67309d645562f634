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
