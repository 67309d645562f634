import { ToolRefusal } from '../mcp/tool.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import type { ControlClient } from './control-client.js'
import { ControlError } from './control-client.js'
import { type ControlOptions, controlClient, controlOptions } from './control-options.js'
import { printJson } from './lossless.js'

export const mcpCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('mcp')
      .description('serve tools for an agent on standard input and output (Model Context Protocol)')
      .addHelpText(
        'after',
        '\nReading needs the token in tokens.read of the controller, where it has one; sending needs the one in tokens.messages\nor tokens.operate. The same tools are at /mcp of the control port.',
      )
    controlOptions(command).action((options: ControlOptions) => serve(options, io))
  },
}

async function serve(options: ControlOptions, io: Io): Promise<void> {
  let client: ControlClient
  try {
    client = controlClient(io, options, 'mcp')
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    io.stderr(`error: ${error.message}\n`)
    return io.exit(error.exitCode)
  }
  const [{ serveStdio }, { allTools }, { withFolders }, { version }] = await Promise.all([
    import('../mcp/stdio.js'),
    import('../mcp/tools.js'),
    import('../mcp/folder-tools.js'),
    import('../version.js'),
  ])
  const judges = {
    validate: (folder: string) => report(['validate', folder, '--output', 'json'], io),
    plan: (folder: string) =>
      report(['plan', folder, '--against', client.url, '--output', 'json'], withToken(options, io)),
  }
  await serveStdio({
    tools: withFolders(allTools(), judges),
    control: {
      get: async (path, query) => plain(await client.get(path, query, { signal: io.signal })),
      // Longer than a message may be waited for.
      post: async (path, body) =>
        plain(await client.post(path, body as Record<string, unknown>, { signal: io.signal, timeoutMs: 120_000 })),
    },
    version,
    input: process.stdin,
    output: process.stdout,
    ...(io.signal !== undefined && { signal: io.signal }),
    onError: (error) =>
      io.stderr(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
  })
  io.exit(exitCodes.clean)
}

/** Numbers that a double cannot hold are rounded: the protocol's own JSON knows no others. */
function plain(value: unknown): unknown {
  return JSON.parse(printJson(value))
}

function withToken({ token }: ControlOptions, io: Io): Io {
  return token === undefined ? io : { ...io, env: { ...io.env, CALLBOARD_TOKEN: token } }
}

/** What a command line prints, as a person would see it. */
async function report(args: readonly string[], io: Io): Promise<unknown> {
  const { runCli } = await import('./program.js')
  let stdout = ''
  let stderr = ''
  await runCli(args, {
    env: io.env,
    isTerminal: false,
    exit: () => {},
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
  })
  if (stdout === '') throw new ToolRefusal(stderr.trim() || 'nothing was found')
  return JSON.parse(stdout)
}
