import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundleSchema } from '../resources/schema-bundle.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { initFiles } from './init-files.js'

export const initCommand: CliCommand = {
  register(program, io) {
    program
      .command('init')
      .description('write a small commented config repository, with a workflow that validates and plans pull requests')
      .argument('[folder]', 'where to; made when it does not exist', '.')
      .option('--force', 'write into a folder that has files already; files of the same name stay as they are')
      .action((folder: string, { force }: { force?: true }) => {
        const found = statSync(folder, { throwIfNoEntry: false })
        if (found !== undefined && !found.isDirectory()) {
          io.stderr(`error: ${folder} is a file; name a folder\n`)
          return io.exit(exitCodes.usage)
        }
        const occupied = found !== undefined && readdirSync(folder).some((name) => name !== '.git')
        if (occupied && !force) {
          io.stderr(`error: ${folder} is not empty; choose another folder, or add to it with --force\n`)
          return io.exit(exitCodes.usage)
        }
        writeFiles(folder, io)
        const at = folder === '.' ? '' : ` ${folder}`
        io.stderr(`\nNext:\n  callboard validate${at}\n  callboard run${at}\n  curl -s localhost:5770/hello/world\n`)
      })
  },
}

function writeFiles(folder: string, io: Io): void {
  const schema = `${JSON.stringify(bundleSchema('resource'), null, 2)}\n`
  for (const [name, content] of Object.entries({ ...initFiles, '.callboard.schema.json': schema })) {
    const path = join(folder, name)
    if (existsSync(path)) {
      io.stderr(`kept ${path}\n`)
      continue
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    io.stderr(`wrote ${path}\n`)
  }
}
