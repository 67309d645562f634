import type { RequestListener } from 'node:http'
import Koa from 'koa'
import type { Answering } from './answering.js'
import type { Exchange } from './exchange.js'
import type { ResolverLog } from './parts.js'

/**
 * Koa around everything that has to be worked out. An answer that was ready before its request came goes out ahead of it:
 * what Koa sets up for a request costs a fifth of such an answer (test/bench/scenarios/serving.mjs).
 */
export function requestListener(answering: Answering, log: ResolverLog): RequestListener {
  const app = new Koa()
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A connection that broke is the client's affair; answers have their own place for errors.
    if (error.code !== undefined) log.debug({ err: error }, 'A connection broke')
    else log.error({ err: error }, 'Koa reported an error')
  })
  // Koa calls the first middleware before its callback returns, so that this is always the one of the same request.
  let begun: Exchange | undefined
  app.use((ctx) => {
    ctx.respond = false
    if (begun !== undefined) return answering.finish(begun)
  })
  const koa = app.callback()
  return (req, res) => {
    begun = answering.begin(req, res)
    if (begun !== undefined) void koa(req, res)
  }
}
