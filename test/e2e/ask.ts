// Real HTTP, by node:http: any method, any header, and a connection of one's own when wanted.

import { type Agent, request } from 'node:http'

export interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  readonly json: unknown
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: NodeJS.Dict<string | string[]>
  /** Anything but text and bytes goes as JSON. */
  readonly body?: unknown
  readonly agent?: Agent
}

export function ask(url: string, { method, headers = {}, body, agent }: AskOptions = {}): Promise<Reply> {
  const isJson = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)
  const bytes = isJson ? JSON.stringify(body) : (body as string | Buffer | undefined)
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(isJson ? { 'content-type': 'application/json' } : {}),
          ...(bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) }),
          ...headers,
        },
        ...(agent === undefined ? {} : { agent }),
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) })
        })
      },
    )
    call.on('error', reject)
    call.end(bytes)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
