import type { IncomingHttpHeaders } from 'node:http'
import { createLocalCalls, type LocalCalls } from '../local-calls.js'
import { HttpProblem } from '../problem-details.js'
import type { Route } from '../route.js'
import type { Authorize } from '../tokens.js'

/** One message of the Model Context Protocol, as it came. */
export interface ToolsMessage {
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

export interface ToolsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Answers a message. What tools do is done by `calls`, on behalf of whoever has asked. */
export type AnswerTools = (message: ToolsMessage, calls: LocalCalls, signal: AbortSignal) => Promise<ToolsAnswer>

const path = '/mcp'
const maxBytes = 2 * 1024 * 1024

export interface McpParts {
  readonly authorize: Authorize
  /** Whether a page of this origin may ask. */
  readonly mayAskFrom: (origin: string) => boolean
  readonly now: () => Date
  /** Absent: there is no such route. */
  readonly answerTools?: AnswerTools
}

/**
 * Tools for agents by streamable HTTP, without sessions: each message stands for itself, so that nothing of one agent is
 * left for another. Listing needs what reading needs; what a tool does needs what the same call by hand needs.
 */
export function mcpRoutes({ authorize, mayAskFrom, now, answerTools }: McpParts, all: () => readonly Route[]): Route[] {
  if (answerTools === undefined) return []
  return [
    {
      method: 'POST',
      path,
      id: 'mcp',
      summary: 'Tools for agents: Model Context Protocol, streamable HTTP without sessions',
      access: 'read',
      parameters: [],
      rawBody: { types: { 'application/json': { description: 'A message of JSON-RPC 2.0' } }, maxBytes },
      schema: 'McpMessage',
      errors: [403, 406],
      handle: async ({ raw, address, authorization, signal }) => {
        if (raw === undefined) throw new HttpProblem(400, 'bad-request', 'there is no message')
        const { origin } = raw.headers
        // Of a page in a browser: the Host header alone does not tell which page it is.
        if (origin !== undefined && !mayAskFrom(origin)) {
          throw new HttpProblem(403, 'foreign-origin', 'pages of other origins may not use these tools')
        }
        const calls = createLocalCalls(
          { routes: all(), authorize, now },
          { address, authorization, via: 'mcp', signal },
        )
        const { accept } = raw.headers
        if (accept !== undefined && !/application\/(json|\*)|\*\/\*/.test(accept)) {
          throw new HttpProblem(406, 'not-acceptable', 'answers are application/json; say so in Accept')
        }
        const { status, headers, text } = await answerTools({ headers: raw.headers, bytes: raw.bytes }, calls, signal)
        if (status >= 400)
          throw new HttpProblem(status, 'no-message', `this is no message that can be answered: ${reasonOf(text)}`)
        const { 'content-type': type = 'application/json', ...others } = headers
        return { status, text, type, headers: others }
      },
    },
  ]
}

/** Of an error of JSON-RPC. */
function reasonOf(text: string): string {
  const { error } = (text === '' ? {} : JSON.parse(text)) as { readonly error?: { readonly message?: string } }
  return error?.message ?? 'its protocol is not known'
}
