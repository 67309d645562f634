// E-mail over SMTP. https://nodemailer.com; RFC 5321, RFC 8314.

import type { Socket } from 'node:net'
import { classOfError } from '../../delivery/http-answer.js'
import type { ChannelType, Outcome, Send, SendContext } from '../channel-type.js'
import { maxBody, maxTitle, toMail, type Unsubscribe } from '../email/mail.js'
import { outcomeOfError, type SmtpError, shown } from '../email/smtp-error.js'
import {
  authorityOf,
  dial,
  type MailServer,
  MailServerUnknown,
  mailServerOf,
  type SmtpConfig,
  serverName,
} from '../email/smtp-server.js'

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

async function send({ message, recipient, override, deliveryId, ...context }: Send<EmailConfig>): Promise<Outcome> {
  const { config, now, signal } = context
  const isPersonal = override.to === undefined && recipient.email !== undefined
  const to = addressesIn(override.to ?? recipient.email ?? config.to ?? '')
  if (to.length === 0) return { ok: false, class: 'rejected', message: 'there is no address to send it to' }
  return withServer(context, isPersonal, async (transporter, { from }) => {
    const { replyTo, unsubscribe } = config
    const mail = toMail(message, {
      from,
      to,
      deliveryId,
      now: now(),
      ...(replyTo !== undefined && { replyTo }),
      ...(unsubscribe !== undefined && { unsubscribe }),
    })
    const info = await transporter.sendMail({ ...mail, to: [...mail.to], signal })
    const refused = (info.rejectedErrors ?? []) as readonly SmtpError[]
    return { ok: true, status: Number(info.response.slice(0, 3)) || 250, response: answered(info.response, refused) }
  })
}

async function check(context: SendContext<EmailConfig>): Promise<Outcome> {
  return withServer(context, false, async (transporter) => {
    await transporter.verify()
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

type Transporter = ReturnType<typeof import('nodemailer')['createTransport']>

async function withServer(
  { config, smtp, lookup, signal }: SendContext<EmailConfig>,
  isPersonal: boolean,
  act: (transporter: Transporter, server: MailServer) => Promise<Outcome>,
): Promise<Outcome> {
  let socket: Socket | undefined
  let server: MailServer | undefined
  // What is under way ends with the attempt, whatever nodemailer is at.
  const abort = (): void => void socket?.destroy()
  try {
    server = mailServerOf(config, smtp)
    const ca = await authorityOf(server)
    socket = await dial(server, { lookup, signal })
    signal.addEventListener('abort', abort)
    return await act(await transporterOf(server, socket, ca), server)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof MailServerUnknown) return { ok: false, class: 'rejected', message: error.message }
    if (socket === undefined) return { ok: false, ...classOfError(error) }
    return hidden(outcomeOfError(error as SmtpError, { isPersonal }), server?.password)
  } finally {
    signal.removeEventListener('abort', abort)
    socket?.destroySoon()
  }
}

/** The attempt's own time is the shorter one; these are for a server that says nothing at all. */
const silenceMs = 60_000

/** The first use takes a while to load it. */
async function transporterOf(server: MailServer, socket: Socket, ca: string | undefined): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  const { host, port, tls, username, password } = server
  const servername = serverName(host)
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' }, forceAuth: true }),
    tls: { minVersion: 'TLSv1.2', ...(servername !== undefined && { servername }), ...(ca !== undefined && { ca }) },
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    logger: false,
    debug: false,
    disableFileAccess: true,
    disableUrlAccess: true,
    // Only connections that the guard has let through: there is none of nodemailer's own.
    getSocket: (_options: unknown, callback: (error: Error | null, options: { connection: Socket }) => void) =>
      // What has ended already ends nothing that begins to listen now.
      callback(socket.destroyed ? hungUp() : null, { connection: socket }),
  } as Parameters<typeof createTransport>[0])
}

/** As nodemailer says it of a connection that ends later. */
function hungUp(): Error {
  return Object.assign(new Error('Connection closed unexpectedly'), { code: 'ECONNECTION' })
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
