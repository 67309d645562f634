// What a mail server's refusal, or its silence, means for a message. RFC 5321 4.2, RFC 3463, and the errors of nodemailer.

import { classOfError } from '../../delivery/http-answer.js'
import type { Outcome } from '../outcome.js'

type Failure = Extract<Outcome, { ok: false }>

/** Errors of nodemailer, as far as anything is known of them. */
export interface SmtpError extends Error {
  readonly code?: string
  /** Of the server: 250, 550. */
  readonly responseCode?: number
  readonly response?: string
  readonly command?: string
  /** Whom it is about, where it is about one address. */
  readonly recipient?: string
  /** One for each refused recipient, where all were. */
  readonly rejectedErrors?: readonly SmtpError[]
}

const maxRecordedLength = 500
/** What Node.js says of certificates that nobody it knows has signed. */
const untrusted = /self-signed certificate|unable to (?:get|verify)/

/**
 * `isPersonal`: the message is for one person, whose address may be wrong without anything being wrong with the channel.
 */
export function outcomeOfError(error: SmtpError, { isPersonal }: { readonly isPersonal: boolean }): Failure {
  const refusals = error.rejectedErrors ?? []
  // As long as one of several addresses may be taken later, it is worth another attempt.
  const cause = refusals.find(({ responseCode = 0 }) => isTemporary(responseCode)) ?? refusals[0] ?? error
  const { code = error.code, responseCode, response } = cause
  const judged = judge(code, responseCode, { command: error.command ?? '', response: response ?? '', isPersonal })
  if (judged === undefined) return { ok: false, ...classOfError(error) }
  const { message, ...rest } = judged
  const said = responseCode === undefined ? error.message : (response ?? String(responseCode))
  return {
    ok: false,
    message: `${message} (${shown(said)})${untrusted.test(said) ? '; name the authority that signed it by ca' : ''}`,
    ...rest,
    ...(responseCode !== undefined && { status: responseCode }),
    ...(response !== undefined && { response: shown(response) }),
  }
}

interface Circumstances {
  readonly command: string
  readonly response: string
  readonly isPersonal: boolean
}

type Judged = Pick<Failure, 'class' | 'message' | 'unusable'>

/** By the server's code first: those of nodemailer cover both what passes and what does not. */
function judge(code: string | undefined, status: number | undefined, about: Circumstances): Judged | undefined {
  const { command, isPersonal } = about
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
    case 'EOAUTH2':
      return status !== undefined && isTemporary(status)
        ? { class: 'server', message: 'the mail server cannot check the login now' }
        : { class: 'auth', message: 'the mail server refused the login', unusable: 'channel' }
    case 'ETLS':
    case 'EREQUIRETLS':
      if (status === undefined) return { class: 'network', message: 'TLS with the mail server failed' }
      return isTemporary(status)
        ? { class: 'server', message: 'the mail server cannot do TLS now' }
        : { class: 'gone', message: 'the mail server does no TLS, and nothing is sent without', unusable: 'channel' }
    case 'EENVELOPE':
      if (status === undefined) return { class: 'rejected', message: 'the addresses cannot be used' }
      if (isTemporary(status)) return { class: 'server', message: 'the mail server takes nothing for them now' }
      if (status === 530) return { class: 'auth', message: 'the mail server wants a login', unusable: 'channel' }
      if (!command.startsWith('RCPT')) return { class: 'rejected', message: 'the mail server refused the sender' }
      return isNobody(status, about.response)
        ? {
            class: 'gone',
            message: 'there is nobody at this address',
            unusable: isPersonal ? 'recipient' : 'channel',
          }
        : { class: 'rejected', message: 'the mail server refused the recipient' }
    case 'EMESSAGE':
      return status !== undefined && isTemporary(status)
        ? { class: 'server', message: 'the mail server cannot take the message now' }
        : { class: 'rejected', message: 'the mail server refused the message' }
    case 'ETIMEDOUT':
      return { class: 'timeout', message: 'the mail server did not answer' }
    case 'EDNS':
    case 'ESOCKET':
    case 'ECONNECTION':
    case 'ESTREAM':
      return status === undefined
        ? { class: 'network', message: 'the connection to the mail server broke' }
        : { class: 'server', message: 'the mail server takes no mail now' }
    case 'EPROTOCOL':
      return status === undefined
        ? { class: 'network', message: 'what answers is no mail server' }
        : { class: 'server', message: 'the mail server takes no mail now' }
    default:
      return undefined
  }
}

function isTemporary(status: number): boolean {
  return status >= 400 && status < 500
}

/** Addresses that may be taken later. */
export function takenLater(refusals: readonly SmtpError[]): readonly string[] {
  return refusals.flatMap(({ recipient, responseCode = 0 }) =>
    recipient !== undefined && isTemporary(responseCode) ? [recipient] : [],
  )
}

/** Nobody of those it was for will ever be reached; nothing else is wrong. */
export function isForNobody({ code, command = '', responseCode = 0, rejectedErrors = [] }: SmtpError): boolean {
  const codes = [responseCode, ...rejectedErrors.map((one) => one.responseCode ?? 0)]
  return code === 'EENVELOPE' && command.startsWith('RCPT') && codes.every((one) => one >= 500 && one !== 530)
}

/** Unknown, moved or misspelt; not: full, too large, or against a policy. */
function isNobody(status: number, response: string): boolean {
  const [, enhanced] = /^\d{3}[ -]+(5\.\d{1,3}\.\d{1,3})\b/.exec(response) ?? []
  if (enhanced !== undefined) return enhanced.startsWith('5.1.') || enhanced === '5.2.1'
  return status === 550 || status === 551 || status === 553
}

/** What was sent as a login may come back in the server's complaint about it. */
export function shown(text: string): string {
  return text
    .replace(/[A-Za-z0-9+/]{16,}={0,2}/g, '…')
    .replace(/\s+/g, ' ')
    .slice(0, maxRecordedLength)
}
