// git http-backend behind a small HTTP server, as forges have it, with the troubles that servers have.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Certificates } from '../../services/certificates.js'
import type { Repository } from './repository.js'

type Trouble = (request: IncomingMessage, response: ServerResponse) => boolean

export interface HttpOptions {
  /** The whole `Authorization` that is asked for. */
  readonly authorization?: string
  readonly tls?: Certificates
  readonly port?: number
}

export class HttpGitServer {
  readonly requests: { readonly url: string; readonly authorization: string | undefined }[] = []
  /** Asked first; true when it has taken the request. */
  trouble: Trouble | undefined
  /** Ends an answer of `git-upload-pack` after so many bytes. */
  cutAfter: number | undefined
  authorization: string | undefined
  readonly #repository: Repository
  readonly #server: Server
  readonly #scheme: string

  private constructor(repository: Repository, { authorization, tls }: HttpOptions) {
    this.#repository = repository
    this.authorization = authorization
    const listener = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response)
    this.#scheme = tls === undefined ? 'http' : 'https'
    this.#server =
      tls === undefined
        ? createServer(listener)
        : createTlsServer({ cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) }, listener)
  }

  /** Until the end of the test. */
  static async start(repository: Repository, options: HttpOptions = {}): Promise<HttpGitServer> {
    const server = new HttpGitServer(repository, options)
    await server.listen(options.port ?? 0)
    onTestFinished(() => server.stop())
    return server
  }

  async listen(port: number): Promise<void> {
    await once(this.#server.listen(port, '127.0.0.1'), 'listening')
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}/config.git`
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', headers } = request
    this.requests.push({ url, authorization: headers.authorization })
    if (this.trouble?.(request, response)) return
    if (this.authorization !== undefined && headers.authorization !== this.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no')
      return
    }
    this.#runBackend(request, response)
  }

  /** CGI: RFC 3875. */
  #runBackend(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_PROJECT_ROOT: this.#repository.root,
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method,
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: 'ann',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    backend.stdin.on('error', () => {})
    request.pipe(backend.stdin)
    response.on('close', () => backend.kill())
    let head: Buffer | undefined = Buffer.alloc(0)
    let sent = 0
    const send = (body: Buffer): void => {
      const left = this.cutAfter === undefined || !pathname.endsWith('upload-pack') ? body.length : this.cutAfter - sent
      sent += body.length
      if (body.length > left) response.write(body.subarray(0, Math.max(0, left)), () => response.destroy())
      else response.write(body)
    }
    backend.stdout.on('data', (chunk: Buffer) => {
      if (head === undefined) return send(chunk)
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      const lines = head.toString('latin1', 0, end).split('\r\n')
      for (const line of lines) {
        const [name = '', value = ''] = line.split(/: (.*)/s)
        if (name === 'Status') response.statusCode = Number(value.slice(0, 3))
        else response.setHeader(name, value)
      }
      const rest = head.subarray(end + 4)
      head = undefined
      if (rest.length > 0) send(rest)
    })
    backend.on('close', () => response.end())
  }
}
