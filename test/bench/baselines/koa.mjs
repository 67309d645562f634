// Bare Koa, written by hand for one answer: `koa.mjs <scenario>`.
import { Buffer } from 'node:buffer'
import Koa from 'koa'
import { renderOrder, staticAnswer } from '../corpus/answers.mjs'

const answers = {
  static(ctx) {
    ctx.type = 'application/json'
    ctx.body = staticAnswer
  },
  async templated(ctx) {
    ctx.body = renderOrder(JSON.parse(await textOf(ctx.req)), ctx.path)
  },
}

function textOf(req) {
  return new Promise((resolve, reject) => {
    const chunks = []
    req.on('data', (chunk) => chunks.push(chunk))
    req.on('end', () => resolve(Buffer.concat(chunks).toString()))
    req.on('error', reject)
  })
}

const server = new Koa()
  .use(answers[process.argv[2]])
  .listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
