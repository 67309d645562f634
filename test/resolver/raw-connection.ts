import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Bytes as they are on the wire, for what no HTTP client would send. */
export interface RawConnection {
  readonly socket: Socket
  send(bytes: string | Buffer): void
  /** Resolves with everything received once it holds `pattern`, or once the connection has ended. */
  until(pattern: RegExp): Promise<string>
  /** Everything received, once the other side has closed. */
  readonly ended: Promise<string>
  readonly failed: () => NodeJS.ErrnoException | undefined
}

export function raw(port: number): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    let received = ''
    let failure: NodeJS.ErrnoException | undefined
    const looking = new Set<() => void>()
    const socket = connect({ port, host: '127.0.0.1' })
    onTestFinished(() => {
      socket.destroy()
    })
    const ended = new Promise<string>((end) => {
      socket.on('close', () => {
        for (const look of looking) look()
        end(received)
      })
    })
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      for (const look of looking) look()
    })
    socket.on('error', (error) => {
      failure = error
      reject(error)
    })
    socket.on('connect', () =>
      resolve({
        socket,
        send: (bytes) => void socket.write(bytes),
        until: (pattern) =>
          new Promise((done) => {
            const look = (): void => {
              if (!pattern.test(received) && !socket.destroyed && !socket.readableEnded) return
              looking.delete(look)
              done(received)
            }
            looking.add(look)
            look()
          }),
        ended,
        failed: () => failure,
      }),
    )
  })
}
