// Standard input and output: one agent, in whose process tree this runs.

import type { Readable, Writable } from 'node:stream'
import { createToolServer } from './server.js'
import type { Control, Tool } from './tool.js'

export interface StdioParts {
  readonly tools: readonly Tool[]
  readonly control: Control
  readonly version: string
  readonly input: Readable
  readonly output: Writable
  /** Ends it. */
  readonly signal?: AbortSignal
  readonly onError: (error: unknown) => void
}

/** Resolves when the client has gone, or `signal` aborts. */
export async function serveStdio({ input, output, signal, ...parts }: StdioParts): Promise<void> {
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js')
  const server = await createToolServer(parts)
  const ended = new Promise<void>((resolve) => {
    input.once('end', resolve)
    input.once('close', resolve)
    signal?.addEventListener('abort', () => resolve(), { once: true })
    if (signal?.aborted) resolve()
  })
  await server.connect(new StdioServerTransport(input, output))
  await ended
  await server.close()
}
