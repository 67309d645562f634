// Where a broker is and who logs in there, from an AMQP URI as RabbitMQ specifies it.

/** A broker's listener, a virtual host of it, and the user that logs in. */
export interface RabbitEndpoint {
  readonly tls: boolean
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly vhost: string
  /** Seconds; undefined when the URL does not say by `?heartbeat=`, 0 for none. */
  readonly heartbeat: number | undefined
  /** What it says after its `?` that nothing here reads. */
  readonly unread: readonly string[]
  /** All of that but the password: for people, and for one gate to stand before it. */
  readonly name: string
}

/** For what is none. */
export const urlHint = 'write amqp://user:password@host:5672/vhost, or amqps:// for TLS'

/** RabbitMQ's user for whoever names none; brokers accept it only from their own machine. */
const guest = 'guest'

/** `undefined` for what is no AMQP URI with a host. */
export function parseRabbitUrl(text: string): RabbitEndpoint | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const tls = url.protocol === 'amqps:'
  if ((!tls && url.protocol !== 'amqp:') || url.hostname === '') return undefined
  const { hostname } = url
  const port = url.port === '' ? (tls ? 5671 : 5672) : Number(url.port)
  const isAnonymous = url.username === '' && url.password === ''
  const username = isAnonymous ? guest : decoded(url.username)
  // "amqp://host/" strictly means the virtual host without a name, which nobody has, and everybody means "/".
  const vhost = decoded(url.pathname.slice(1)) || '/'
  const heartbeat = Number(url.searchParams.get('heartbeat') ?? Number.NaN)
  const isHeartbeat = Number.isInteger(heartbeat) && heartbeat >= 0 && heartbeat <= 0xffff
  const path = vhost === '/' ? '' : encodeURIComponent(vhost)
  return {
    tls,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    username,
    password: isAnonymous ? guest : decoded(url.password),
    vhost,
    heartbeat: isHeartbeat ? heartbeat : undefined,
    unread: [...url.searchParams.keys()].filter((key) => key !== 'heartbeat' || !isHeartbeat),
    name: `${url.protocol}//${encodeURIComponent(username)}@${hostname.toLowerCase()}:${port}/${path}`,
  }
}

/** A lone percent sign stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
