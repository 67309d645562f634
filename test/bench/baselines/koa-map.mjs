// Koa that finds each answer by its path in a Map: `koa-map.mjs <how many>`.
import Koa from 'koa'
import { routePath, routePayload } from '../corpus/routes.mjs'

const answers = new Map()
for (let number = 0; number < Number(process.argv[2]); number += 1) {
  answers.set(routePath(number), JSON.stringify(routePayload(number)))
}

const server = new Koa()
  .use((ctx) => {
    const answer = answers.get(ctx.path)
    if (answer === undefined) return
    ctx.type = 'application/json'
    ctx.body = answer
  })
  .listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
