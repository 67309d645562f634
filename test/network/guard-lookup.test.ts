// What dials without HTTP: a look-up for net.connect and tls.connect, which they ask for names and not for addresses.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGuard, type Guard, GuardError, type GuardOptions } from '../../src/network/guard.js'

function guard(options: Partial<GuardOptions> = {}): Guard {
  return createGuard({
    allow: [],
    allowPrivate: false,
    connectTimeoutMs: 2000,
    lookup: (name) => Promise.reject(new Error(`${name} was looked up`)),
    ...options,
  })
}

/** A server on loopback that counts its connections. */
async function listen() {
  const seen: string[] = []
  const server = createServer((socket) => {
    seen.push(socket.localAddress ?? '')
    socket.on('error', () => {}).end('hello')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, seen }
}

/** What is read from `host`, dialled as a client of another protocol would. */
function dial(made: Guard, host: string, port: number, over: 'tcp' | 'tls' = 'tcp'): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host, port, lookup: made.lookup(host, port) }
    const socket: Socket = over === 'tcp' ? connect(options) : connectTls(options)
    let text = ''
    socket.on('data', (data) => {
      text += data
    })
    socket.on('end', () => resolve(text)).on('error', reject)
  })
}

describe('the look-up for other protocols', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '%31%32%37.0.0.1',
    '１２７.0.０.１',
    '127.0.0.1.',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    'localhost',
    'LOCALHOST.',
    'mq.localhost',
  ])('refuses %s before anything is dialled, and prints the line for settings', (host) => {
    expect(() => guard().lookup(host, 5672)).toThrow(GuardError)
    expect(() => guard().lookup(host, 5672)).toThrow(/network\.allow: \["[^"]+:5672"\]/)
  })

  it.each(['', ' ', '[', 'a b', 'a/b', 'a:b', 'a@b', 'fe80::1%lo'])('refuses what is no host: %j', (host) => {
    expect(() => guard().lookup(host, 5672)).toThrow(GuardError)
  })

  it.each(['10.0.0.1', '169.254.169.254', '::1', 'fd00::1', '::ffff:10.0.0.1', '0.0.0.0'])(
    'refuses a name that resolves to %s, whatever else it resolves to',
    async (address) => {
      const { port, seen } = await listen()
      for (const addresses of [[address], ['8.8.8.8', address]]) {
        const made = guard({ lookup: async () => addresses.map((one) => ({ address: one })) })
        for (const over of ['tcp', 'tls'] as const) {
          const dialled = dial(made, 'mq.example', port, over)
          await expect(dialled).rejects.toThrow(GuardError)
          await expect(dialled).rejects.toThrow(`network.allow: ["mq.example:${port}"]`)
        }
      }
      expect(seen).toEqual([])
    },
  )

  it.each(['127.0.0.1', '127.1', '0x7f000001', 'localhost', 'mq.example'])(
    'dials %s where it is allowed',
    async (host) => {
      const { port, seen } = await listen()
      const allow = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]
      const made = guard({ allow, lookup: async () => [{ address: '127.0.0.1' }] })
      expect(await dial(made, host, port)).toBe('hello')
      expect(seen).toEqual(['127.0.0.1'])
    },
  )

  it('knows ports apart', async () => {
    const { port } = await listen()
    const made = guard({ allow: [`127.0.0.1:${port}`], lookup: async () => [{ address: '127.0.0.1' }] })
    expect(() => made.lookup('127.0.0.1', port + 1)).toThrow(GuardError)
    await expect(dial(made, 'mq.example', port + 1)).rejects.toThrow(GuardError)
  })

  it('never leads to the control port, nor to the resolver unless that is allowed by its number', () => {
    const made = guard({ allowPrivate: true, forbiddenPorts: () => ({ control: 5790, resolver: 5770 }) })
    expect(() => made.lookup('127.0.0.1', 5790)).toThrow(/control port/)
    expect(() => made.lookup('127.0.0.1', 5770)).toThrow(/resolver port/)
    expect(made.lookup('127.0.0.1', 5672)).toBeTypeOf('function')
  })

  it('dials the address that was judged, and looks up again for the next', async () => {
    const { port, seen } = await listen()
    const addresses = ['127.0.0.1', '10.0.0.1']
    const made = guard({ allow: ['127.0.0.1'], lookup: async () => [{ address: addresses.shift() ?? '' }] })
    expect(await dial(made, 'rebind.example', port)).toBe('hello')
    await expect(dial(made, 'rebind.example', port)).rejects.toThrow(/10\.0\.0\.1/)
    expect(seen).toHaveLength(1)
  })

  it('passes on what kept a name from being found', async () => {
    const error = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    await expect(dial(guard({ lookup: () => Promise.reject(error) }), 'gone.example', 1)).rejects.toBe(error)
    await expect(dial(guard({ lookup: async () => [] }), 'gone.example', 1)).rejects.toMatchObject({
      code: 'ENOTFOUND',
    })
  })
})
