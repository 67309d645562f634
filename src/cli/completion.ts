import type { Command } from 'commander'
import { kinds } from '../resources/kinds/index.js'
import { type CliCommand, exitCodes } from './command.js'
import { bash, fish, type Place, zsh } from './completion-scripts.js'

const shells: ReadonlyMap<string, (places: readonly Place[]) => string> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
])

export const completionCommand: CliCommand = {
  register(program, io) {
    const known = [...shells.keys()]
    program
      .command('completion')
      .description('print a completion script for bash, zsh or fish')
      .argument('<shell>', known.join(', '))
      .addHelpText(
        'after',
        '\nFor this shell only:  source <(callboard completion bash)\nFish:                 callboard completion fish | source',
      )
      .action((shell: string) => {
        const script = shells.get(shell)
        if (script === undefined) {
          io.stderr(`error: no completion for ${JSON.stringify(shell)}; there is one for ${known.join(', ')}\n`)
          return io.exit(exitCodes.usage)
        }
        io.stdout(script(placesOf(program)))
      })
  },
}

/** Arguments that are one of a few, by command. */
const argumentsOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['completion', [...shells.keys()]],
  ['get', [...kinds.keys()]],
  ['schema', [...kinds.keys()]],
])

/** What can follow on the command line, read from the commands themselves. */
function placesOf(command: Command, path: readonly string[] = []): Place[] {
  const subcommands = command.commands.map((sub) => ({ word: sub.name(), description: sub.description() }))
  const known = argumentsOf.get(path.join(' '))?.map((word) => ({ word, description: '' }))
  const help = { long: '--help', short: '-h', description: 'show help', takesValue: false, values: [] }
  const place: Place = {
    path,
    words: known ?? subcommands,
    options: [
      ...command.options.map(({ long, short, description, required, optional, argChoices }) => ({
        long: long ?? '',
        short: short ?? '',
        description,
        takesValue: required || optional,
        values: argChoices ?? [],
      })),
      help,
    ],
  }
  return [place, ...command.commands.flatMap((sub) => placesOf(sub, [...path, sub.name()]))]
}
