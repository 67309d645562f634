// Answers that go wrong on purpose.

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FaultProgram } from '../resources/kinds/mock-program.js'
import { type Exchange, mockLabel } from './exchange.js'
import { type Answer, mayHaveBody } from './prepared-response.js'

const slowPieces = 20
const nothingSent = { headers: [], contentLength: undefined, more: undefined, body: undefined, isShared: false }

/** Carries out a fault in place of the mock's `answer`; a proxied mock has none. */
export async function injectFault(exchange: Exchange, fault: FaultProgram, answer: Answer | undefined): Promise<void> {
  switch (fault.kind) {
    case 'status': {
      const title = STATUS_CODES[fault.statusCode] ?? 'Fault'
      const mock = exchange.mock === undefined ? '' : ` of mock "${mockLabel(exchange.mock)}"`
      exchange.problem(fault.statusCode, title, `a declared fault${mock}, kind "status"`, 'fault')
      return
    }
    case 'reset':
      reset(exchange.req.socket)
      exchange.record('fault')
      return
    case 'empty':
      // Closed in order, without a single byte.
      exchange.req.socket.end()
      exchange.req.socket.destroySoon()
      exchange.record('fault')
      return
    case 'malformed':
      exchange.req.socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a chunk\r\n`)
      exchange.record('fault', { ...nothingSent, status: 200 })
      return
    case 'slow':
      if (answer !== undefined) await sendSlowly(exchange, answer, fault.duration)
      return
  }
}

function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy()
  } catch {
    // A TLS connection has no handle to reset; it ends without a close_notify.
    socket.destroy()
  }
}

/** The whole answer, its body in pieces spread over `duration` milliseconds. */
async function sendSlowly(exchange: Exchange, answer: Answer, duration: number): Promise<void> {
  const { res, request } = exchange
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? Buffer.alloc(0))
  if (exchange.isGone) return exchange.abandon()
  const length = !answer.isFramed && mayHaveBody(answer.status) ? ['Content-Length', String(body.length)] : []
  const sent = exchange.begin(answer.status, [...answer.headers, ...length], answer.ownsCors)
  res.flushHeaders()
  const pieces = request.method === 'HEAD' || !mayHaveBody(answer.status) ? 0 : Math.min(slowPieces, body.length)
  const rest = Math.max(1, pieces)
  for (let piece = 0; piece < rest; piece += 1) {
    if (!(await exchange.wait(duration / rest))) return exchange.abandon()
    if (pieces > 0) {
      res.write(
        body.subarray(Math.floor((body.length * piece) / pieces), Math.floor((body.length * (piece + 1)) / pieces)),
      )
    }
  }
  res.end()
  exchange.record('fault', { ...sent, body })
}
