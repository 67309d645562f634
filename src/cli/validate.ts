import { relative } from 'node:path'
import { Option } from 'commander'
import { formats } from '../resources/formats/index.js'
import { literalSecrets, type Settings } from '../settings.js'
import { SourceError } from '../source/source.js'
import { version } from '../version.js'
import { type CliCommand, exitCodes, hasColour, type Io } from './command.js'
import { pathInRepository } from './git-objects.js'
import { DeclarationReader, type Declarations } from './offline.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'
import { type Written, writeAll, writeOption } from './write-option.js'

interface ValidateOptions extends SettingsOptions {
  readonly output: string
  readonly write?: readonly Written[]
  readonly strict?: true
}

export const validateCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('validate')
      .description('find every problem in a folder of declarations; needs no server and no secret')
      .argument('[dir]', 'the folder', '.')
      .addOption(new Option('-o, --output <format>', 'how to show them').choices([...formats.keys()]).default('text'))
      .addOption(writeOption([...formats.keys()]))
      .option('--strict', 'warnings are errors')
    settingsOptions(command).action((dir: string, options: ValidateOptions) =>
      withSettings(io, options, { strict: options.strict }, (settings) => {
        // The file may well be in the same repository.
        const literals = options.config === undefined ? [] : literalSecrets(options.config)
        for (const literal of literals) io.stderr(`warning: ${literal}\n`)
        return validate(dir, options, settings, io)
      }),
    )
  },
}

async function validate(dir: string, { output, write }: ValidateOptions, settings: Settings, io: Io): Promise<number> {
  try {
    const declarations = await new DeclarationReader(settings, io).folder(dir)
    const render = await renderer(dir, declarations)
    io.stdout(render(output, hasColour(io)))
    writeAll(write, (format) => render(format, false))
    if (declarations.problems.some(({ severity }) => severity === 'error')) return exitCodes.problems
    if (declarations.counts.managed > 0) return exitCodes.clean
    // A check that looked at nothing, of the wrong folder perhaps, is no clean one.
    io.stderr(`error: nothing was checked: no document in ${dir} has apiVersion callboard/v1\n`)
    return exitCodes.notComputed
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    io.stderr(`error: ${error.message}\n`)
    return exitCodes.notComputed
  }
}

async function renderer(dir: string, declarations: Declarations) {
  const { snapshot, problems, counts } = declarations
  const read = (file: string) => {
    const bytes = snapshot.files.get(file)?.bytes
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
  }
  const prefix = (await pathInRepository(dir)) ?? pathFromHere(dir)
  return (format: string, colour: boolean): string =>
    formats.get(format)?.render({ problems, counts, read, prefix, colour, version }) ?? ''
}

/** Outside of repositories tools look from where they are run. */
function pathFromHere(dir: string): string {
  const path = relative('', dir)
  return path === '' ? '' : `${path}/`
}
