import { rename, rm, writeFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { createLog } from '../log.js'
import { type Controller, StartError, StartStopped, start } from '../main.js'
import { type Settings, SettingsError } from '../settings.js'
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
  readonly ref?: string
  readonly path?: string
}

export const runCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('run')
      .description('serve a folder or Git repository of declarations, and stay in step with it')
      .argument('[source]', 'the folder, or URL of the repository (settings: source.url)')
      .option('--ref <branch>', 'branch of the repository (settings: source.ref, also for tags and commits)')
      .option('--path <folder>', 'folder in the repository (settings: source.path)')
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

function flags(source: string | undefined, { resolverPort, controlPort, stateDir, strict, ref, path }: RunOptions) {
  return {
    source: { url: source, path, ...(ref === undefined ? {} : { ref: { branch: ref } }) },
    ports: { resolver: resolverPort, control: controlPort },
    stateDir,
    strict,
  }
}

async function run(settings: Settings, readyFile: string | undefined, io: Io): Promise<number> {
  const log = createLog(settings.log.level, io.isErrorTerminal ?? io.isTerminal)
  const progress = new Progress(io)
  const { signal } = io
  let controller: Controller | undefined
  // From the beginning on: a SIGHUP that comes during a long start must not end it.
  const ignoreHangups = io.onHangup?.(() => controller?.look())
  try {
    // One of an earlier process that was killed says nothing about this one.
    if (readyFile !== undefined) await removeReady(readyFile)
    controller = await start(settings, {
      env: io.env,
      log,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ step, done, total }) => progress.show(step === 'parse' ? 'parsing' : 'linking', done, total),
    })
    progress.end()
    io.stdout(await banner(controller, settings))
    if (readyFile !== undefined) await writeReady(readyFile, controller)
    await aborted(signal)
    log.info('stopping: requests under way may finish')
    return exitCodes.clean
  } catch (error) {
    progress.end()
    if (error instanceof StartStopped) return exitCodes.clean
    if (!(error instanceof StartError) && !(error instanceof SettingsError)) throw error
    io.stderr(`error: ${error.message}\n`)
    return error instanceof SettingsError ? exitCodes.usage : exitCodes.notComputed
  } finally {
    if (readyFile !== undefined && controller !== undefined) await rm(readyFile, { force: true })
    await controller?.close()
    ignoreHangups?.()
  }
}

async function removeReady(file: string): Promise<void> {
  try {
    await rm(file, { force: true })
  } catch (error) {
    throw new StartError(`the ready file ${file} cannot be removed: ${messageOf(error)}`)
  }
}

/** With all its content at once: whoever waits for the file reads it as soon as it is there. */
async function writeReady(file: string, { addresses }: Controller): Promise<void> {
  try {
    await writeFile(`${file}.tmp`, `${JSON.stringify(addresses)}\n`)
    await rename(`${file}.tmp`, file)
  } catch (error) {
    throw new StartError(`the ready file ${file} cannot be written: ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
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
