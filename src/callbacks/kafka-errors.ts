// What kept a message from being confirmed, and what a person can do about it.

import type { Failure } from '../delivery/transport.js'
import type { ErrorClass } from '../store/delivery.js'

/** Of a failed request to a broker. */
export interface KafkaFailure extends Failure {
  /** `record`: something in the batch was refused. `stale`: it was sent where the topic is not (any more). Nothing was taken. */
  readonly cause?: 'record' | 'stale'
}

/** What the names in a message are: which topic was written to, and with which settings. */
export interface Attempted {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly username: string | undefined
  readonly mechanism: string | undefined
  readonly usesTls: boolean
  readonly ca: string | undefined
  /** Addresses, as `host:port`, that the guard has refused, and why. */
  readonly refusals: ReadonlyMap<string, string>
  /** The address that was dialled, by the one that the library knows. */
  readonly addressOf: (broker: string) => string
}

/** Nothing came back within the time that questions to a broker are given. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** A topic has fewer partitions than it had. Nothing was sent. */
export class PartitionGone extends Error {
  override readonly name = 'PartitionGone'
}

type Say = (attempted: Attempted) => string
type Answer = readonly [kind: ErrorClass, say: Say, cause?: KafkaFailure['cause']]

const tooLarge: Say = ({ topic }) =>
  `the message is larger than topic ${topic} takes: send less, or raise max.message.bytes of the topic (message.max.bytes of the brokers)`

/** By the broker's error code; see https://kafka.apache.org/protocol#protocol_error_codes */
const answers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  [
    'UNKNOWN_TOPIC_OR_PARTITION',
    [
      'gone',
      ({ topic }) => `there is no topic ${topic}, and the brokers do not make it: create it, or correct kafkaTopic`,
      'stale',
    ],
  ],
  ['INVALID_TOPIC_EXCEPTION', ['rejected', ({ topic }) => `the brokers refuse the name of topic ${topic}`]],
  [
    'TOPIC_AUTHORIZATION_FAILED',
    [
      'auth',
      ({ topic, username }) => `${who(username)} may not write to topic ${topic}: allow it in the brokers' ACLs`,
    ],
  ],
  [
    'CLUSTER_AUTHORIZATION_FAILED',
    ['auth', ({ username }) => `${who(username)} may not use this cluster: allow it in the brokers' ACLs`],
  ],
  ['MESSAGE_TOO_LARGE', ['rejected', tooLarge, 'record']],
  ['RECORD_LIST_TOO_LARGE', ['rejected', tooLarge, 'record']],
  [
    'INVALID_RECORD',
    ['rejected', ({ topic }) => `topic ${topic} refuses the message: a compacted topic needs a kafkaKey`, 'record'],
  ],
  [
    'CORRUPT_MESSAGE',
    ['rejected', ({ topic }) => `topic ${topic} refuses the message: a compacted topic needs a kafkaKey`, 'record'],
  ],
  ['INVALID_TIMESTAMP', ['rejected', ({ topic }) => `topic ${topic} refuses the time of the message`, 'record']],
  [
    'POLICY_VIOLATION',
    ['rejected', ({ topic }) => `a policy of the brokers refuses messages for topic ${topic}`, 'record'],
  ],
  ['REQUEST_TIMED_OUT', ['timeout', ({ topic }) => `the replicas of topic ${topic} did not confirm in time`]],
  ['THROTTLING_QUOTA_EXCEEDED', ['rate_limited', () => 'the brokers ask to send less: a quota is used up']],
  [
    'NOT_ENOUGH_REPLICAS',
    ['server', ({ topic }) => `topic ${topic} has fewer replicas in sync than min.insync.replicas asks for`],
  ],
  [
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    [
      'server',
      ({ topic }) => `topic ${topic} lost replicas while the message was written: it may be there all the same`,
    ],
  ],
  [
    'LEADER_NOT_AVAILABLE',
    ['server', ({ topic }) => `a partition of topic ${topic} has no leader at the moment`, 'stale'],
  ],
  [
    'NOT_LEADER_FOR_PARTITION',
    ['server', ({ topic }) => `a partition of topic ${topic} has moved to another broker`, 'stale'],
  ],
  [
    'FENCED_LEADER_EPOCH',
    ['server', ({ topic }) => `a partition of topic ${topic} has moved to another broker`, 'stale'],
  ],
  ['UNSUPPORTED_VERSION', ['rejected', () => 'the brokers do not speak a version of the protocol that is known here']],
])

/** What OpenSSL and Node say of a certificate that is not trusted. */
const untrusted: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

interface LibraryError extends Error {
  readonly type?: string
  readonly code?: string | number
  readonly broker?: string
}

