import { Option } from 'commander'
import { formats } from '../resources/formats/index.js'
import { SourceError } from '../source/source.js'
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
          io.stdout(
            format(problems, { colour: io.isTerminal, textOf: (path) => snapshot.files.get(path)?.bytes, folder: dir }),
          )
          const errors = problems.filter(({ severity }) => severity === 'error').length
          io.stderr(
            `${counts.managed} documents in ${counts.files} files: ${errors} errors, ${problems.length - errors} warnings\n`,
          )
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
