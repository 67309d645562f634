import { connect } from 'node:net'

export interface RawReply {
  /** All bytes received, as Latin-1. */
  readonly text: string
  /** Status of each answer in it. */
  readonly statuses: readonly number[]
}

/**
 * Sends bytes as they are and reads until the server closes the connection, or for `forMs` at most. What a server
 * resets counts as closed.
 */
export function raw(origin: string, bytes: string | Buffer, { forMs = 10_000 } = {}): Promise<RawReply> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ host: hostname, port: Number(port) })
    const timer = setTimeout(() => socket.destroy(), forMs)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      const text = Buffer.concat(chunks).toString('latin1')
      resolve({ text, statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status)) })
    })
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  })
}
