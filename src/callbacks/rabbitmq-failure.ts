// What went wrong with a broker, in its class, and in words that say what to do.

import type { Failure } from '../delivery/transport.js'
import type { RabbitEndpoint } from '../resources/kinds/rabbitmq-url.js'
import type { ErrorClass } from '../store/delivery.js'

/** A broker says nothing of how long it will be; this often it is asked again. */
export const blockedPauseMs = 5000

/** AMQP 0-9-1, reply codes, and what RabbitMQ means by them on a channel that publishes. */
const classOfCode: Readonly<Record<number, ErrorClass>> = {
  311: 'rejected',
  403: 'auth',
  404: 'gone',
  406: 'rejected',
  530: 'auth',
  540: 'rejected',
}

const adviceOfCode: Readonly<Record<number, string>> = {
  403: 'grant the user the permission to write there, or name another exchange',
  404: 'declare the exchange at the broker, or correct rabbitExchange',
}

/** The broker closed a channel because of what was published on it. */
export function ofChannel(error: unknown): Failure {
  const code = codeOf(error)
  const advice = code === undefined ? undefined : adviceOfCode[code]
  const kind = (code === undefined ? undefined : classOfCode[code]) ?? 'server'
  const message = `the broker refused it: ${saidBy(error)}${advice === undefined ? '' : `; ${advice}`}`
  return { ok: false, class: kind, message, ...(code !== undefined && { status: code }) }
}

/** The connection ended before the broker had confirmed. */
export function ofLoss(reason: unknown, { name }: RabbitEndpoint): Failure {
  const code = codeOf(reason)
  const message = `the connection to ${name} was lost before the broker confirmed: ${saidBy(reason)}`
  return { ok: false, class: 'network', message, ...(code !== undefined && { status: code }) }
}

export function ofNack(): Failure {
  const message =
    'the broker did not take it (basic.nack): a queue is full and rejects what is published, or it had an error of its own'
  return { ok: false, class: 'server', message }
}

/** Nobody asked for the message, and it was to be known. */
export function ofReturn(code: number, text: string, exchange: string, routingKey: string): Failure {
  return { ok: false, class: 'gone', message: unroutable(code, text, exchange, routingKey), status: code }
}

export function unroutable(code: number, text: string, exchange: string, routingKey: string): string {
  const key = JSON.stringify(routingKey)
  const what =
    exchange === ''
      ? `there is no queue ${key}`
      : `exchange ${JSON.stringify(exchange)} has no queue bound for routing key ${key}`
  return `no queue got it (${code} ${text}): ${what}`
}

export function ofBlock(reason: string, { name }: RabbitEndpoint): Failure {
  const message = `${name} takes no messages for now (connection.blocked: ${reason}); it is asked again`
  return { ok: false, class: 'rate_limited', message, retryAfterMs: blockedPauseMs }
}

/** The file with the authority of the broker's certificate is of no use. */
export class AuthorityUnusable extends Error {
  override readonly name = 'AuthorityUnusable'
}

const untrusted = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
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

interface Reading {
  readonly matches: RegExp
  readonly class: ErrorClass
  readonly says: (endpoint: RabbitEndpoint) => string
}

/** What amqplib and OpenSSL say while a connection is opened, and what it means. */
const readings: readonly Reading[] = [
  {
    matches: /ACCESS.REFUSED/,
    class: 'auth',
    says: ({ username }) => `the broker refused the login of user ${JSON.stringify(username)}: check user and password`,
  },
  {
    // The broker closes the connection in answer to connection.open, and amqplib keeps the reason to itself.
    matches: /Expected ConnectionOpenOk; got <ConnectionClose/,
    class: 'auth',
    says: ({ vhost, username }) =>
      `the broker refused virtual host ${JSON.stringify(vhost)}: it is not there, user ${JSON.stringify(username)} ` +
      'has no access to it, or it has as many connections as it may',
  },
  {
    matches: /wrong version number|packet length too long|EPROTO/i,
    class: 'network',
    says: () => 'the port does not speak TLS: use amqp://, or the port for amqps (5671 by default)',
  },
  {
    matches: /maxFrameSize|Invalid frame|Expected ConnectionStart/i,
    class: 'network',
    says: () => 'what answers there does not speak AMQP 0-9-1: check host and port',
  },
  {
    matches: /Socket closed abruptly|ECONNRESET|socket hang up/i,
    class: 'network',
    says: ({ tls }) =>
      `the connection was closed while it was opened${tls ? '' : '; if the port expects TLS, use amqps://'}`,
  },
]

/**
 * There was no connection to be had. A certificate that is not trusted is `auth`: the broker was reached, who it is could
 * not be proven, and no time that passes will change that.
 */
export function ofOpening(error: unknown, endpoint: RabbitEndpoint): Failure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'GuardError') return { ok: false, class: 'guard', message: cause.message }
    if (cause instanceof AuthorityUnusable) return { ok: false, class: 'auth', message: cause.message }
  }
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
  const text = first instanceof Error ? first.message : String(first)
  const { code } = first as NodeJS.ErrnoException
  const fail = (kind: ErrorClass, words: string): Failure => ({
    ok: false,
    class: kind,
    message: `cannot connect to ${endpoint.name}: ${words}`,
  })
  if (code !== undefined && untrusted.has(code)) {
    const words = `its certificate is not trusted (${text.trim()}); name the authority that signed it by rabbitCa`
    return fail(
      'auth',
      code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? `its certificate is for another name: ${text}` : words,
    )
  }
  if (code === 'ETIMEDOUT') return fail('timeout', text)
  const reading = readings.find(({ matches }) => matches.test(text) || (code !== undefined && matches.test(code)))
  if (reading !== undefined) return fail(reading.class, reading.says(endpoint))
  return fail('network', code === undefined || text.includes(code) ? text : `${text} (${code})`)
}

function codeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'number' ? code : undefined
}

/** The broker's own words, without what amqplib puts around them. */
function saidBy(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error ?? 'closed')
  return /with message "(.*)"$/s.exec(text)?.[1] ?? text
}
