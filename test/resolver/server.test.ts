import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { request as requestTls } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { raw } from './raw-connection.js'
import { mock, serve } from './running-resolver.js'

const hello = mock('hello', { http: { route: '/hello' }, response: { payload: 'world' } })
const late = mock('late', { http: { route: '/late' }, response: { payload: 'late', delay: 300 } })
const echo = mock('echo', { http: { route: '/echo', httpMethod: 'POST' }, response: { payload: { body: '$.req' } } })

describe('connections', () => {
  it('are kept alive, and carry the Date', async () => {
    const { port } = await serve([hello])
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const ask = () =>
      new Promise<{ reused: boolean; date: string | undefined }>((resolve, reject) => {
        const asked = request({ port, path: '/hello', agent }, (answer) => {
          answer.resume()
          answer.on('end', () => resolve({ reused: asked.reusedSocket, date: answer.headers.date }))
        })
        asked.on('error', reject).end()
      })
    const first = await ask()
    expect(first.reused).toBe(false)
    expect(Date.parse(first.date ?? '')).toBeGreaterThan(0)
    expect((await ask()).reused).toBe(true)
  })

  it('HTTP/1.0 gets its answer and the end of the connection', async () => {
    const { port } = await serve([hello])
    const connection = await raw(port)
    connection.send('GET /hello HTTP/1.0\r\n\r\n')
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*Connection: close[\s\S]*world$/i)
  })

  it('Connection: close is obeyed', async () => {
    const { port } = await serve([hello])
    const connection = await raw(port)
    connection.send('GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(await connection.ended).toMatch(/Connection: close[\s\S]*world$/i)
  })

  it('pipelined requests are answered in order, also when the first has to wait', async () => {
    const { port } = await serve([hello, late, echo])
    const connection = await raw(port)
    const posted = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi'
    connection.send(`GET /late HTTP/1.1\r\nHost: x\r\n\r\n${posted}GET /hello HTTP/1.1\r\nHost: x\r\n\r\n`)
    const received = await connection.until(/world/)
    expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
    expect(received.indexOf('late')).toBeLessThan(received.indexOf('"hi"'))
    expect(received.indexOf('"hi"')).toBeLessThan(received.indexOf('world'))
  })

  it('Expect: 100-continue is answered before the body comes', async () => {
    const { port } = await serve([echo])
    const connection = await raw(port)
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\n'
    connection.send(`${head}Content-Length: 2\r\n\r\n`)
    expect(await connection.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 100 Continue/)
    connection.send('ok')
    expect(await connection.until(/"ok"/)).toContain('HTTP/1.1 200')
  })

  it('Expect: 100-continue with a body beyond the limit gets 413 instead', async () => {
    const { port } = await serve([echo])
    const connection = await raw(port)
    connection.send('POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999999\r\n\r\n')
    expect(await connection.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 413/)
  })

  it('a URL in absolute form means its path', async () => {
    const { port } = await serve([hello])
    const connection = await raw(port)
    connection.send('GET http://example.org/hello HTTP/1.1\r\nHost: example.org\r\n\r\n')
    expect(await connection.until(/world/)).toContain('HTTP/1.1 200')
  })

  it('OPTIONS * is answered', async () => {
    const { port } = await serve([hello])
    const connection = await raw(port)
    connection.send('OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await connection.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 204[\s\S]*Allow: /)
  })

  it('a chunked body is read', async () => {
    const { port } = await serve([echo])
    const connection = await raw(port)
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n'
    connection.send(`${head}2\r\nab\r\n`)
    connection.send('1\r\nc\r\n0\r\n\r\n')
    expect(await connection.until(/"abc"/)).toContain('HTTP/1.1 200')
  })
})

describe('close', () => {
  it('lets a running request finish, ends its connection, and takes no new one', async () => {
    const { port, resolver } = await serve([hello, late])
    const running = await raw(port)
    const idle = await raw(port)
    idle.send('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n')
    await idle.until(/world/)
    running.send('GET /late HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect.poll(() => resolver.mocks().find(({ name }) => name === 'late')?.hits).toBe(1)
    const began = performance.now()
    await resolver.close(10_000)
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(await running.ended).toMatch(/Connection: close[\s\S]*late$/i)
    await idle.ended
    await expect(raw(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('ends connections that were opened in advance and never used', async () => {
    const { port, resolver } = await serve([hello])
    const unused = await raw(port)
    // Whatever was accepted later has an answer: the server has seen both.
    const later = await raw(port)
    later.send('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n')
    await later.until(/world/)
    await resolver.close(600_000)
    expect(await unused.ended).toBe('')
  })

  it('cuts what is not finished in time', async () => {
    const never = mock('never', { http: { route: '/never' }, response: { payload: 'x', delay: 600_000 } })
    const { port, resolver } = await serve([never])
    const connection = await raw(port)
    connection.send('GET /never HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect.poll(() => resolver.mocks()[0]?.hits).toBe(1)
    await resolver.close(50)
    expect(await connection.ended).toBe('')
  })
})

describe('listen', () => {
  it('rejects for a port in use', async () => {
    const { port } = await serve([])
    await expect(serve([], { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('with a certificate it speaks HTTPS', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-tls-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    })
    const { port } = await serve([hello], { options: { tls: { key: readFileSync(key), cert: readFileSync(cert) } } })
    const text = await new Promise<string>((resolve, reject) => {
      requestTls({ port, path: '/hello', rejectUnauthorized: false, agent: false }, (answer) => {
        let received = ''
        answer.on('data', (chunk) => {
          received += String(chunk)
        })
        answer.on('end', () => resolve(received))
      })
        .on('error', reject)
        .end()
    })
    expect(text).toBe('world')
  })
})
