import { expect, it } from 'vitest'
import { impossiblePort } from '../../../src/resources/kinds/port.js'
import { declared, loadAll } from './declared.js'

it.each([
  ['http://a.example:70000/x', '70000'],
  ['https://a.example:65536', '65536'],
  ['amqp://u:p@h:99999/v', '99999'],
  ['kafka:100000', '100000'],
  ['http://[::1]:65536?x', '65536'],
])('%s names a port that there is not', (text, port) => {
  expect(impossiblePort(text)).toBe(`ports go up to 65535, and ${port} is above`)
})

it.each(['http://a.example:65535/x', 'http://a.example/x:70000', 'kafka', '', 'http://a:b'])(
  '%s names none',
  (text) => {
    expect(impossiblePort(text)).toBeUndefined()
  },
)

const mock = (spec: object) => declared('Mock', 'm', { http: { route: '/x' }, ...spec })
const fires = (webhook: object) => mock({ response: {}, webhooks: [webhook] })
const channel = (config: object, type = 'webhook') => declared('Channel', 'c', { type, config })

it.each([
  ['a callback', fires({ url: 'http://h:70000/x' })],
  ['Kafka', fires({ type: 'kafka', kafkaBrokers: 'h:70000', kafkaTopic: 't' })],
  ['RabbitMQ', fires({ type: 'rabbitmq', rabbitURL: 'amqp://h:70000/', rabbitQueue: 'q' })],
  ['a proxy', mock({ proxy: { target: 'http://h:70000' } })],
  ['a channel', channel({ url: 'http://h:70000/x' })],
  ["a channel's base", channel({ botToken: { env: 'X' }, baseUrl: 'http://h:70000' }, 'slack')],
])('the port of %s is said to be impossible', async (_, text) => {
  const { problems } = await loadAll({ 'a.yaml': text })
  expect(problems).toMatchObject([{ severity: 'error', hint: 'ports go up to 65535, and 70000 is above' }])
})

it('shows nothing of the URL of a channel, which may be a credential', async () => {
  const { problems } = await loadAll({ 'a.yaml': channel({ webhookUrl: 'https://h:70000/s3cret' }, 'mattermost') })
  const error = problems.find(({ rule }) => rule === 'channel-url')
  expect(error).toMatchObject({ pointer: '/spec/config/webhookUrl' })
  expect(`${error?.message} ${error?.hint}`).not.toContain('s3cret')
})

it.each([
  ['kafka', { type: 'kafka', kafkaBrokers: 'h:9092', kafkaTopic: 't' }, 'takes the place of the id'],
  ['rabbitmq', { type: 'rabbitmq', rabbitURL: 'amqp://h/', rabbitQueue: 'q' }, 'which is the message id'],
])('a header that stands for the id of the delivery is a warning over %s', async (_, webhook, message) => {
  const { problems } = await loadAll({ 'a.yaml': fires({ ...webhook, headers: { 'Callboard-Delivery-Id': 'x' } }) })
  expect(problems).toMatchObject([
    {
      rule: 'reserved-header',
      severity: 'warning',
      pointer: '/spec/webhooks/0/headers/Callboard-Delivery-Id',
      message: expect.stringContaining(message),
    },
  ])
})
