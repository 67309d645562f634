// The state directory to one file and back.

import { backup, restore } from '../store/backup.js'
import { StoreLocked } from '../store/store.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'

interface ArchiveOptions extends SettingsOptions {
  readonly stateDir?: string
}

export const backupCommand = archiveCommand(
  'backup',
  'write the state directory to one file; the controller must be stopped',
  'file to write',
  (stateDir, file, onWarning) => backup(stateDir, file, { onWarning }),
)

export const restoreCommand = archiveCommand(
  'restore',
  'make a state directory from a backup; an existing one is never overwritten',
  'file written by backup',
  (stateDir, file, onWarning) => restore(file, stateDir, { onWarning }),
)

function archiveCommand(
  name: string,
  description: string,
  argument: string,
  work: (stateDir: string, file: string, onWarning: (message: string) => void) => Promise<unknown>,
): CliCommand {
  return {
    register(program, io) {
      const command = program
        .command(name)
        .description(description)
        .argument('<file>', argument)
        .option('--state-dir <dir>', 'the state directory (settings: stateDir)')
      settingsOptions(command).action((file: string, options: ArchiveOptions) =>
        withSettings(io, options, { stateDir: options.stateDir }, async ({ stateDir }) => {
          try {
            await work(stateDir, file, (message) => io.stderr(`warning: ${message}\n`))
          } catch (error) {
            return failed(io, error)
          }
          io.stderr(name === 'backup' ? `${stateDir} is kept in ${file}\n` : `${stateDir} is restored from ${file}\n`)
          return exitCodes.clean
        }),
      )
    },
  }
}

function failed(io: Io, error: unknown): number {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof StoreLocked ? '; stop the controller first' : ''
  io.stderr(`error: ${message}${hint}\n`)
  return exitCodes.notComputed
}
