// The least that can bring an edit live: watch one folder, parse the file that changed, answer its payload.
// `live-file.mjs <file>`
import { readFileSync, watch } from 'node:fs'
import { createServer } from 'node:http'
import { basename, dirname } from 'node:path'
import { parse } from 'yaml'

const [file] = process.argv.slice(2)
let answer = ''

function load() {
  try {
    const payload = parse(readFileSync(file, 'utf8'))?.spec?.response?.payload
    if (payload !== undefined) answer = JSON.stringify(payload)
  } catch {
    // Read while it was being written: the event that follows brings the rest.
  }
}

load()
watch(dirname(file), (_type, name) => {
  if (name === basename(file)) load()
})
const server = createServer((_req, res) => {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) })
  res.end(answer)
}).listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
