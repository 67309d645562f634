import { relative } from 'node:path'
import { Option } from 'commander'
import { formats } from '../resources/formats/index.js'
import { SourceError } from '../source/source.js'
import { version } from '../version.js'
import { type CliCommand, exitCodes } from './command.js'
import { assertFolder, readDeclarations } from './offline.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'

interface ValidateOptions extends SettingsOptions {
  readonly output: string
  readonly strict?: true
}

export const validateCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('validate')
      .description('find every problem in a folder of declarations; needs no server and no secret')
      .argument('[dir]', 'the folder', '.')
      .addOption(new Option('-o, --output <format>', 'how to show them').choices([...formats.keys()]).default('text'))
      .option('--strict', 'warnings are errors')
    settingsOptions(command).action((dir: string, options: ValidateOptions) =>
      withSettings(io, options, { strict: options.strict }, async (settings) => {
        try {
          await assertFolder(dir)
          const { snapshot, problems, counts } = await readDeclarations(dir, settings, io)
          const format = formats.get(options.output)
          if (format === undefined) return exitCodes.usage
          const read = (file: string) => {
            const bytes = snapshot.files.get(file)?.bytes
            return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
          }
          io.stdout(format.render({ problems, counts, read, prefix: prefixOf(dir), colour: io.isTerminal, version }))
          const errors = problems.filter(({ severity }) => severity === 'error').length
          return errors > 0 ? exitCodes.problems : exitCodes.clean
        } catch (error) {
          if (!(error instanceof SourceError)) throw error
          io.stderr(`error: ${error.message}\n`)
          return exitCodes.notComputed
        }
      }),
    )
  },
}

/** Where the folder is for tools that run at the top of the checkout, with a slash at the end. */
function prefixOf(dir: string): string {
  const path = relative('', dir)
  return path === '' ? '' : `${path}/`
}
