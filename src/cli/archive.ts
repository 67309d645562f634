// The state directory to one file and back.

import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { backup, checkBackup, DamagedBackup, restore } from '../store/backup.js'
import { StoreLocked } from '../store/store.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { type ControlOptions, controlClient, withControl } from './control-options.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'

interface ArchiveOptions extends SettingsOptions {
  readonly stateDir?: string
}

interface BackupOptions extends ArchiveOptions, ControlOptions {}

/** A controller that writes much is not given up early. */
const timeoutMs = 600_000

export const backupCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('backup')
      .description('write the state directory to one file; of a running controller with --control')
      .argument('<file>', 'file to write')
      .option('--state-dir <dir>', 'the state directory of a controller that is stopped (settings: stateDir)')
    settingsOptions(command)
      .option('--control <url>', 'have the running controller at this control port make it')
      .option('--token <token>', 'bearer token for --control (env: CALLBOARD_TOKEN)')
      .action((file: string, options: BackupOptions) =>
        options.control === undefined
          ? withStateDir(io, options, async (stateDir, warn) => {
              await backup(stateDir, file, { onWarning: warn })
              return `${stateDir} is kept in ${file}`
            })
          : withControl(io, options, () => fetchBackup(file, options, io)),
      )
  },
}

export const restoreCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('restore')
      .description('make a state directory from a backup; an existing one is never overwritten')
      .argument('<file>', 'file written by backup')
      .option('--state-dir <dir>', 'the state directory (settings: stateDir)')
    settingsOptions(command).action((file: string, options: ArchiveOptions) =>
      withStateDir(io, options, async (stateDir, warn) => {
        await restore(file, stateDir, { onWarning: warn })
        return `${stateDir} is restored from ${file}`
      }),
    )
  },
}

function withStateDir(
  io: Io,
  options: ArchiveOptions,
  work: (stateDir: string, warn: (message: string) => void) => Promise<string>,
): Promise<void> {
  return withSettings(io, options, { stateDir: options.stateDir }, async ({ stateDir }) => {
    try {
      io.stderr(`${await work(stateDir, (message) => io.stderr(`warning: ${message}\n`))}\n`)
      return exitCodes.clean
    } catch (error) {
      const advice = 'stop the controller first, or have it make the backup: callboard backup <file> --control <url>'
      return failed(io, `${messageOf(error)}${error instanceof StoreLocked ? `; ${advice}` : ''}`)
    }
  })
}

/** What a controller sends has the name that was asked for only once it is known to be whole. */
async function fetchBackup(file: string, options: ControlOptions, io: Io): Promise<number> {
  const client = controlClient(io, options)
  if ((await stat(file).catch(() => undefined)) !== undefined) {
    return failed(io, `${file} exists; name a new file for the backup`)
  }
  const unfinished = `${file}.${randomUUID()}.tmp`
  try {
    const target = await open(unfinished, 'wx', 0o600)
    try {
      const take = (piece: Buffer): Promise<void> => target.writeFile(piece)
      await client.download('/api/v1/backup', take, { timeoutMs, signal: io.signal })
      await target.sync()
    } finally {
      await target.close()
    }
    await checkBackup(unfinished)
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    if ((error as NodeJS.ErrnoException).syscall === undefined && !(error instanceof DamagedBackup)) throw error
    return failed(io, messageOf(error))
  }
  io.stderr(`the state of ${client.url} is kept in ${file}\n`)
  return exitCodes.clean
}

function failed(io: Io, message: string): number {
  io.stderr(`error: ${message}\n`)
  return exitCodes.notComputed
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
