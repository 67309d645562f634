import { Command, CommanderError } from 'commander'
import { version } from '../version.js'
import { type CliCommand, exitCodes, type Io } from './command.js'

/** In the order that help lists them. Each is loaded when it is asked for: `run` needs nothing of `plan`. */
const commands: Readonly<Record<string, () => Promise<CliCommand>>> = {
  run: async () => (await import('./run.js')).runCommand,
  init: async () => (await import('./init.js')).initCommand,
  validate: async () => (await import('./validate.js')).validateCommand,
  plan: async () => (await import('./plan.js')).planCommand,
  comment: async () => (await import('./comment.js')).commentCommand,
  explain: async () => (await import('./explain.js')).explainCommand,
  status: async () => (await import('./status.js')).statusCommand,
  get: async () => (await import('./get.js')).getCommand,
  deliveries: async () => (await import('./deliveries.js')).deliveriesCommand,
  events: async () => (await import('./events.js')).eventsCommand,
  templates: async () => (await import('./templates.js')).templatesCommand,
  channels: async () => (await import('./channels.js')).channelsCommand,
  mcp: async () => (await import('./mcp.js')).mcpCommand,
  digests: async () => (await import('./digests.js')).digestsCommand,
  reconcile: async () => (await import('./reconcile.js')).reconcileCommand,
  suspend: async () => (await import('./suspend.js')).suspendCommand,
  resume: async () => (await import('./resume.js')).resumeCommand,
  reset: async () => (await import('./reset.js')).resetCommand,
  verify: async () => (await import('./verify.js')).verifyCommand,
  backup: async () => (await import('./archive.js')).backupCommand,
  restore: async () => (await import('./archive.js')).restoreCommand,
  schema: async () => (await import('./schema.js')).schemaCommand,
  completion: async () => (await import('./completion.js')).completionCommand,
}
/** Runs one command line. `args` are the words after the program's name. Never rejects: what fails sets the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<void> {
  const program = new Command('callboard')
    .description('Serves API mocks that are declared in YAML, and stays in step with them')
    .version(version)
  for (const command of await commandsFor(args)) command.register(program, io)
  configure(program, io)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return io.exit(error.exitCode === 0 ? exitCodes.clean : exitCodes.usage)
    io.stderr(`error: ${described(error)}\n`)
    io.exit(exitCodes.notComputed)
  }
}

/** The one that is named; all of them for help, for a name that is none, and for `completion`, which lists the others. */
function commandsFor([name = '']: readonly string[]): Promise<CliCommand[]> {
  const isOne = Object.hasOwn(commands, name) && name !== 'completion'
  const wanted = Object.entries(commands).filter(([known]) => !isOne || known === name)
  return Promise.all(wanted.map(([, load]) => load()))
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
