import { rm, writeFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { createLog } from '../log.js'
import { StartError, start } from '../main.js'
import type { Settings } from '../settings.js'
import { banner } from './banner.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { Progress } from './progress.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'

interface RunOptions extends SettingsOptions {
  readonly resolverPort?: number
  readonly controlPort?: number
  readonly stateDir?: string
  readonly readyFile?: string
  readonly strict?: true
}

export const runCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('run')
      .description('serve a folder of declarations, and stay in step with it')
      .argument('[source]', 'the folder (settings: source.url)')
      .option('--resolver-port <port>', 'port on which mocks answer; 0 picks a free one', port)
      .option('--control-port <port>', 'port of the status API; 0 picks a free one', port)
      .option('--state-dir <dir>', 'where to keep what has to survive a restart')
      .option('--ready-file <file>', 'file to write the addresses to, as JSON, once everything listens')
      .option('--strict', 'warnings hold a revision as errors do')
    settingsOptions(command).action((source: string | undefined, options: RunOptions) =>
      withSettings(io, options, flags(source, options), (settings) => run(settings, options.readyFile, io)),
    )
  },
}

function flags(source: string | undefined, { resolverPort, controlPort, stateDir, strict }: RunOptions) {
  return {
    ...(source === undefined ? {} : { source: { url: source } }),
    ports: { resolver: resolverPort, control: controlPort },
    stateDir,
    strict,
  }
}

async function run(settings: Settings, readyFile: string | undefined, io: Io): Promise<number> {
  const log = createLog(settings.log.level, io.isTerminal)
  const progress = new Progress(io)
  try {
    const controller = await start(settings, {
      env: io.env,
      log,
      onProgress: ({ step, done, total }) => progress.show(step === 'parse' ? 'parsing' : 'linking', done, total),
    })
    progress.end()
    const hangup = () => controller.look()
    process.on('SIGHUP', hangup)
    io.stdout(banner(controller, settings))
    if (readyFile !== undefined) await writeFile(readyFile, `${JSON.stringify(controller.addresses)}\n`)
    await aborted(io.signal)
    log.info('stopping: requests under way may finish')
    await controller.close()
    process.off('SIGHUP', hangup)
    if (readyFile !== undefined) await rm(readyFile, { force: true })
    return exitCodes.clean
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    progress.end()
    io.stderr(`error: ${error.message}\n`)
    return exitCodes.notComputed
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('give a port from 0 to 65535.')
  return value
}
