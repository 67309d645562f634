import { messageTools } from './message-tools.js'
import { planTool, readTools, validateTool } from './read-tools.js'
import type { Tool } from './tool.js'

/** Every tool, in the order that clients list them; those that send with credentials of the call only where `direct`. */
export function allTools({ direct = true } = {}): readonly Tool[] {
  return [...messageTools(direct), ...readTools, validateTool, planTool]
}
