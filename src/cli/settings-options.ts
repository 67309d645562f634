import type { Command } from 'commander'
import { loadSettings, type Settings, SettingsError } from '../settings.js'
import { exitCodes, type Io } from './command.js'

export interface SettingsOptions {
  readonly config?: string
}

/** Adds `--config`. */
export function settingsOptions(command: Command): Command {
  return command.option('--config <file>', 'settings, in YAML; see config/default.yaml for all of them')
}

/** Runs `work` with the settings; what is wrong with them goes to stderr, with the code for wrong usage. */
export async function withSettings(
  io: Io,
  { config }: SettingsOptions,
  flags: { [key: string]: unknown },
  work: (settings: Settings) => Promise<number>,
): Promise<void> {
  let settings: Settings
  try {
    settings = loadSettings({ ...(config === undefined ? {} : { file: config }), env: io.env, flags })
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    io.stderr(`error: ${error.message.replaceAll('\n', '\nerror: ')}\n`)
    return io.exit(exitCodes.usage)
  }
  io.exit(await work(settings))
}
