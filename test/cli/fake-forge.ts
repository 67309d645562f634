// What GitHub and GitLab do with comments, on a port of its own.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ForgeComment {
  readonly id: number
  body: string
  readonly author: string
  readonly isBot: boolean
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
}

export class FakeForge {
  readonly comments: ForgeComment[] = []
  readonly asked: Asked[] = []
  /** Answers of the next calls, before anything is done. */
  readonly failures: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[] = []
  /** Tokens of jobs may not ask who they are. */
  isUserKnown = false
  /** Something between here and there fails: what is posted may have arrived or not. */
  isPostFailing = false
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  add(body: string, author: string, isBot = false): ForgeComment {
    const comment = { id: 1000 + this.comments.length, body, author, isBot }
    this.comments.push(comment)
    return comment
  }

  /** Those that a job has written. */
  own(): string[] {
    return this.comments.filter(({ author }) => author === 'job').map(({ body }) => body)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://forge')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const { method = '', headers } = request
    const token = headers.authorization?.replace(/^Bearer /, '') ?? (headers['private-token'] as string | undefined)
    this.asked.push({ method, path: url.pathname, token })
    const send = (status: number, body: unknown, more = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body))
    }
    const failure = this.failures.shift()
    if (failure !== undefined) return send(failure.status, { message: 'not now' }, failure.headers)
    if (this.isPostFailing && method === 'POST') return send(502, { message: 'Bad Gateway' })
    if (token !== 'secret-token') return send(401, { message: 'Bad credentials' })
    const sent = text === '' ? {} : (JSON.parse(text) as { readonly body?: string })
    for (const { on, path, act } of this.#routes) {
      const found = path.exec(url.pathname)
      if (on === method && found !== null) return act(send, { id: Number(found[1]), body: sent.body ?? '', url })
    }
    send(404, { message: 'Not Found' })
  }

  readonly #routes: readonly {
    readonly on: string
    readonly path: RegExp
    readonly act: (
      send: (status: number, body: unknown) => void,
      given: { readonly id: number; readonly body: string; readonly url: URL },
    ) => void
  }[] = [
    {
      on: 'GET',
      path: /^(?:\/api\/v4)?\/user$/,
      act: (send, { url }) => {
        if (url.pathname.startsWith('/api/v4') || this.isUserKnown) send(200, { id: 1, login: 'job' })
        else send(403, { message: 'Resource not accessible by integration' })
      },
    },
    {
      on: 'GET',
      path: /^\/repos\/team\/mocks\/issues\/7\/comments$/,
      act: (send, { url }) => send(200, this.#page(url)),
    },
    {
      on: 'GET',
      path: /^\/api\/v4\/projects\/42\/merge_requests\/7\/notes$/,
      act: (send, { url }) => send(200, this.#page(url)),
    },
    {
      on: 'POST',
      path: /^\/repos\/team\/mocks\/issues\/7\/comments$/,
      act: (send, { body }) => send(201, shown(this.add(body, 'job', true))),
    },
    {
      on: 'POST',
      path: /^\/api\/v4\/projects\/42\/merge_requests\/7\/notes$/,
      act: (send, { body }) => send(201, shown(this.add(body, 'job'))),
    },
    {
      on: 'PATCH',
      path: /^\/repos\/team\/mocks\/issues\/comments\/(\d+)$/,
      act: (send, given) => this.#edit(send, given),
    },
    {
      on: 'PUT',
      path: /^\/api\/v4\/projects\/42\/merge_requests\/7\/notes\/(\d+)$/,
      act: (send, given) => this.#edit(send, given),
    },
  ]

  #page(url: URL): unknown[] {
    const [size, page] = [Number(url.searchParams.get('per_page')), Number(url.searchParams.get('page'))]
    return this.comments.slice((page - 1) * size, page * size).map(shown)
  }

  #edit(
    send: (status: number, body: unknown) => void,
    { id, body }: { readonly id: number; readonly body: string },
  ): void {
    const comment = this.comments.find((one) => one.id === id)
    if (comment === undefined) send(404, { message: 'Not Found' })
    else {
      comment.body = body
      send(200, shown(comment))
    }
  }
}

function shown({ id, body, author, isBot }: ForgeComment): object {
  return {
    id,
    body,
    html_url: `https://forge.test/comments/${id}`,
    user: { login: author, type: isBot ? 'Bot' : 'User' },
    author: { id: author === 'job' ? 1 : 2 },
  }
}
