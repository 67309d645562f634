// The way out over an HTTP proxy: a tunnel by CONNECT for each connection, whatever is asked over it.

import type { buildConnector } from 'undici'

type Undici = typeof import('undici')

export interface ProxyOptions {
  /** `http://proxy.example.com:3128`, or https. It is trusted: its own address is not judged. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** What is dialled without it, written as in `network.allow`. */
  readonly noProxy?: readonly string[]
}

export interface Tunnels {
  /** Connects to `hostname` (IPv6 in brackets) and `port`, over TLS for https. */
  connector(hostname: string, port: number, ask: () => Promise<void>): buildConnector.connector
  destroy(): Promise<void>
}

/** The proxy did not do as it was asked; nothing is known of what is behind it. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly code = 'EPROXY'
}

const hints: Readonly<Record<number, string>> = {
  403: ': it does not allow that',
  407: ': are network.proxy.username and network.proxy.password right?',
}

/** `ask` of a connector is called before each tunnel, and rejects when there must be none. */
export function createTunnels(
  undici: Undici,
  { url, username, password = '' }: ProxyOptions,
  timeoutMs: number,
): Tunnels {
  const proxy = new URL(url)
  // A tunnel takes its connection along: this one makes as many as are wanted.
  const client = new undici.Pool(proxy.origin, {
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    pipelining: 1,
  })
  const login = Buffer.from(`${username}:${password}`).toString('base64')
  const upgrade = undici.buildConnector({ timeout: timeoutMs })

  async function open(host: string) {
    const { statusCode, socket } = await client
      .connect({
        path: host,
        headers: { host, ...(username !== undefined && { 'proxy-authorization': `Basic ${login}` }) },
      })
      .catch((cause: Error) => {
        throw new ProxyError(`the proxy ${proxy.host} cannot be asked: ${cause.message}`, { cause })
      })
    if (statusCode >= 200 && statusCode < 300) return socket
    socket.on('error', () => {}).destroy()
    throw new ProxyError(
      `the proxy ${proxy.host} answered ${statusCode} when asked for ${host}${hints[statusCode] ?? ''}`,
    )
  }

  return {
    connector: (hostname, port, ask) => (target, callback) => {
      ask()
        .then(() => open(`${hostname}:${port}`))
        .then(
          (socket) => {
            if (target.protocol === 'https:') upgrade({ ...target, httpSocket: socket as never }, callback)
            else callback(null, socket as never)
          },
          (error: Error) => callback(error, null),
        )
    },
    destroy: () => client.destroy(),
  }
}
