// Reads a directory and parses every file with `yaml`, nothing more: `yaml-parse.mjs <directory>`.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'

const [directory] = process.argv.slice(2)
let documents = 0
for (const file of readdirSync(directory, { recursive: true })) {
  if (!file.endsWith('.yaml')) continue
  const document = parseDocument(readFileSync(join(directory, file), 'utf8'))
  if (document.errors.length > 0) throw document.errors[0]
  documents += 1
}
process.send({ documents })
// Stays until it was asked what it has used.
process.channel.ref()
