// One conversation with a mail server: opened, logged in, and good for one message after the other.

import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Mail } from './mail.js'
import type { SmtpError } from './smtp-error.js'
import { type MailServer, serverName } from './smtp-server.js'

type Connection = InstanceType<typeof import('nodemailer/lib/smtp-connection')['default']>

/** A mail as it goes out, as often as it has to. */
export interface ComposedMail {
  readonly envelope: { readonly from: string | false; readonly to: readonly string[] }
  stream(): Readable
}

export interface Taken {
  /** What the server said last. */
  readonly response: string
  /** Of addresses that were refused while others were taken. */
  readonly rejectedErrors?: readonly SmtpError[]
}

/** A message was not sent. `untouched`: the server has seen nothing of it that another session could repeat. */
export interface Unsent {
  readonly error: SmtpError
  readonly untouched: boolean
}

/** The attempt's own time is the shorter one; this is for a server that says nothing at all. */
const silenceMs = 60_000

export class SmtpSession {
  readonly #connection: Connection
  readonly #socket: Socket
  #fail: (error: SmtpError) => void = () => {}
  #onEnd = (): void => {}
  #isOver = false
  /** Messages that were taken or refused. */
  #count = 0

  private constructor(connection: Connection, socket: Socket) {
    this.#connection = connection
    this.#socket = socket
    // What nobody waits for is no error: the server ends what is idle.
    connection.on('error', (error: SmtpError) => this.#fail(error))
    connection.once('end', () => this.#over())
    socket.once('close', () => this.#over())
  }

  /** Over a connection to an address that the guard has checked. Rejects with an `SmtpError`; the socket is then of no use. */
  static async open(server: MailServer, ca: string | undefined, socket: Socket): Promise<SmtpSession> {
    const { host, port, tls, username, password } = server
    // The first use takes a while to load it.
    const { default: SmtpConnection } = await import('nodemailer/lib/smtp-connection')
    // What has ended already ends nothing that begins to listen now.
    if (socket.destroyed) throw hungUp()
    const name = serverName(host)
    const connection = new SmtpConnection({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      tls: {
        minVersion: 'TLSv1.2',
        ...(name !== undefined && { servername: name }),
        ...(ca !== undefined && { ca }),
      },
      connectionTimeout: silenceMs,
      greetingTimeout: silenceMs,
      socketTimeout: silenceMs,
      logger: false,
      debug: false,
      connection: socket,
    })
    const session = new SmtpSession(connection, socket)
    await session.#wait<void>((done) => connection.connect(done))
    if (username !== undefined) {
      const credentials = { user: username, pass: password ?? '' }
      await session.#wait<unknown>((done) => connection.login({ ...credentials, credentials }, done))
    }
    return session
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get count(): number {
    return this.#count
  }

  /** Rejects with `Unsent`. A session that is not over after that is good for others once it was reset. */
  async send({ envelope, stream }: ComposedMail): Promise<Taken> {
    const message = stream()
    this.#count += 1
    try {
      return await this.#wait<Taken>((done) => {
        const { from, to } = envelope
        this.#connection.send({ from, to: [...to] }, message, done as never)
      })
    } catch (thrown) {
      const error = thrown as SmtpError
      if (!isOfMessage(error)) this.destroy()
      const { responseCode, command = '' } = error
      const isOfSession = responseCode === undefined ? !isOfMessage(error) : responseCode === 421
      const untouched = !message.readableDidRead && (isOfSession || command.startsWith('MAIL'))
      message.destroy()
      throw { error, untouched } satisfies Unsent
    }
  }

  /** Makes it as it was before the last message; false when it is of no use any more. */
  async reset(): Promise<boolean> {
    try {
      await this.#wait<unknown>((done) => this.#connection.reset(done as never))
      return !this.#isOver
    } catch {
      this.destroy()
      return false
    }
  }

  /** Calls `work` once the server has ended it, or the connection has broken. */
  onEnd(work: () => void): void {
    this.#onEnd = work
  }

  /** Says goodbye, and waits for nothing. */
  quit(): void {
    if (this.#isOver) return
    this.#socket.unref()
    this.#connection.quit()
  }

  destroy(): void {
    this.#socket.destroy()
    this.#connection.close()
    this.#over()
  }

  /** Settles with what comes first: the answer, an error, or the end. */
  #wait<Answer>(act: (done: (error?: unknown, answer?: Answer) => void) => void): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#isOver) return reject(hungUp())
      this.#fail = reject
      act((error, answer) => {
        if (error) reject(error)
        else resolve(answer as Answer)
      })
    }).finally(() => {
      this.#fail = () => {}
    })
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    // What has been said of it before says more.
    setImmediate(() => this.#fail(hungUp()))
    this.#onEnd()
  }
}

/** The server is there still, and refuses this message alone. */
function isOfMessage({ code, responseCode }: SmtpError): boolean {
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== 421
}

/** As nodemailer says it of a connection that ends later. */
function hungUp(): SmtpError {
  return Object.assign(new Error('Connection closed unexpectedly'), { code: 'ECONNECTION' })
}

/** Rejects for addresses and texts that no mail can be made of. */
export async function compose({ to, ...mail }: Mail): Promise<ComposedMail> {
  const { createTransport } = await import('nodemailer')
  const transporter = createTransport({
    name: 'callboard',
    version: '1',
    send: ({ message }, done) => done(null, { message } as never),
  })
  const { message } = (await transporter.sendMail({ ...mail, to: [...to] })) as unknown as {
    readonly message: { getEnvelope(): ComposedMail['envelope']; createReadStream(): Readable }
  }
  return { envelope: message.getEnvelope(), stream: () => message.createReadStream() }
}
