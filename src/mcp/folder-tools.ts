// What of the tools can also look at a folder: those of an agent that runs where the folder is.

import { planTool, validateTool } from './read-tools.js'
import { type Arguments, answers, fields, type JsonSchema, type Result, type Tool, ToolRefusal, text } from './tool.js'

/** Runs a command line of this program over a folder, and resolves with the JSON that it prints. */
export type Judge = (folder: string) => Promise<unknown>

const directory = text('A folder on this machine with all declarations, instead of texts', { minLength: 1 })

export function withFolders(
  tools: readonly Tool[],
  judges: { readonly validate: Judge; readonly plan: Judge },
): Tool[] {
  return tools.map((tool) => {
    if (tool === validateTool) return withFolder(tool, judges.validate)
    if (tool === planTool) return withFolder(tool, judges.plan)
    return tool
  })
}

function withFolder(tool: Tool, judge: Judge): Tool {
  const { properties } = tool.input as { readonly properties: Readonly<Record<string, JsonSchema>> }
  const { properties: shown, required } = tool.output as {
    readonly properties: Readonly<Record<string, JsonSchema>>
    readonly required: readonly string[]
  }
  const report = {
    type: 'object',
    description: 'Of a folder: the report of the command line, instead of the other fields',
  }
  return {
    ...tool,
    input: fields({ ...properties, directory }),
    output: answers({ ...shown, report }, [...required, 'report']),
    call: async (args, control) => (args.directory === undefined ? tool.call(args, control) : overFolder(args, judge)),
  }
}

async function overFolder({ directory: folder, ...others }: Arguments, judge: Judge): Promise<Result> {
  const [other] = Object.keys(others)
  if (other !== undefined) throw new ToolRefusal(`give either directory or ${other}, not both`)
  return { report: await judge(String(folder)) }
}
