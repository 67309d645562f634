#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { backupCommand, restoreCommand } from './archive.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { completionCommand } from './completion.js'
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

const interrupt = new AbortController()

const io: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
  env: process.env,
  exit: (code) => {
    process.exitCode = code
  },
  signal: interrupt.signal,
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const program = new Command('callboard')
  .description('A declarative controller for API mocks: YAML in a folder becomes a running mock server')
  .version(version)
  .showHelpAfterError('(callboard --help shows what there is)')
  .showSuggestionAfterError()
  .exitOverride()
for (const command of commands) command.register(program, io)
// Subcommands that are given as a word (`explain`) exist by now, and have to end in the same way.
for (const command of program.commands) command.exitOverride()

process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.clean)
  throw error
})

try {
  await program.parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.clean : exitCodes.usage
  else {
    io.stderr(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = exitCodes.notComputed
  }
}
