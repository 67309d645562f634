// Streamable HTTP without sessions: a server for each message, which knows nothing of others.

import type { IncomingHttpHeaders } from 'node:http'
import { createToolServer } from './server.js'
import type { Control, Tool } from './tool.js'
import { allTools } from './tools.js'

export interface HttpMessage {
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

export interface HttpToolsParts {
  readonly version: string
  /** Whether messages may be sent with credentials of the call. Default: true. */
  readonly direct?: boolean
  readonly onError: (error: unknown) => void
}

/** What of a request the transport looks at: nothing else of it gets there, and no credential. */
const passed = ['content-type', 'mcp-protocol-version'] as const

/** Answers one message after the other, as the control port hands them over. */
export function createHttpTools({ version, direct = true, onError }: HttpToolsParts) {
  let tools: readonly Tool[] | undefined
  return async ({ headers, bytes }: HttpMessage, control: Control, signal: AbortSignal) => {
    const { WebStandardStreamableHTTPServerTransport } = await import(
      '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
    )
    tools ??= allTools({ direct })
    const server = await createToolServer({ tools, control, version, onError })
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport)
    try {
      const given = passed.flatMap((name) =>
        headers[name] === undefined ? [] : [[name, String(headers[name])] as const],
      )
      const request = new Request('http://callboard/mcp', {
        method: 'POST',
        // Whoever takes JSON need not know of the other form: it is never used here.
        headers: { accept: 'application/json, text/event-stream', ...Object.fromEntries(given) },
        body: new Uint8Array(bytes),
        signal,
      })
      const response = await transport.handleRequest(request)
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() }
    } finally {
      await server.close()
    }
  }
}
