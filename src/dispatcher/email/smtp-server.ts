// Which mail server a channel speaks to, how, and the connection to it.

import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Guard } from '../../network/guard.js'

export type MailTls = 'starttls' | 'implicit' | 'none'

/** `smtp` of the settings: the mail server of channels that name none. */
export interface SmtpDefaults {
  readonly host?: string
  readonly port?: number
  readonly tls?: 'starttls' | 'implicit' | 'none'
  readonly ca?: string
  readonly username?: string
  readonly password?: string
  readonly from?: string
}

/** As declared on a channel; what is not said there the settings say. */
export interface SmtpConfig {
  readonly host?: string
  readonly port?: number
  readonly tls?: MailTls
  readonly ca?: string
  readonly username?: string
  readonly password?: string
  readonly from?: string
}

export interface MailServer {
  readonly host: string
  readonly port: number
  readonly tls: MailTls
  readonly ca: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly from: string
}

/** It cannot be known where to send it; the message says what to declare. */
export class MailServerUnknown extends Error {
  override readonly name = 'MailServerUnknown'
}

/** The settings' login goes to the settings' server and to no other. */
export function mailServerOf(config: SmtpConfig, defaults: SmtpDefaults = {}): MailServer {
  const usual: SmtpConfig = config.host === undefined ? defaults : {}
  const host = config.host ?? usual.host
  if (host === undefined) {
    throw new MailServerUnknown('there is no mail server: declare config.host, or smtp.host in the settings')
  }
  const from = config.from ?? defaults.from
  if (from === undefined) {
    throw new MailServerUnknown('there is no sender: declare config.from, or smtp.from in the settings')
  }
  const asked = config.tls ?? usual.tls
  const port = config.port ?? usual.port ?? (asked === 'implicit' ? 465 : 587)
  const server = {
    host,
    port,
    tls: asked ?? (port === 465 ? 'implicit' : 'starttls'),
    ca: config.ca ?? usual.ca,
    ...loginOf(config.username === undefined ? usual : config),
    from,
  }
  if (server.tls === 'none' && server.password !== undefined) {
    throw new MailServerUnknown('a password does not go out in clear text: use tls: starttls, or no password')
  }
  return server
}

function loginOf({ username, password }: SmtpConfig): Pick<MailServer, 'username' | 'password'> {
  return { username, password }
}

/** Certificates of the authority; throws `MailServerUnknown` when the file is none. */
export async function authorityOf({ ca: file }: Pick<MailServer, 'ca'>): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    const ca = await readFile(file, 'utf8')
    if (!ca.includes('-----BEGIN')) throw new Error('it holds no certificate')
    createSecureContext({ ca })
    return ca
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new MailServerUnknown(`the file ${file}, named by ca, cannot be used: ${code ?? message}`)
  }
}

/** The name that the certificate has to have; addresses are no names. */
export function serverName(host: string): string | undefined {
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) === 0 ? host : undefined
}

/** A connection to an address that the guard has checked. Rejects with a `GuardError`, a system error, or the abort. */
export function dial(
  { host, port }: Pick<MailServer, 'host' | 'port'>,
  { lookup, signal }: { readonly lookup: Guard['lookup']; readonly signal: AbortSignal },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const name = host.replace(/^\[(.*)\]$/, '$1')
    const socket = connect({ host: name, port, lookup: lookup(name, port), autoSelectFamily: true, keepAlive: true })
    const settle = (): void => {
      signal.removeEventListener('abort', abort)
      socket.off('error', fail)
    }
    const fail = (error: Error): void => {
      settle()
      socket.destroy()
      reject(error)
    }
    const abort = (): void => fail(signal.reason as Error)
    signal.addEventListener('abort', abort)
    socket.once('error', fail)
    socket.once('connect', () => {
      settle()
      // Until whoever takes it over listens.
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}
