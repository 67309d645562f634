// Sends requests as fast as they are answered, over a fixed number of keep-alive connections, one at a time on each.
import { Pool } from 'undici'

let pool
let requests = []
let connections = 1
let next = 0

process.on('message', async (message) => {
  if (message.prepare !== undefined) {
    await pool?.close()
    requests = message.prepare.requests
    connections = message.prepare.connections
    pool = new Pool(message.prepare.url, { connections, pipelining: 1 })
    process.send({ prepared: await answerOf(requests[0]) })
  } else if (message.run !== undefined) {
    try {
      process.send({ ran: await run(message.run) })
    } catch (error) {
      process.send({ ran: { error: error.message } })
    }
  }
})
// The meter does not keep a process alive; orders do.
process.channel.ref()

async function answerOf({ path, method, headers, body }) {
  const response = await pool.request({ path, method, headers, body })
  return { status: response.statusCode, type: response.headers['content-type'], body: await response.body.text() }
}

function run({ count, status, bytes }) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    let left = count
    let running = connections
    const sendNext = () => {
      if (left === 0) {
        running -= 1
        if (running === 0) resolve({ seconds: (performance.now() - started) / 1000 })
        return
      }
      left -= 1
      const request = requests[next % requests.length]
      next += 1
      let seen = 0
      let got = 0
      pool.dispatch(request, {
        onConnect() {},
        onHeaders(statusCode) {
          seen = statusCode
          return true
        },
        onData(chunk) {
          got += chunk.length
          return true
        },
        onComplete() {
          const wrong = seen !== status || (bytes !== undefined && got !== bytes)
          if (wrong) reject(new Error(`${request.method} ${request.path} answered ${seen} with ${got} bytes`))
          else sendNext()
        },
        onError: reject,
      })
    }
    for (let connection = 0; connection < connections; connection += 1) sendNext()
  })
}

// An order that comes before there is anybody to hear it is lost.
process.send({ listening: true })
