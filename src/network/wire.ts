// Plain HTTP/1.1, one request after the other on connections that are kept. Undici does all that is needed as well, and
// takes twice the time for it: of a callback, sending it is the most.

import type { Socket } from 'node:net'
import { AnswerReader } from './answer-reader.js'

/** What goes over the wire. */
export interface WireRequest {
  readonly method: string
  /** Of scheme http. */
  readonly url: URL
  /** Of the URL: name and port. */
  readonly host: string
  /** Path and query. */
  readonly path: string
  /** Names and values in turn. Those about the connection and the body's length are not for the caller to say. */
  readonly headers: readonly string[]
  readonly body: Buffer | string | null
}

/** Told once of either. */
export interface WireListener {
  answered(answer: AnswerReader): void
  failed(error: Error): void
}

/** Opens a connection that may be written to. */
export type Dial = (url: URL, connected: (error: Error | null, socket: Socket | null) => void) => void

export interface WireOptions {
  readonly dial: Dial
  /** Milliseconds that only rise. */
  readonly now: () => number
}

/** A request that can never be sent as it is. */
export class UnsendableRequest extends Error {
  override readonly name = 'UnsendableRequest'
  readonly code = 'UND_ERR_INVALID_ARG'
}

/** An idle connection is kept for this long; the other side may say how long it keeps it, and is believed less a bit. */
const keepMs = 4000
const keepLessMs = 2000
const maxKeepMs = 600_000
const sweepMs = 1000

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be sent.
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
const requestPath = /^\/[\x21-\x7e]*$/
/** Between two connections, not between the ends. */
const forbidden = new Set(['transfer-encoding', 'content-length', 'keep-alive', 'upgrade', 'expect'])
/** Methods that say a length although there is no body: RFC 9110 8.6. */
const bodied = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

export class Wire {
  readonly #options: WireOptions
  /** By host and port; the one used last at the end. */
  readonly #idle = new Map<string, Connection[]>()
  readonly #all = new Set<Connection>()
  #sweeping: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: WireOptions) {
    this.#options = options
  }

  /**
   * Sends a request, and reads `maxBody` bytes of the answer's body. The function that is returned calls it off, and the
   * listener hears no more. Throws `UnsendableRequest`.
   */
  send(request: WireRequest, maxBody: number, listener: WireListener): () => void {
    const head = headOf(request)
    const { host } = request
    const known = this.#take(host)
    if (known !== undefined) {
      known.send(request, head, maxBody, listener)
      return () => known.abort(listener)
    }
    let connection: Connection | undefined
    let isOff = false
    this.#options.dial(request.url, (error, socket) => {
      if (isOff || this.#closed || socket === null) {
        socket?.destroy()
        if (!isOff) listener.failed(error ?? new Error('nothing more is sent'))
        return
      }
      connection = new Connection(socket, host, this)
      this.#all.add(connection)
      connection.send(request, head, maxBody, listener)
    })
    return () => {
      isOff = true
      connection?.abort(listener)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#sweeping)
    for (const connection of this.#all) connection.destroy(new Error('nothing more is sent'))
  }

  /** A connection is free, for `seconds` if the other side said so. */
  free(connection: Connection, seconds: number | undefined): void {
    const ms = seconds === undefined ? keepMs : Math.min(seconds * 1000 - keepLessMs, maxKeepMs)
    if (this.#closed || ms <= 0) {
      connection.destroy()
      return
    }
    connection.until = this.#options.now() + ms
    const others = this.#idle.get(connection.host)
    if (others === undefined) this.#idle.set(connection.host, [connection])
    else others.push(connection)
    this.#sweepLater()
  }

  /** A connection is gone. */
  forget(connection: Connection): void {
    this.#all.delete(connection)
    const others = this.#idle.get(connection.host)
    const at = others?.indexOf(connection) ?? -1
    if (at !== -1) others?.splice(at, 1)
  }

  #take(host: string): Connection | undefined {
    const idle = this.#idle.get(host)
    const now = idle === undefined || idle.length === 0 ? 0 : this.#options.now()
    for (let connection = idle?.pop(); connection !== undefined; connection = idle?.pop()) {
      if (connection.until > now) return connection
      connection.destroy()
    }
    return undefined
  }

  #sweepLater(): void {
    if (this.#sweeping !== undefined) return
    this.#sweeping = setTimeout(() => {
      this.#sweeping = undefined
      this.#sweep()
    }, sweepMs)
    this.#sweeping.unref()
  }

  #sweep(): void {
    const now = this.#options.now()
    for (const [host, connections] of this.#idle) {
      for (const connection of [...connections]) if (connection.until <= now) connection.destroy()
      if (connections.length === 0) this.#idle.delete(host)
    }
    if (this.#idle.size > 0) this.#sweepLater()
  }
}

