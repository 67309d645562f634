import { Command, CommanderError } from 'commander'
import type { CliCommand, Io } from '../../src/cli/command.js'
import { deliveriesCommand } from '../../src/cli/deliveries.js'
import { getCommand } from '../../src/cli/get.js'
import { reconcileCommand } from '../../src/cli/reconcile.js'
import { resetCommand } from '../../src/cli/reset.js'
import { resumeCommand } from '../../src/cli/resume.js'
import { statusCommand } from '../../src/cli/status.js'
import { suspendCommand } from '../../src/cli/suspend.js'
import { verifyCommand } from '../../src/cli/verify.js'

const commands: readonly CliCommand[] = [
  deliveriesCommand,
  getCommand,
  reconcileCommand,
  resetCommand,
  resumeCommand,
  statusCommand,
  suspendCommand,
  verifyCommand,
]

export interface Ran {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions extends Partial<Io> {
  readonly onStdout?: (all: string) => void
  readonly onStderr?: (all: string) => void
}

/** Runs one command line over the commands that talk to a controller. Usage errors are code 3, as the main line has it. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let code: number | undefined
  let stdout = ''
  let stderr = ''
  const io: Io = {
    stdout: (text) => {
      stdout += text
      options.onStdout?.(stdout)
    },
    stderr: (text) => {
      stderr += text
      options.onStderr?.(stderr)
    },
    isTerminal: options.isTerminal ?? false,
    env: options.env ?? {},
    exit: (given) => {
      code = given
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }
  const program = new Command().exitOverride().configureOutput({ writeErr: io.stderr, writeOut: io.stdout })
  for (const command of commands) command.register(program, io)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    code = 3
  }
  return { code, stdout, stderr }
}
