import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { createStatusApi, type StatusApi, type StatusApiOptions } from '../../src/status/api.js'
import { FakeController, noon } from './fake-views.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** For answers that do not end: reads until it says so. */
  readonly enough?: (text: string) => boolean
  /** Ends the request when it aborts. */
  readonly signal?: AbortSignal
}

export interface ControlPort {
  readonly controller: FakeController
  readonly api: StatusApi
  readonly port: number
  readonly logged: { fields: object; message: string }[]
  /** Sends exactly this path: nothing is normalised on the way. */
  ask(path: string, options?: Ask): Promise<Answer>
  /** A JSON POST with the operate token. */
  operate(path: string, body?: unknown): Promise<Answer>
}

export const tokens = { operate: 'operate-token' } as const

/** A control port over fake views, listening on a free port of loopback, or of `bind`. */
export async function openControlPort(
  options: Partial<StatusApiOptions> = {},
  controller = new FakeController(),
): Promise<ControlPort> {
  const logged: { fields: object; message: string }[] = []
  const api = createStatusApi({
    views: controller.views,
    operations: controller.operations,
    tokens,
    bind: '127.0.0.1',
    hosts: [],
    log: { debug: () => {}, error: (fields, message) => logged.push({ fields, message }) },
    now: () => new Date(noon),
    version: '1.2.3',
    ...options,
  })
  const { port } = await api.listen({ port: 0 })
  const host = (options.bind ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1')
  const ask = (path: string, { method = 'GET', headers = {}, body, enough, signal }: Ask = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const request = httpRequest(
        {
          host,
          port,
          path,
          method,
          headers: { ...length, ...headers },
          agent: false,
          ...(signal ? { signal } : {}),
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk)
            if (enough?.(Buffer.concat(chunks).toString('utf8'))) {
              finish()
              request.destroy()
            }
          })
          response.on('error', reject)
          response.on('end', finish)
          function finish() {
            const text = Buffer.concat(chunks).toString('utf8')
            const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== ''
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: isJson ? JSON.parse(text) : undefined,
            })
          }
        },
      )
      request.on('error', reject)
      request.end(body)
    })
  const operate = (path: string, body: unknown = {}) =>
    ask(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.operate}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { controller, api, port, logged, ask, operate }
}
