import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { classOfError } from '../../src/delivery/http-answer.js'
import { createGuard, type GuardOptions } from '../../src/network/guard.js'
import { createHttpClient } from '../../src/network/http-client.js'
import { receivers } from '../callbacks/receiver.js'
import { settled } from '../delivery/clock.js'
import { makeCertificates } from '../services/certificates.js'
import { temporaryFolders } from '../store/temporary-folder.js'
import { smallProxies } from './small-proxy.js'

const { open } = receivers()
const openProxy = smallProxies()
const temporaryFolder = temporaryFolders()
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const addresses: Readonly<Record<string, string>> = {
  'hooks.example.com': '93.184.216.34',
  'inside.example.com': '10.1.2.3',
  'metadata.example.com': '169.254.169.254',
}

interface WorldOptions {
  readonly allow?: readonly string[]
  readonly login?: string
  /** Default url: that of a proxy that is there. */
  readonly proxy?: Partial<NonNullable<GuardOptions['proxy']>>
}

async function world({ login, allow = [], proxy: more = {} }: WorldOptions = {}) {
  const { received, port } = await open()
  const proxy = await openProxy((place) => (place.startsWith('down') ? undefined : port), login)
  const guard = createGuard({
    allow,
    allowPrivate: false,
    connectTimeoutMs: 5000,
    lookup: async (host) => {
      const address = addresses[host]
      if (address === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
      return [{ address }]
    },
    proxy: { url: proxy.url, ...more },
  })
  closing.push(() => guard.close())
  const http = createHttpClient(guard)
  const signal = new AbortController().signal
  const ask = (url: string, headers: Readonly<Record<string, string>> = {}) =>
    http({ method: 'POST', url, headers, body: 'hello', signal })
  /** The class and words of the failure. */
  const failure = async (url: string) => {
    const error = await ask(url).then(
      () => new Error('it was asked'),
      (thrown: unknown) => thrown,
    )
    const { class: kind, message } = classOfError(error)
    return `${kind}: ${message}`
  }
  return { received, proxy, port, ask, failure }
}

describe('behind a proxy', () => {
  it('what is asked goes through a tunnel as it would go without, and connections are used again', async () => {
    const { ask, proxy, received } = await world()
    expect(await ask('http://hooks.example.com/a%2Fb?q=%7e', { 'X-Team': 'qa' })).toMatchObject({
      status: 200,
      text: 'ok',
    })
    // The connection is free once its turn has ended.
    await settled()
    await ask('http://hooks.example.com/again')
    await ask('http://93.184.216.34:8080/')
    expect(proxy.asked).toEqual(['hooks.example.com:80', '93.184.216.34:8080'])
    expect(proxy.logins).toEqual([undefined, undefined])
    expect(received.map(({ url, headers, body }) => [url, headers.host, String(body)])).toEqual([
      ['/a%2Fb?q=%7e', 'hooks.example.com', 'hello'],
      ['/again', 'hooks.example.com', 'hello'],
      ['/', '93.184.216.34:8080', 'hello'],
    ])
    expect(received[0]?.headers).toMatchObject({ 'x-team': 'qa' })
    expect(received[0]?.headers).not.toHaveProperty('proxy-authorization')
  })

  it('a name that is known to the proxy alone is the proxy’s to look up', async () => {
    const { ask, proxy } = await world()
    expect(await ask('http://only-there.example.com/')).toMatchObject({ status: 200 })
    expect(proxy.asked).toEqual(['only-there.example.com:80'])
  })

  it.each([
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00::1]/',
    'http://0x7f000001:1/',
    'http://localhost:1/',
    'http://inside.example.com/',
    'http://metadata.example.com/',
  ])('nothing is asked for %s', async (url) => {
    const { failure, proxy } = await world()
    expect(await failure(url)).toMatch(/^guard: .* may not be dialled; to allow it, add to settings: network\.allow/)
    expect(proxy.asked).toEqual([])
  })

  it('what network.allow names is asked for over the proxy, and what noProxy names without', async () => {
    const { port: direct, received } = await open()
    const { ask, failure, proxy } = await world({
      allow: ['10.0.0.0/8', `127.0.0.1:${direct}`],
      proxy: { noProxy: ['10.9.0.0/16', 'gone.example.com'] },
    })
    await ask('http://10.0.0.1/')
    expect(proxy.asked).toEqual(['10.0.0.1:80'])
    // This machine is never behind it.
    await ask(`http://127.0.0.1:${direct}/here`)
    expect(received.map(({ url }) => url)).toEqual(['/here'])
    expect(await failure('http://gone.example.com/')).toBe('network: getaddrinfo ENOTFOUND gone.example.com')
    expect(proxy.asked).toHaveLength(1)
  })

  it('a login is shown to the proxy alone', async () => {
    const right = await world({ login: 'ann:s3cret', proxy: { username: 'ann', password: 's3cret' } })
    expect(await right.ask('http://hooks.example.com/')).toMatchObject({ status: 200 })
    expect(JSON.stringify(right.received)).not.toContain('proxy-authorization')
    const wrong = await world({ login: 'ann:s3cret', proxy: { username: 'ann', password: 'wr0ng' } })
    const said = await wrong.failure('http://hooks.example.com/')
    expect(said).toMatch(
      /^network: the proxy 127\.0\.0\.1:\d+ answered 407 when asked for hooks\.example\.com:80: are network/,
    )
    expect(said).not.toContain('wr0ng')
    expect(wrong.received).toEqual([])
  })

  it('a proxy that cannot, or is not there, is a failure of the network', async () => {
    const { failure } = await world()
    expect(await failure('http://down.example.com/')).toMatch(
      /^network: the proxy \S+ answered 502 when asked for down/,
    )
    const gone = await world({ proxy: { url: 'http://127.0.0.1:1' } })
    expect(await gone.failure('http://hooks.example.com/')).toMatch(
      /^network: the proxy 127\.0\.0\.1:1 cannot be asked: /,
    )
  })

  it('TLS is with who is asked, and is checked', async () => {
    const { keyFile, certificateFile } = makeCertificates(temporaryFolder())
    const names: (string | false | null | undefined)[] = []
    const server = createTlsServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) })
    server.on('tlsClientError', () => {})
    server.on('secureConnection', (socket) => names.push(socket.servername))
    server.on('connection', (socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(async () => void server.close())
    const proxy = await openProxy(() => (server.address() as AddressInfo).port)
    const { failure } = await world({ proxy: { url: proxy.url } })
    expect(await failure('https://hooks.example.com/')).toMatch(/^network: .*(self-signed|unable to (get|verify))/)
    expect(proxy.asked).toEqual(['hooks.example.com:443'])
  })

  it('an entry of noProxy that cannot be read is said', () => {
    const proxy = { url: 'http://127.0.0.1:1', noProxy: ['10.0.0.0/99'] }
    expect(() => createGuard({ allow: [], allowPrivate: false, connectTimeoutMs: 1, proxy })).toThrow(
      'network.proxy.noProxy: "10.0.0.0/99" is not an address range',
    )
  })
})
