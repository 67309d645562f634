import { expect, it } from 'vitest'
import { DeclaredBrokers } from '../src/declared-brokers.js'
import { plan } from '../src/reconcile/plan.js'
import type { Resource, ResourceSet } from '../src/resources/resource.js'

const resource = (kind: string, name: string, spec: unknown): Resource => ({
  id: `${kind}/-/${name}`,
  kind,
  namespace: '',
  name,
  labels: {},
  annotations: {},
  spec,
  digest: JSON.stringify(spec),
  file: 'a.yaml',
  line: 1,
})
const kafka = (brokers: string, user?: string) => ({
  type: 'kafka',
  kafkaBrokers: brokers,
  ...(user !== undefined && { kafkaUseSASL: true, kafkaUsername: user }),
})
const set = (...resources: Resource[]): ResourceSet => new Map(resources.map((one) => [one.id, one]))

it('tells which brokers are declared, by whatever declares them, until the last of it is gone', () => {
  const told: string[][] = []
  const target = new DeclaredBrokers((targets) => told.push([...targets].sort()))
  let applied: ResourceSet = new Map()
  const apply = (...resources: Resource[]) => {
    const desired = set(...resources)
    target.prepare(desired, plan(desired, applied))()
    applied = desired
  }
  const mock = (...webhooks: unknown[]) => resource('Mock', 'm', { webhooks })
  apply(mock(kafka('b:1,a:1'), { url: 'http://x' }), resource('Callback', 'c', kafka('a:1, b:1')))
  expect(told.at(-1)).toEqual(['kafka://a:1,b:1'])
  apply(mock(kafka('a:1,b:1', 'u')), resource('Callback', 'c', kafka('a:1, b:1')), resource('Mock', 'n', null))
  expect(told.at(-1)).toEqual(['kafka://a:1,b:1', 'kafka://u@a:1,b:1'])
  apply(mock(kafka('a:1,b:1', 'u')), resource('Callback', 'd', kafka('a:1, b:1')))
  expect(told.at(-1)).toEqual(['kafka://a:1,b:1', 'kafka://u@a:1,b:1'])
  const times = told.length
  apply(mock(kafka('a:1,b:1', 'u')), resource('Callback', 'd', kafka('a:1, b:1')), resource('User', 'x', {}))
  expect(told).toHaveLength(times)
  apply()
  expect(told.at(-1)).toEqual([])
})

it('changes nothing before the revision is swapped in', () => {
  const told: unknown[] = []
  const target = new DeclaredBrokers((targets) => told.push(targets))
  const desired = set(resource('Callback', 'c', kafka('a:1')))
  target.prepare(desired, plan(desired, new Map()))
  expect(told).toEqual([])
})

it('knows RabbitMQ by virtual host and user, and a secret by its name; one that expressions make is none', () => {
  const told: string[][] = []
  const target = new DeclaredBrokers((targets) => told.push([...targets].sort()))
  const webhooks = [
    'amqp://u:p@Mq/eu',
    'amqp://u:q@mq:5672/eu',
    { env: 'RABBIT_URL' },
    'amqp://$.req.host:$.req.port/',
  ].map((rabbitURL) => ({ type: 'rabbitmq', rabbitURL }))
  const desired = set(resource('Mock', 'm', { webhooks }))
  target.prepare(desired, plan(desired, new Map()))()
  expect(told).toEqual([['amqp://u@mq:5672/eu', 'amqp:secret:RABBIT_URL']])
})
