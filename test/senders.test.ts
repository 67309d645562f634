import { expect, it } from 'vitest'
import { kinds } from '../src/resources/kinds/index.js'
import { type Resource, resourceId } from '../src/resources/resource.js'
import { senderOf, sendersOf } from '../src/senders.js'
import { delivery } from './delivery/world.js'

function resource(kind: string, namespace: string, name: string, spec: object = {}): Resource {
  const where = { namespace, name, file: 'a.yaml', line: 1 }
  return { id: resourceId(kind, namespace, name), kind, labels: {}, annotations: {}, digest: '', spec, ...where }
}

const webhooks = { webhooks: [{ url: 'http://a.example' }, { name: 'tell' }, { name: '' }] }
const fired = { namespace: 'shop', mock: 'pay', request: 'r1' }

it.each<[name: string, from: Resource, kind: string, about: Record<string, string | number>, sender: string]>([
  ['an entry of a mock', resource('Mock', 'shop', 'pay', webhooks), 'callback', { ...fired, callback: 'tell' }, 'tell'],
  ['an entry without a name', resource('Mock', 'shop', 'pay', webhooks), 'callback', { ...fired, callback: '1' }, '1'],
  ['one with an empty name', resource('Mock', 'shop', 'pay', webhooks), 'callback', { ...fired, callback: '3' }, '3'],
  [
    'a Callback that is attached to the mock',
    resource('Callback', 'shop', 'tell'),
    'callback',
    { ...fired, callback: 'tell', declared: 'Callback' },
    'tell',
  ],
  [
    'a NamespaceWebhook',
    resource('NamespaceWebhook', 'shop', 'audit'),
    'change',
    { namespace: 'shop', webhook: 'audit', operation: 'mock.create' },
    'audit',
  ],
  ['a Channel', resource('Channel', 'shop', 'ops'), 'notification', { channel: 'shop/ops', event: 'x' }, 'ops'],
  ['a global Channel', resource('Channel', '', 'ops'), 'notification', { channel: 'ops', namespace: 'shop' }, 'ops'],
  ['an AdminWebhook', resource('AdminWebhook', '', 'audit'), 'change', { webhook: 'audit' }, 'audit'],
])('a delivery is known to come from %s', (_name, from, kind, about, sender) => {
  const found = sendersOf(from).filter(({ key }) => key === senderOf(delivery({ kind, about })))
  expect(found.map(({ name }) => name)).toEqual([sender])
})

it('an entry of a mock and a Callback of the same name are two', () => {
  const own = senderOf(delivery({ about: { ...fired, callback: 'tell' } }))
  const attached = senderOf(delivery({ about: { ...fired, callback: 'tell', declared: 'Callback' } }))
  expect(own).not.toBe(attached)
})

it('what sends nothing has no senders', () => {
  expect(sendersOf(resource('Namespace', '', 'shop'))).toEqual([])
  expect(sendersOf(resource('Mock', 'shop', 'quiet'))).toEqual([])
  expect(senderOf(delivery({ kind: 'something' }))).toBeUndefined()
})

const sending = ['Mock', 'Callback', 'NamespaceWebhook', 'AdminWebhook', 'Channel']

it('every kind with a place to send to is one that sends', () => {
  for (const kind of kinds.keys()) {
    const sends = sendersOf(resource(kind, 'shop', 'one', webhooks)).length > 0
    expect([kind, sends]).toEqual([kind, sending.includes(kind)])
  }
})
