import type { RequestListener } from 'node:http'
import Koa from 'koa'
import type { Answering } from './answering.js'
import type { ResolverLog } from './parts.js'

/** Koa around the answers. They are written to the connection directly: Koa would only work out again what is known. */
export function requestListener(answering: Answering, log: ResolverLog): RequestListener {
  const app = new Koa()
  app.on('error', (error: unknown) => log.error({ err: error }, 'Koa reported an error'))
  app.use((ctx) => {
    ctx.respond = false
    return answering.handle(ctx.req, ctx.res)
  })
  return app.callback()
}
