// The port: node:http or node:https with bounds on what a client may send and how slowly, and Koa around the answers.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ResolverOptions } from './parts.js'
import { keepTickShape } from './tick-shape.js'

export interface ServerParts {
  readonly options: ResolverOptions
  readonly handle: RequestListener
  /** Called for every connection whose bytes were no request. */
  readonly malformed: () => void
}

interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer
  readonly reason?: string
}

const keepAliveMs = 60_000
const headersTimeoutMs = 20_000
const requestTimeoutMs = 300_000
const checkEveryMs = 2_000

/** The resolver's port. Connections outlive their requests, and end with `close`. */
export class ResolverServer {
  readonly #server: Server
  readonly #limits: ResolverOptions['limits']
  readonly #connections = new Set<Socket>()
  #closing = false

  constructor({ options, handle, malformed }: ServerParts) {
    const { limits, tls } = options
    this.#limits = limits
    keepTickShape()
    const settings: ServerOptions = {
      // node:http counts the URL among the headers.
      maxHeaderSize: limits.headerBytes + limits.urlBytes,
      headersTimeout: limits.headersTimeoutMs ?? headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs ?? requestTimeoutMs,
      connectionsCheckingInterval: Math.min(checkEveryMs, limits.headersTimeoutMs ?? checkEveryMs),
      keepAliveTimeout: keepAliveMs,
      noDelay: true,
      // Refused where it can be said why.
      requireHostHeader: false,
    }
    this.#server = tls === undefined ? createServer(settings) : createTlsServer({ ...settings, ...tls })
    // Above its own bound node:http drops headers without a word; they are counted where one can be said.
    this.#server.maxHeadersCount = 0
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket)
      socket.once('close', () => this.#connections.delete(socket))
    })
    this.#server.on('request', handle)
    this.#server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
      // Without a "100 Continue" the client keeps a body to itself that would be refused.
      if (!(Number(req.headers['content-length'] ?? 0) > limits.bodyBytes)) res.writeContinue()
      handle(req, res)
    })
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      malformed()
      this.#explain(error, socket)
    })
    this.#server.on('request', (_req, res: ServerResponse) => {
      if (this.#closing) res.once('finish', () => setImmediate(() => this.#server.closeIdleConnections()))
    })
  }

  get isClosing(): boolean {
    return this.#closing
  }

  listen({ host, port }: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject)
        resolve({ port: (this.#server.address() as AddressInfo).port })
      })
    })
  }

  /** Takes no more connections, lets running requests finish for at most `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void> {
    if (!this.#server.listening) return Promise.resolve()
    this.#closing = true
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs)
      this.#server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      this.#server.closeIdleConnections()
      // Opened in advance, and never used: node:http does not take these for idle.
      for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy()
    })
  }

  /** What node:http could not read as a request is answered as far as it can be. */
  #explain(error: ClientError, socket: Duplex): void {
    const answering = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage
    if (!socket.writable || error.code === 'ECONNRESET' || error.code === 'EPIPE' || answering?.headersSent === true) {
      socket.destroy()
      return
    }
    const { status, detail } = this.#verdict(error)
    const title = STATUS_CODES[status] ?? ''
    const body = `${JSON.stringify({ type: 'about:blank', title, status, detail })}\n`
    const head = [
      `HTTP/1.1 ${status} ${title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  }

  #verdict({ code, message, reason, rawPacket }: ClientError) {
    const { headerBytes, urlBytes } = this.#limits
    if (code === 'HPE_HEADER_OVERFLOW') {
      const line = rawPacket?.subarray(0, urlBytes)
      const inUrl =
        line !== undefined &&
        line.length >= urlBytes &&
        /^[A-Z]+ /.test(line.toString('latin1', 0, 16)) &&
        !line.includes('\n')
      if (inUrl) return { status: 414, detail: `the URL is longer than ${urlBytes} bytes` }
      return { status: 431, detail: `the headers are longer than ${headerBytes} bytes` }
    }
    if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, detail: 'the request did not arrive in time' }
    return { status: 400, detail: `the request is malformed: ${reason ?? message}` }
  }
}
