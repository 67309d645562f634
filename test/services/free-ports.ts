import { once } from 'node:events'
import { createServer } from 'node:net'

// Below what the systems give out for outgoing connections (32768 on Linux, 49152 elsewhere). A broker that is stopped and
// started keeps its ports, and nothing may take them in between; nor may a client that tries again and again while it is
// down be given that very port as its own and so connect to itself.
const first = 15_000
const count = 17_000

/** Different ports of the loopback interface that nothing listens on, tried at random so that parallel runs do not meet. */
export async function freePorts(howMany: number): Promise<number[]> {
  const found = new Set<number>()
  for (let tries = 0; found.size < howMany; tries++) {
    if (tries > 1_000) throw new Error(`found only ${found.size} of ${howMany} free ports from ${first} on`)
    const port = first + Math.floor(Math.random() * count)
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  return [...found]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
