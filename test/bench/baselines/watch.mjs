// Reads a directory by the program's own source, and with `--watch` watches it: `watch.mjs <directory> [--watch]`.
import { openDirectory } from '../../../dist/source/directory.js'

const [directory, watch] = process.argv.slice(2)
const source = openDirectory(directory)
{
  const { files } = await source.fetch(new Set())
  if (files.size === 0) throw new Error(`nothing to read in ${directory}`)
}
if (watch === '--watch') await source.watch(() => {})
process.send({ watching: watch === '--watch' })
setInterval(() => {}, 60_000)
