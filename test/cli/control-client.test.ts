import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort, tokens } from '../status/control-port.js'
import { status } from '../status/fake-views.js'
import { type RunOptions, runCommand } from './run-command.js'

let port: ControlPort
const others: (Server | TcpServer)[] = []
beforeEach(async () => {
  port = await openControlPort()
})
afterEach(async () => {
  await port.api.close()
  for (const server of others.splice(0)) server.close()
})

const run = (line: string, options: RunOptions = {}) =>
  runCommand(line.split(' '), {
    env: { CALLBOARD_CONTROL_URL: `http://127.0.0.1:${port.port}`, CALLBOARD_TOKEN: tokens.operate },
    ...options,
  })

async function listening(server: Server | TcpServer): Promise<string> {
  others.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a controller that cannot be asked', () => {
  it('is not there', async () => {
    const closed = createServer()
    const url = await listening(closed)
    await new Promise((resolve) => closed.close(resolve))
    const { code, stdout, stderr } = await run(`status --control ${url}`)
    expect([code, stdout]).toEqual([4, ''])
    expect(stderr).toBe(
      `error: nothing listens at ${url}; start a controller with "callboard run", or name another with --control\n`,
    )
  })

  it('wants a token, or another one', async () => {
    const none = await run('suspend', { env: { CALLBOARD_CONTROL_URL: `127.0.0.1:${port.port}` } })
    expect([none.code, none.stderr]).toEqual([4, expect.stringContaining('give one with --token or CALLBOARD_TOKEN')])
    const wrong = await run('suspend --token s3cret-guess')
    expect([wrong.code, wrong.stderr]).toEqual([4, expect.stringContaining('does not accept this token')])
    expect(wrong.stderr).not.toContain('s3cret-guess')
  })

  it('has operations switched off, and says how to switch them on', async () => {
    await port.api.close()
    port = await openControlPort({ tokens: {} })
    const { code, stderr } = await run('reset')
    expect([code, stderr]).toEqual([4, expect.stringContaining('CALLBOARD_TOKENS_OPERATE')])
  })

  it('does not go by this name', async () => {
    const forward = createServer((incoming, outgoing) => {
      incoming.resume()
      const body = '{"type":"urn:callboard:problem:unknown-host","detail":"Host"}'
      outgoing.writeHead(421, { 'content-type': 'application/problem+json' }).end(body)
    })
    const { code, stderr } = await run(`status --control ${await listening(forward)}`)
    expect([code, stderr]).toEqual([4, expect.stringContaining('add it to bind.hosts in its settings')])
  })

  for (const code of [200, 404, 500, 302]) {
    it(`is another server, which answers ${code}`, async () => {
      const stranger = createServer((_, response) => response.writeHead(code).end('hello'))
      const ran = await run(`status --control ${await listening(stranger)}`)
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([4, '', expect.stringContaining("is it the resolver's port?")])
    })
  }

  it('does not speak HTTP', async () => {
    const url = await listening(createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')))
    const { code, stderr } = await run(`status --control ${url}`)
    expect([code, stderr]).toEqual([4, `error: ${url} does not speak HTTP; is it the control port?\n`])
  })

  it('closes the connection', async () => {
    const url = await listening(createTcpServer((socket) => socket.destroy()))
    const { code, stderr } = await run(`status --control ${url}`)
    expect([code, stderr]).toEqual([
      4,
      `error: ${url} closed the connection; is it the control port, and is it http or https?\n`,
    ])
  })

  for (const url of ['ftp://localhost', 'http://', 'http://user:pass@localhost:5790', 'not a url']) {
    it(`is not at ${url}`, async () => {
      const { code, stdout, stderr } = await runCommand(['status', '--control', url])
      expect([code, stdout]).toEqual([3, ''])
      expect(stderr).toMatch(/^error: --control /)
      expect(stderr).not.toContain('pass@')
    })
  }

  it('stands behind a path of a proxy', async () => {
    const paths: string[] = []
    const proxy = createServer((incoming, outgoing) => {
      paths.push(incoming.url ?? '')
      outgoing.setHeader('content-type', 'application/json')
      outgoing.end(JSON.stringify({ version: '1', ...status() }))
    })
    expect((await run(`status --control ${await listening(proxy)}/callboard/`)).code).toBe(0)
    expect(paths).toEqual(['/callboard/api/v1/status'])
  })
})
