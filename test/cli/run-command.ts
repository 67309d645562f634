import type { Io } from '../../src/cli/command.js'
import { runCli } from '../../src/cli/program.js'

export interface Ran {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions extends Partial<Io> {
  readonly onStdout?: (all: string) => void
  readonly onStderr?: (all: string) => void
}

/** Runs one command line in this process. `code` is undefined when the command leaves it to the system: then it is 0. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let code: number | undefined
  let stdout = ''
  let stderr = ''
  const io = Object.create(options) as RunOptions
  const { onStdout, onStderr, isTerminal = false, env = {} } = options
  // Not a copy of the options: whether a command reads `signal` is part of what is tested.
  await runCli(
    args,
    Object.assign(io, {
      isTerminal,
      env,
      stdout: (text: string) => {
        stdout += text
        onStdout?.(stdout)
      },
      stderr: (text: string) => {
        stderr += text
        onStderr?.(stderr)
      },
      exit: (value: number) => {
        code = value
      },
    }),
  )
  return { code, stdout, stderr }
}
