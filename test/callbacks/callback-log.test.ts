import { expect, it } from 'vitest'
import { callbackLog } from '../../src/callbacks/callback-log.js'
import { delivery } from '../delivery/world.js'

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
