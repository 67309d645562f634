// The 10,000 files, made once in a run and shared by the scenarios that want them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeYamlFiles } from '../corpus/files.mjs'

const files = 10_000

export function corpus(workspace) {
  const directory = join(workspace, 'corpus')
  if (!existsSync(directory)) {
    const bytes = writeYamlFiles(directory, files)
    console.error(`${files} files of ${Math.round(bytes / files)} bytes in ${directory}`)
  }
  return { directory, files, stateDir: join(workspace, 'corpus-state') }
}
