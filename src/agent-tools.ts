import type { Logger } from './log.js'
import type { Settings } from './settings.js'
import type { AnswerTools } from './status/routes/mcp.js'
import { version } from './version.js'

/** Tools for agents, loaded with the first message: most controllers never get one. */
export function createAgentTools(log: Logger, { direct }: Settings['messages']): AnswerTools {
  const onError = (error: unknown) => log.error({ err: error }, 'a tool failed')
  let tools: Promise<AnswerTools> | undefined
  return async (...message) => {
    tools ??= import('./mcp/http.js').then(({ createHttpTools }) => createHttpTools({ version, direct, onError }))
    return (await tools)(...message)
  }
}
