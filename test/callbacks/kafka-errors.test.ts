import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs'
import { expect, it } from 'vitest'
import { type Attempted, failureOf } from '../../src/callbacks/kafka-errors.js'

const attempted: Attempted = {
  brokers: ['k1:9092', 'k2:9092'],
  topic: 'orders',
  username: undefined,
  mechanism: undefined,
  usesTls: false,
  ca: undefined,
  refusals: new Map(),
  addressOf: (broker) => broker,
}

const protocol = (type: string): Error =>
  new KafkaJSProtocolError(Object.assign(new Error('in the words of the library'), { type, code: 1, retriable: true }))

it.each<[type: string, kind: string, cause: string | undefined, words: string]>([
  ['UNKNOWN_TOPIC_OR_PARTITION', 'gone', 'stale', 'there is no topic orders'],
  ['NOT_LEADER_FOR_PARTITION', 'server', 'stale', 'has moved to another broker'],
  ['LEADER_NOT_AVAILABLE', 'server', 'stale', 'has no leader at the moment'],
  ['INVALID_TOPIC_EXCEPTION', 'rejected', undefined, 'refuse the name of topic orders'],
  ['MESSAGE_TOO_LARGE', 'rejected', 'record', 'raise max.message.bytes'],
  ['INVALID_RECORD', 'rejected', 'record', 'needs a kafkaKey'],
  ['POLICY_VIOLATION', 'rejected', 'record', 'a policy of the brokers'],
  ['TOPIC_AUTHORIZATION_FAILED', 'auth', undefined, 'may not write to topic orders'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'auth', undefined, "brokers' ACLs"],
  ['REQUEST_TIMED_OUT', 'timeout', undefined, 'did not confirm in time'],
  ['THROTTLING_QUOTA_EXCEEDED', 'rate_limited', undefined, 'a quota is used up'],
  ['NOT_ENOUGH_REPLICAS', 'server', undefined, 'fewer replicas in sync'],
  ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'server', undefined, 'it may be there all the same'],
  ['KAFKA_STORAGE_ERROR', 'server', undefined, 'the broker answered KAFKA_STORAGE_ERROR: in the words of the library'],
])('%s is %s', (type, kind, cause, words) => {
  const failure = failureOf(protocol(type), attempted)
  expect(failure).toMatchObject({ ok: false, class: kind, message: expect.stringContaining(words) })
  expect(failure.cause).toBe(cause)
})

it('an error is found within those that the library wraps it in', () => {
  const wrapped = new KafkaJSNumberOfRetriesExceeded(protocol('NOT_ENOUGH_REPLICAS'), { retryCount: 0, retryTime: 1 })
  expect(failureOf(wrapped, attempted)).toMatchObject({ class: 'server' })
})

it('what breaks during a login is no wrong password', () => {
  const error = Object.assign(new Error('SASL PLAIN authentication failed: Closed connection'), {
    name: 'KafkaJSSASLAuthenticationError',
  })
  expect(failureOf(error, { ...attempted, username: 'u', mechanism: 'plain' })).toMatchObject({ class: 'network' })
})

it.each<[code: string | undefined, message: string, kind: string]>([
  ['ECONNREFUSED', 'Connection error: connect ECONNREFUSED', 'network'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'Connection error: self-signed certificate', 'auth'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'Connection error: wrong version number', 'network'],
  ['ECONNRESET', 'Connection error: read ECONNRESET', 'network'],
  [undefined, 'Connection timeout', 'timeout'],
])('a connection that fails with %s (%s) is %s', (code, message, kind) => {
  const error = new KafkaJSConnectionError(message, { broker: 'k1:9092', ...(code !== undefined && { code }) })
  expect(failureOf(error, attempted)).toMatchObject({ class: kind, message: expect.stringContaining('k1:9092') })
})

it('what nobody has thought of is told as it is', () => {
  expect(failureOf(new Error('odd'), attempted)).toEqual({ ok: false, class: 'rejected', message: 'odd' })
})
