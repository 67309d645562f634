// Mail servers on loopback: a real one, and one that says what it is told to say.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type Certificates, makeCertificates } from '../../../services/certificates.js'

export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string | undefined
  readonly secure: boolean
  readonly raw: string
  readonly servername: string | undefined
}

/** What a scripted server answers to commands that begin so; the longest beginning counts. `null`: hangs up. */
export type Script = Readonly<Record<string, string | null>>

export function mailServers() {
  let folder = ''
  let certificates: Certificates | undefined
  const closing: (() => Promise<void>)[] = []
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'callboard-smtp-'))
    certificates = makeCertificates(folder)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  const listen = async (server: Server | SMTPServer): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    const inner = 'server' in server ? server.server : server
    return (inner.address() as AddressInfo).port
  }
  return {
    get caFile(): string {
      return certificates?.caFile ?? ''
    },
    /** `login`: the only one that is taken; without it no login is offered. */
    async open(options: SMTPServerOptions & { readonly login?: readonly [user: string, password: string] } = {}) {
      const { login, ...rest } = options
      const taken: TakenMail[] = []
      const server = new SMTPServer({
        closeTimeout: 20,
        key: readFileSync(certificates?.keyFile ?? ''),
        cert: readFileSync(certificates?.certificateFile ?? ''),
        ...(login === undefined ? { disabledCommands: ['AUTH'] } : {}),
        onAuth: ({ username, password }, _session, callback) => {
          if (username === login?.[0] && password === login?.[1]) callback(null, { user: username })
          else callback(Object.assign(new Error(`5.7.8 no such login as ${password}`), { responseCode: 535 }))
        },
        onData: (stream, session, callback) => {
          const chunks: Buffer[] = []
          stream.on('data', (chunk: Buffer) => chunks.push(chunk))
          stream.on('end', () => {
            const { mailFrom, rcptTo } = session.envelope
            taken.push({
              from: mailFrom === false ? '' : mailFrom.address,
              to: rcptTo.map(({ address }) => address),
              user: session.user,
              secure: session.secure,
              raw: Buffer.concat(chunks).toString('utf8'),
              servername: (session as { servername?: string }).servername,
            })
            callback(null, '2.0.0 queued as 42')
          })
        },
        ...rest,
      })
      server.on('error', () => {})
      const port = await listen(server)
      closing.push(() => new Promise((resolve) => server.close(() => resolve())))
      return { port, taken }
    },
    /** Speaks SMTP without TLS by a script; says `250 ok` to everything else. */
    async scripted(script: Script = {}) {
      const lines: string[] = []
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => {}).on('close', () => sockets.delete(socket))
        converse(socket, script, lines)
      })
      const port = await listen(server)
      closing.push(
        () =>
          new Promise((resolve) => {
            server.close(() => resolve())
            for (const socket of sockets) socket.destroy()
          }),
      )
      return { port, lines }
    },
  }
}

const usual: Script = {
  greeting: '220 scripted ready',
  EHLO: '250-scripted\r\n250 8BITMIME',
  DATA: '354 go on',
  '.': '250 2.0.0 queued',
  QUIT: '221 bye',
}

function converse(socket: Socket, script: Script, lines: string[]): void {
  const say = (key: string): void => {
    const all: Script = { ...usual, ...script }
    const found = Object.keys(all)
      .filter((start) => key.startsWith(start))
      .sort((a, b) => b.length - a.length)[0]
    const answer = found === undefined ? '250 ok' : (all[found] ?? null)
    if (answer === null) socket.destroy()
    else if (answer !== '') socket.write(`${answer}\r\n`)
  }
  let isData = false
  let rest = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const received = (rest + chunk).split('\r\n')
    rest = received.pop() ?? ''
    for (const line of received) {
      lines.push(line)
      if (isData && line !== '.') continue
      isData = !isData && line === 'DATA' && (script.DATA ?? '354').startsWith('3')
      say(line)
      // What follows is TLS, which it does not speak.
      if (line === 'STARTTLS' && script.STARTTLS?.startsWith('220'))
        socket.removeAllListeners('data').once('data', () => socket.destroy())
    }
  })
  say('greeting')
}