class Connection {
  readonly host: string
  /** While it is idle: when it is to be closed. */
  until = 0
  readonly #socket: Socket
  readonly #wire: Wire
  #listener: WireListener | undefined
  #reader: AnswerReader | undefined
  /** The request asks for the connection to be closed. */
  #isLast = false

  constructor(socket: Socket, host: string, wire: Wire) {
    this.#socket = socket
    this.host = host
    this.#wire = wire
    socket.on('data', (piece: Buffer) => this.#read(piece))
    socket.on('end', () => this.#ended())
    socket.on('error', (error: Error) => this.#fail(error))
    socket.on('close', () => this.#fail(cut()))
  }

  send({ method, body }: WireRequest, { text: head, isLast }: Head, maxBody: number, listener: WireListener): void {
    this.#listener = listener
    this.#reader = new AnswerReader(method, maxBody)
    this.#isLast = isLast
    if (body === null || body.length === 0) this.#socket.write(head, 'latin1')
    else if (typeof body === 'string' && Buffer.byteLength(body) === body.length) {
      this.#socket.write(head + body, 'latin1')
    } else {
      this.#socket.cork()
      this.#socket.write(head, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    }
  }

  abort(listener: WireListener): void {
    if (this.#listener !== listener) return
    this.#listener = undefined
    this.destroy()
  }

  destroy(error?: Error): void {
    this.#wire.forget(this)
    this.#socket.destroy()
    if (error !== undefined) this.#fail(error)
  }

  #read(piece: Buffer): void {
    const reader = this.#reader
    // Nobody asked.
    if (reader === undefined) {
      this.destroy()
      return
    }
    let isComplete: boolean
    try {
      isComplete = reader.read(piece)
    } catch (error) {
      this.#fail(error as Error)
      return
    }
    if (isComplete) this.#complete(reader)
  }

  #ended(): void {
    if (this.#reader?.end() === true) this.#complete(this.#reader)
    else this.#fail(cut())
  }

  #complete(reader: AnswerReader): void {
    const listener = this.#listener
    this.#listener = undefined
    this.#reader = undefined
    // An answer may come before all of the request has gone.
    if (reader.isReusable && !this.#isLast && this.#socket.writableLength === 0) {
      this.#wire.free(this, reader.keepAliveSeconds)
    } else this.destroy()
    listener?.answered(reader)
  }

  #fail(error: Error): void {
    const listener = this.#listener
    this.#listener = undefined
    this.#reader = undefined
    this.destroy()
    listener?.failed(error)
  }
}

interface Head {
  readonly text: string
  /** It asks for the connection to be closed. */
  readonly isLast: boolean
}

function headOf({ method, host, path, headers, body }: WireRequest): Head {
  if (!token.test(method)) throw new UnsendableRequest(`${JSON.stringify(method)} is no method`)
  if (!requestPath.test(path)) throw new UnsendableRequest(`${JSON.stringify(path)} is no path`)
  let fields = ''
  let hasHost = false
  let isLast = false
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string
    const value = headers[index + 1] as string
    if (!token.test(name)) throw new UnsendableRequest(`${JSON.stringify(name)} is no name of a header`)
    if (!fieldValue.test(value)) throw new UnsendableRequest(`the header ${name} has a value that cannot be sent`)
    const lower = name.toLowerCase()
    if (forbidden.has(lower)) throw new UnsendableRequest(`the header ${name} cannot be sent`)
    if (lower === 'host') {
      if (hasHost) throw new UnsendableRequest('the header host is there twice')
      hasHost = true
    } else if (lower === 'connection') {
      if (!/^(?:close|keep-alive)$/i.test(value)) throw new UnsendableRequest('the header connection cannot be sent')
      isLast ||= value.toLowerCase() === 'close'
      continue
    }
    fields += `${name}: ${value}\r\n`
  }
  const named = hasHost ? '' : `host: ${host}\r\n`
  const connection = isLast ? 'close' : 'keep-alive'
  const bytes = body === null ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.length
  const length = bytes > 0 || bodied.has(method) ? `content-length: ${bytes}\r\n` : ''
  return { text: `${method} ${path} HTTP/1.1\r\n${named}connection: ${connection}\r\n${fields}${length}\r\n`, isLast }
}

function cut(): Error {
  return Object.assign(new Error('the other side closed the connection before it had answered'), {
    code: 'UND_ERR_SOCKET',
  })
}
