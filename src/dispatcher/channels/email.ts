// E-mail over SMTP. https://nodemailer.com; RFC 5321, RFC 8314.

import { classOfError } from '../../delivery/http-answer.js'
import type { ChannelType, Outcome, Send, SendContext } from '../channel-type.js'
import { type Mail, maxBody, maxTitle, toMail, type Unsubscribe } from '../email/mail.js'
import { connectionKey } from '../email/mail-connections.js'
import { isForNobody, outcomeOfError, type SmtpError, shown, takenLater } from '../email/smtp-error.js'
import {
  authorityOf,
  dial,
  type MailServer,
  MailServerUnknown,
  mailServerOf,
  type SmtpConfig,
} from '../email/smtp-server.js'
import { compose, SmtpSession, type Taken, type Unsent } from '../email/smtp-session.js'

interface EmailConfig extends SmtpConfig {
  readonly to?: string
  readonly replyTo?: string
  readonly unsubscribe?: Unsubscribe
}

export const email: ChannelType<EmailConfig> = {
  type: 'email',
  title: 'E-mail',
  setup:
    'Give host, username and password of a mail server that takes mail on port 587 or 465, and from; or leave them out where the settings have smtp.',
  recipients: ({ to }) => (to === undefined ? ['email'] : 'channel'),
  limits: { title: maxTitle, body: maxBody, unit: 'codepoints' },
  send,
  check,
}

/** Where it is kept, by delivery, who has not got what others have got. */
const partly = 'mail/partly'

async function send({ message, recipient, override, deliveryId, ...context }: Send<EmailConfig>): Promise<Outcome> {
  const { config, now } = context
  const isPersonal = override.to === undefined && recipient.email !== undefined
  const { addresses } = context
  // Another attempt is for those alone who have not got it.
  const waiting = addresses.find(partly, deliveryId)
  const to = addressesIn(waiting ?? override.to ?? recipient.email ?? config.to ?? '')
  if (to.length === 0) return { ok: false, class: 'rejected', message: 'there is no address to send it to' }
  return withServer(context, isPersonal, async (server) => {
    const { replyTo, unsubscribe } = config
    const mail = toMail(message, {
      from: server.from,
      to,
      deliveryId,
      now: now(),
      ...(replyTo !== undefined && { replyTo }),
      ...(unsubscribe !== undefined && { unsubscribe }),
    })
    const { response, rejectedErrors = [] } = await post(context, server, mail).catch((error: SmtpError): Taken => {
      // The others have it, so that nothing is wrong with the channel.
      if (waiting === undefined || !isForNobody(error)) throw error
      return { response: '250 taken for the others', rejectedErrors: error.rejectedErrors ?? [error] }
    })
    const later = takenLater(rejectedErrors)
    if (later.length > 0) {
      addresses.learn(partly, deliveryId, later.join(', '))
      const error = Object.assign(new Error('partly refused'), {
        code: 'EENVELOPE',
        command: 'RCPT TO',
        rejectedErrors,
      })
      const { message, ...outcome } = outcomeOfError(error, { isPersonal })
      return { ...outcome, message: `not taken for ${later.join(', ')}, but for the others: ${message}` }
    }
    if (waiting !== undefined) addresses.forget(partly, deliveryId)
    return { ok: true, status: Number(response.slice(0, 3)) || 250, response: answered(response, rejectedErrors) }
  })
}

/** Over a connection that is there already, or else a new one. */
async function post(context: SendContext<EmailConfig>, server: MailServer, mail: Mail): Promise<Taken> {
  const { mail: connections } = context
  const composed = await compose(mail)
  const ca = await authorityOf(server)
  const key = connectionKey(server, ca)
  for (;;) {
    const kept = connections.take(key)
    const session = kept ?? (await opened(context, server, ca))
    const taken = await whileWanted(context.signal, session, () => session.send(composed)).catch(
      ({ error, untouched }: Unsent) => {
        if (kept !== undefined && untouched && !context.signal.aborted) return session.destroy()
        connections.mend(key, session)
        throw error
      },
    )
    // A server may end a session of before whenever it likes.
    if (taken === undefined) continue
    connections.keep(key, session)
    return taken
  }
}

async function check(context: SendContext<EmailConfig>): Promise<Outcome> {
  return withServer(context, false, async (server) => {
    const session = await opened(context, server, await authorityOf(server))
    session.quit()
    return { ok: true, response: 'the mail server is there, and takes the login' }
  })
}

/** It has gone to the others: to send it again would send it to them twice. */
function answered(response: string, refused: readonly SmtpError[]): string {
  const each = refused.map(({ message }) => `; refused: ${shown(message)}`)
  return shown(response) + each.join('')
}

function addressesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
}

async function withServer(
  { config, smtp, signal }: SendContext<EmailConfig>,
  isPersonal: boolean,
  act: (server: MailServer) => Promise<Outcome>,
): Promise<Outcome> {
  let server: MailServer | undefined
  try {
    server = mailServerOf(config, smtp)
    return await act(server)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof MailServerUnknown) return { ok: false, class: 'rejected', message: error.message }
    if (error instanceof Unreachable) return { ok: false, ...classOfError(error.cause) }
    return hidden(outcomeOfError(error as SmtpError, { isPersonal }), server?.password)
  }
}

/** There was no connection at all. */
class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** A new session. Rejects with `Unreachable` or an `SmtpError`. */
async function opened(
  { lookup, signal }: SendContext<EmailConfig>,
  server: MailServer,
  ca: string | undefined,
): Promise<SmtpSession> {
  const socket = await dial(server, { lookup, signal }).catch((cause: unknown) => {
    throw new Unreachable('the mail server was not reached', { cause })
  })
  const opening = { destroy: () => void socket.destroy() }
  return whileWanted(signal, opening, () => SmtpSession.open(server, ca, socket)).catch((error: unknown) => {
    socket.destroySoon()
    throw error
  })
}

/** What is under way ends with the attempt, whatever it is at. */
async function whileWanted<Result>(
  signal: AbortSignal,
  ended: { destroy(): void },
  act: () => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const abort = (): void => ended.destroy()
  signal.addEventListener('abort', abort)
  try {
    return await act()
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function hidden<Result extends Outcome & { readonly ok: false }>(
  outcome: Result,
  password: string | undefined,
): Result {
  if (password === undefined || password.length < 4) return outcome
  const hide = (text: string): string => text.replaceAll(password, '…')
  return {
    ...outcome,
    message: hide(outcome.message),
    ...(outcome.response !== undefined && { response: hide(outcome.response) }),
  }
}