/** The library wraps errors in others; the innermost that it knows by name says what happened. */
export function failureOf(error: unknown, attempted: Attempted): KafkaFailure {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const found = known(inner, attempted)
    if (found !== undefined) return found
  }
  const message = error instanceof Error ? error.message : String(error)
  return { ok: false, class: 'rejected', message }
}

function known(error: LibraryError, attempted: Attempted): KafkaFailure | undefined {
  const { name, type, broker } = error
  const answer = type === undefined ? undefined : answers.get(type)
  if (answer !== undefined) {
    const [kind, say, cause] = answer
    return { ok: false, class: kind, message: say(attempted), ...(cause !== undefined && { cause }) }
  }
  switch (name) {
    case 'GuardError':
      return { ok: false, class: 'guard', message: error.message }
    case 'KafkaJSSASLAuthenticationError':
      // The library says so as well of a connection that breaks during the login.
      return /Closed connection|Connection (error|closed)|Not connected/.test(error.message)
        ? { ok: false, class: 'network', message: `the connection broke during the login: ${error.message}` }
        : { ok: false, class: 'auth', message: loginRefused(error.message, attempted) }
    case 'KafkaJSConnectionError':
    case 'KafkaJSConnectionClosedError':
      return unconnected(error, broker === undefined ? '' : attempted.addressOf(broker), attempted)
    case 'NoAnswer':
    case 'KafkaJSRequestTimeoutError':
    case 'KafkaJSLockTimeout':
    case 'KafkaJSTimeout':
      return { ok: false, class: 'timeout', message: `no answer from ${attempted.brokers.join(', ')}` }
    case 'PartitionGone':
      return answered('NOT_LEADER_FOR_PARTITION', attempted)
    case 'KafkaJSBrokerNotFound':
    case 'KafkaJSMetadataNotLoaded':
    case 'KafkaJSTopicMetadataNotLoaded':
      return {
        ...answered('LEADER_NOT_AVAILABLE', attempted),
        message: `topic ${attempted.topic} has no broker to write to at the moment`,
      }
    case 'KafkaJSProtocolError':
      return { ok: false, class: 'server', message: `the broker answered ${type ?? 'with an error'}: ${error.message}` }
    default:
      return undefined
  }
}

function answered(type: string, attempted: Attempted): KafkaFailure {
  const [kind, say, cause] = answers.get(type) as Answer
  return { ok: false, class: kind, message: say(attempted), ...(cause !== undefined && { cause }) }
}

function unconnected(error: LibraryError, address: string, attempted: Attempted): KafkaFailure {
  const refusal = attempted.refusals.get(address)
  if (refusal !== undefined) {
    const isDeclared = attempted.brokers.includes(address)
    const message = isDeclared ? refusal : `the brokers say that they are at ${address}: ${refusal}`
    return { ok: false, class: 'guard', message }
  }
  const code = typeof error.code === 'string' ? error.code : ''
  const reason = error.message.replace(/^Connection error: /, '')
  if (untrusted.has(code)) {
    const { ca } = attempted
    const advice =
      ca === undefined
        ? 'name the PEM file of the authority that signed it in kafkaCa'
        : `${ca} does not vouch for it; see kafkaCa`
    return { ok: false, class: 'auth', message: `the certificate of ${address} is not trusted (${reason}): ${advice}` }
  }
  if (reason === 'Connection timeout' || code === 'ETIMEDOUT') {
    return { ok: false, class: 'timeout', message: `${address} could not be reached in time` }
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    const message = `TLS with ${address} failed (${reason}): does that listener speak TLS? See kafkaUseTLS`
    return { ok: false, class: 'network', message }
  }
  if (error.name === 'KafkaJSConnectionClosedError' || code === 'ECONNRESET' || code === 'EPIPE') {
    return { ok: false, class: 'network', message: `${address} closed the connection${settingsHint(attempted)}` }
  }
  return { ok: false, class: 'network', message: `${address} cannot be reached: ${reason}` }
}

/** For a connection that is closed before anything was answered on it: brokers say no more when they do not understand. */
function settingsHint({ usesTls, username }: Attempted): string {
  return usesTls
    ? '; if it does so always, see whether that listener speaks TLS (kafkaUseTLS)'
    : `; if it does so always, see whether that listener wants TLS (kafkaUseTLS)${username === undefined ? ' or a login (kafkaUseSASL)' : ''}`
}

function loginRefused(said: string, { brokers, username, mechanism }: Attempted): string {
  const at = `${brokers.join(', ')} refused the login of ${username} by ${mechanism}`
  if (said.includes('not supported')) return `${at}: they do not offer it; see kafkaSaslMechanism`
  return `${at}: see kafkaUsername, kafkaPassword and kafkaSaslMechanism (${said})`
}

function who(username: string | undefined): string {
  return username === undefined ? 'nobody without a login' : `user ${username}`
}
