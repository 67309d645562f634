// A proxy on loopback that makes tunnels, all of them to places on loopback as well.

import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach } from 'vitest'

export interface SmallProxy {
  readonly url: string
  /** What was asked for: `host:port`. */
  readonly asked: string[]
  readonly logins: (string | undefined)[]
}

/** Closed after each test. `to`: the port where a place is; undefined: 502. `login`: `user:password` that is wanted. */
export function smallProxies() {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })
  return async (to: (place: string) => number | undefined, login?: string): Promise<SmallProxy> => {
    const asked: string[] = []
    const logins: (string | undefined)[] = []
    const sockets = new Set<Socket>()
    const server = createServer((_, res) => res.writeHead(400).end())
    server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
    server.on('connect', (req: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => {})
      const place = req.url ?? ''
      const given = req.headers['proxy-authorization']
      asked.push(place)
      logins.push(given)
      if (login !== undefined && given !== `Basic ${Buffer.from(login).toString('base64')}`) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n')
        return
      }
      const port = to(place)
      if (port === undefined) {
        socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
        return
      }
      const target = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        target.write(head)
        target.pipe(socket).pipe(target)
      })
      target.on('error', () => socket.destroy()).on('close', () => socket.destroy())
      socket.on('close', () => target.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, logins }
  }
}
