import { distance } from 'fastest-levenshtein'
import { kinds } from '../resources/kinds/index.js'
import { bundleSchema } from '../resources/schema-bundle.js'
import { type CliCommand, exitCodes } from './command.js'

export const schemaCommand: CliCommand = {
  register(program, io) {
    program
      .command('schema')
      .description('print the JSON Schema of a kind, or of any document')
      .argument('[kind]', 'a kind such as Mock; without it, the schema that covers all')
      .action((kind: string | undefined) => {
        const known = [...kinds.keys()]
        const found =
          kind === undefined
            ? 'resource'
            : [...kinds.values()].find((one) => one.kind.toLowerCase() === kind.toLowerCase())?.schema
        if (found === undefined) {
          const [nearest] = known.sort((a, b) => distance(kind ?? '', a) - distance(kind ?? '', b))
          io.stderr(
            `error: no kind ${JSON.stringify(kind)}; did you mean ${nearest}? Known: ${known.sort().join(', ')}\n`,
          )
          return io.exit(exitCodes.usage)
        }
        io.stdout(`${JSON.stringify(bundleSchema(found), null, 2)}\n`)
      })
  },
}
