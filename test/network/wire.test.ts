import { type AddressInfo, createServer, connect as dialNow, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { AnswerReader } from '../../src/network/answer-reader.js'
import { UnsendableRequest, Wire, type WireRequest } from '../../src/network/wire.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that hands each connection, and each piece that comes over it, to the test. */
async function serve(onPiece: (socket: Socket, text: string, connection: number) => void) {
  let connections = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    connections += 1
    const number = connections
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (piece) => onPiece(socket, piece.toString('latin1'), number))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { url: new URL(`http://127.0.0.1:${port}/x`), sockets, connections: () => connections }
}

function wire({ now = () => 0 }: { readonly now?: () => number } = {}) {
  const made = new Wire({
    now,
    dial: (url, connected) => {
      const socket = dialNow(Number(url.port), url.hostname)
      socket.once('connect', () => connected(null, socket))
      socket.once('error', (error) => connected(error, null))
    },
  })
  closing.push(() => made.close())
  return made
}

function ask(over: Wire, url: URL, request: Partial<WireRequest> = {}): Promise<AnswerReader> {
  return new Promise((answered, failed) => {
    const whole = { method: 'POST', url, host: url.host, path: url.pathname, headers: [], body: 'hello', ...request }
    over.send(whole, 100, { answered, failed })
  })
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

describe('the wire', () => {
  it('sends one request after the other over one connection', async () => {
    const got: string[] = []
    const { url, connections } = await serve((socket, text) => {
      got.push(text)
      socket.write(ok)
    })
    const over = wire()
    const headers = ['X-A', 'b', 'x-a', 'ÿ']
    expect((await ask(over, url, { headers })).status).toBe(200)
    expect((await ask(over, url, { method: 'GET', body: null })).status).toBe(200)
    expect((await ask(over, url, { body: null })).status).toBe(200)
    expect(connections()).toBe(1)
    const begin = `HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n`
    expect(got).toEqual([
      `POST /x ${begin}X-A: b\r\nx-a: ÿ\r\ncontent-length: 5\r\n\r\nhello`,
      `GET /x ${begin}\r\n`,
      `POST /x ${begin}content-length: 0\r\n\r\n`,
    ])
  })

  it('sends the length of the bytes of a text', async () => {
    let got = ''
    const { url } = await serve((socket, text) => {
      got += text
      if (got.endsWith(Buffer.from('ü€').toString('latin1'))) socket.write(ok)
    })
    await ask(wire(), url, { body: 'ü€' })
    expect(got).toContain('content-length: 5\r\n')
  })

  it('has a connection for each of those that are under way at a time', async () => {
    const waiting: Socket[] = []
    const { url, connections } = await serve((socket) => {
      waiting.push(socket)
      if (waiting.length === 3) for (const each of waiting) each.write(ok)
    })
    const over = wire()
    await Promise.all([ask(over, url), ask(over, url), ask(over, url)])
    expect(connections()).toBe(3)
  })

  const lastOnes: [name: string, answer: string, request: Partial<WireRequest>][] = [
    ['the answer says so', ok.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'), {}],
    ['the request says so', ok, { headers: ['Connection', 'Close'] }],
    ['more has come than was asked for', ok + ok, {}],
    ['it will soon be closed', ok.replace('\r\n\r\n', '\r\nkeep-alive: timeout=1\r\n\r\n'), {}],
    ['not all of the answer was read', `HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n${'x'.repeat(500)}`, {}],
  ]
  for (const [name, answer, request] of lastOnes) {
    it(`closes a connection after the answer when ${name}`, async () => {
      const { url, connections } = await serve((socket) => socket.write(answer))
      const over = wire()
      await ask(over, url, request)
      await ask(over, url, request)
      expect(connections()).toBe(2)
    })
  }

  it('does not use a connection that was idle for too long', async () => {
    let now = 0
    const { url, connections } = await serve((socket) => socket.write(ok))
    const over = wire({ now: () => now })
    await ask(over, url)
    now += 3999
    await ask(over, url)
    now += 4001
    await ask(over, url)
    expect(connections()).toBe(2)
  })

  it('does not use a connection that the other side has closed, or over which something came unasked', async () => {
    const { url, sockets, connections } = await serve((socket) => socket.write(ok))
    const over = wire()
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.write('x')]) {
      await ask(over, url)
      const [socket] = [...sockets].slice(-1) as [Socket]
      const isGone = new Promise((resolve) => socket.once('close', resolve))
      leave(socket)
      await isGone
    }
    await ask(over, url)
    expect(connections()).toBe(3)
  })

  it('fails when the other side closes before all of the answer', async () => {
    const { url } = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'))
    await expect(ask(wire(), url)).rejects.toThrow('closed the connection before it had answered')
  })

  it('fails with what kept it from connecting', async () => {
    const over = new Wire({ now: () => 0, dial: (_, connected) => connected(new Error('no way'), null) })
    await expect(ask(over, new URL('http://127.0.0.1:1/'))).rejects.toThrow('no way')
  })

  it('a request that is called off is heard of no more, and its connection is closed', async () => {
    let arrived = () => {}
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const { url, sockets } = await serve(() => arrived())
    const heard: unknown[] = []
    const listener = {
      answered: (answer: unknown) => heard.push(answer),
      failed: (error: unknown) => heard.push(error),
    }
    const request = { method: 'POST', url, host: url.host, path: '/', headers: [], body: null }
    const callOff = wire().send(request, 100, listener)
    await hasArrived
    const [socket] = [...sockets] as [Socket]
    const isGone = new Promise((resolve) => socket.once('close', resolve))
    callOff()
    await isGone
    expect(heard).toEqual([])
  })

  it('a request that is called off while it connects closes the connection', async () => {
    const { url } = await serve(() => {})
    let connect = () => {}
    const sockets: Socket[] = []
    const over = new Wire({
      now: () => 0,
      dial: (_, connected) => {
        connect = () => {
          const socket = dialNow(Number(url.port), url.hostname)
          sockets.push(socket)
          connected(null, socket)
        }
      },
    })
    const heard: unknown[] = []
    const listener = {
      answered: (answer: unknown) => heard.push(answer),
      failed: (error: unknown) => heard.push(error),
    }
    over.send({ method: 'GET', url, host: url.host, path: '/', headers: [], body: null }, 100, listener)()
    connect()
    expect(sockets[0]?.destroyed).toBe(true)
    expect(heard).toEqual([])
  })

  it('what is under way fails when the wire is closed', async () => {
    let arrived = () => {}
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const { url } = await serve(() => arrived())
    const over = wire()
    const asking = expect(ask(over, url)).rejects.toThrow('nothing more is sent')
    await hasArrived
    over.close()
    await asking
  })

  const unsendable: [name: string, request: Partial<WireRequest>][] = [
    ['a method with a space', { method: 'PO ST' }],
    ['a path with a line break', { path: '/a\r\nb: c' }],
    ['a path that does not begin with a slash', { path: 'x' }],
    ['a name with a colon', { headers: ['a:b', 'c'] }],
    ['a name that is empty', { headers: ['', 'c'] }],
    ['a value with a line feed', { headers: ['a', 'b\nc: d'] }],
    ['a value with a carriage return', { headers: ['a', 'b\rc: d'] }],
    ['a value with a null', { headers: ['a', '\u0000'] }],
    ['a value beyond Latin-1', { headers: ['a', 'ŉ\u010a'] }],
    ['two hosts', { headers: ['host', 'a', 'Host', 'b'] }],
    ['a length of its own', { headers: ['Content-Length', '1'] }],
    ['a transfer coding', { headers: ['Transfer-Encoding', 'chunked'] }],
    ['an upgrade', { headers: ['connection', 'upgrade'] }],
    ['an expectation', { headers: ['Expect', '100-continue'] }],
  ]
  for (const [name, request] of unsendable) {
    it(`refuses ${name}, and connects to nobody`, () => {
      let dialled = 0
      const over = new Wire({
        now: () => 0,
        dial: () => {
          dialled += 1
        },
      })
      const url = new URL('http://127.0.0.1:1/')
      const whole = { method: 'POST', url, host: url.host, path: '/', headers: [], body: null, ...request }
      const listener = { answered: () => {}, failed: () => {} }
      expect(() => over.send(whole, 100, listener)).toThrow(UnsendableRequest)
      expect(dialled).toBe(0)
    })
  }
})
