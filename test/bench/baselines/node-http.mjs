// node:http alone, the least that any server written on it costs: `node-http.mjs <scenario>`.
import { Buffer } from 'node:buffer'
import { createServer } from 'node:http'
import { renderOrder, staticAnswer } from '../corpus/answers.mjs'

const bytes = Buffer.from(staticAnswer)

const answers = {
  static(_req, res) {
    res.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': bytes.length })
    res.end(staticAnswer)
  },
  templated(req, res) {
    const chunks = []
    req.on('data', (chunk) => chunks.push(chunk))
    req.on('end', () => {
      const text = JSON.stringify(renderOrder(JSON.parse(Buffer.concat(chunks).toString()), req.url))
      res.writeHead(200, {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
      })
      res.end(text)
    })
  },
}

const server = createServer(answers[process.argv[2]]).listen(0, '127.0.0.1', () =>
  process.send({ url: `http://127.0.0.1:${server.address().port}` }),
)
