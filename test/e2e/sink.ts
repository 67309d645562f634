// A receiver of callbacks on loopback, that remembers what came.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { eventually } from './eventually.js'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: unknown
  readonly at: number
}

/** How one request is answered: with a status, or by whatever is done to the response. */
export type Behaviour = (received: Received, res: ServerResponse) => number | undefined

export class Sink {
  readonly received: Received[] = []
  readonly url: string
  /** `host:port`, for `network.allow`. */
  readonly address: string

  private constructor(port: number) {
    this.address = `127.0.0.1:${port}`
    this.url = `http://${this.address}`
  }

  /** Answers 200 unless told otherwise; until the test ends. */
  static async start(behaviour: Behaviour = () => 200): Promise<Sink> {
    let sink: Sink | undefined
    const server = createServer(async (req, res) => {
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      const { method = '', url: path = '', headers } = req
      const received = { method, path, headers, text, json: parsed(text), at: performance.now() }
      sink?.received.push(received)
      const status = behaviour(received, res)
      if (status !== undefined) res.writeHead(status).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    sink = new Sink((server.address() as AddressInfo).port)
    return sink
  }

  /** What came to `path`, once there are `count`. */
  async at(path: string, count = 1): Promise<Received[]> {
    const found = () => this.received.filter((one) => one.path === path)
    return eventually(`${count} callbacks at ${path}`, () => found().length >= count && found(), {
      found: () => this.received.map(({ method, path: where }) => `${method} ${where}`),
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
