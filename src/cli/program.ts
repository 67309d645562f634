import { Command, CommanderError } from 'commander'
import { version } from '../version.js'
import { backupCommand, restoreCommand } from './archive.js'
import { channelsCommand } from './channels.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { completionCommand } from './completion.js'
import { deliveriesCommand } from './deliveries.js'
import { eventsCommand } from './events.js'
import { explainCommand } from './explain.js'
import { getCommand } from './get.js'
import { initCommand } from './init.js'
import { planCommand } from './plan.js'
import { reconcileCommand } from './reconcile.js'
import { resetCommand } from './reset.js'
import { resumeCommand } from './resume.js'
import { runCommand } from './run.js'
import { schemaCommand } from './schema.js'
import { statusCommand } from './status.js'
import { suspendCommand } from './suspend.js'
import { validateCommand } from './validate.js'
import { verifyCommand } from './verify.js'

const commands: readonly CliCommand[] = [
  runCommand,
  initCommand,
  validateCommand,
  planCommand,
  explainCommand,
  statusCommand,
  getCommand,
  deliveriesCommand,
  eventsCommand,
  channelsCommand,
  reconcileCommand,
  suspendCommand,
  resumeCommand,
  resetCommand,
  verifyCommand,
  backupCommand,
  restoreCommand,
  schemaCommand,
  completionCommand,
]

/** Runs one command line. `args` are the words after the program's name. Never rejects: what fails sets the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<void> {
  const program = new Command('callboard')
    .description('Serves API mocks that are declared in YAML, and stays in step with them')
    .version(version)
  for (const command of commands) command.register(program, io)
  configure(program, io)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return io.exit(error.exitCode === 0 ? exitCodes.clean : exitCodes.usage)
    io.stderr(`error: ${described(error)}\n`)
    io.exit(exitCodes.notComputed)
  }
}

/** What the system refuses, a person can mend; everything else is a mistake here, and the place says where. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, syscall } = error as NodeJS.ErrnoException
  return code !== undefined && syscall !== undefined ? error.message : (error.stack ?? error.message)
}

/** Commands take over settings of their parent only when they are made by it, so all of them are told. */
function configure(command: Command, io: Io): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`(${fullName(command)} --help says more)`)
    .configureOutput({ writeOut: (text) => io.stdout(text), writeErr: (text) => io.stderr(text) })
  for (const sub of command.commands) configure(sub, io)
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}
