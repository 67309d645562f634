// Receives what channels send: `/c0`, `/c1`, … take it, `/limited` wants a rest at first, `/hanging` never answers.
import { createServer } from 'node:http'

let taken = 0
let wanted = Number.POSITIVE_INFINITY
let limited = 0
let limitedUntil = 0
let askedTooEarly = 0

const server = createServer((req, res) => {
  req.resume()
  if (req.url === '/hanging') return
  req.on('end', () => {
    if (req.url === '/limited') return rest(res)
    res.end('ok')
    taken += 1
    if (taken === wanted) process.send({ taken })
  })
})

/** Whoever was told to wait and does not is counted. */
function rest(res) {
  const now = Date.now()
  if (now >= limitedUntil) {
    limited += 1
    res.end('ok')
    return
  }
  if (res.req.headers['callboard-attempt'] !== '1') askedTooEarly += 1
  const seconds = Math.ceil((limitedUntil - now) / 1000)
  res.writeHead(429, { 'retry-after': String(seconds) }).end()
}

process.on('message', (message) => {
  if (message.expect !== undefined) {
    taken = 0
    wanted = message.expect
    process.send({ expecting: wanted })
  } else if (message.limitMs !== undefined) {
    limitedUntil = Date.now() + message.limitMs
    process.send({ limiting: true })
  } else if (message.count === true) process.send({ counted: { taken, limited, askedTooEarly } })
})
// Whoever stands still for a while finds connections as they were.
server.keepAliveTimeout = 600_000
process.channel.ref()
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
