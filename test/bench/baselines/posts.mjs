// Posts a body again and again with undici and nothing else, over as many connections as the pool of deliveries has places.
import { Pool } from 'undici'

process.on('message', async ({ post }) => {
  if (post === undefined) return
  const { url, body, count, connections } = post
  const pool = new Pool(url, { connections })
  let left = count
  const headers = { 'content-type': 'application/json' }
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left > 0) {
        left -= 1
        const answer = await pool.request({ method: 'POST', path: '/c0', headers, body })
        await answer.body.text()
      }
    }),
  )
  await pool.close()
  process.send({ posted: count })
})
process.channel.ref()
process.send({ listening: true })
