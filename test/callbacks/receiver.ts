import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { createGuard } from '../../src/network/guard.js'

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export type Answering = (request: Received, res: ServerResponse, req: IncomingMessage) => void

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly received: Received[]
}

/** Real servers on loopback, and a guard that lets them be dialled; closed after each test. */
export function receivers() {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  return {
    guard(allow: readonly string[] = ['127.0.0.1']) {
      const guard = createGuard({ allow, allowPrivate: false, connectTimeoutMs: 2000 })
      closing.push(() => guard.close())
      return guard
    },
    async open(answer: Answering = (_, res) => res.end('ok')): Promise<Receiver> {
      const received: Received[] = []
      const server = createServer((req, res) => {
        const chunks: Buffer[] = []
        req.on('data', (chunk: Buffer) => chunks.push(chunk))
        req.on('end', () => {
          const { method = '', url = '', headers, rawHeaders } = req
          const request = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) }
          received.push(request)
          answer(request, res, req)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      closing.push(
        () =>
          new Promise((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          }),
      )
      const { port } = server.address() as AddressInfo
      return { url: `http://127.0.0.1:${port}`, port, received }
    },
  }
}
