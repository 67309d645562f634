import { messageTools } from './message-tools.js'
import { planTool, readTools, validateTool } from './read-tools.js'
import type { Tool } from './tool.js'

/** Every tool, in the order that clients list them. Made once: schemas are read for it. */
export function allTools(): readonly Tool[] {
  return [...messageTools(), ...readTools, validateTool, planTool]
}
