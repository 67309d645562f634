import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../src/log.js'
import { type Controller, StartError, StartStopped, start } from '../src/main.js'
import { loadSettings, SettingsError } from '../src/settings.js'
import { mock } from './cli/repository.js'

let folder: string
const open: Controller[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callboard-main-'))
  mkdirSync(join(folder, 'mocks'))
  writeFileSync(join(folder, 'mocks/a.yaml'), mock('a'))
})
afterEach(async () => {
  for (const controller of open.splice(0)) await controller.close()
  rmSync(folder, { recursive: true, force: true })
})

async function begin(flags: { [key: string]: unknown } = {}, signal?: AbortSignal): Promise<Controller> {
  const settings = loadSettings({
    env: {},
    flags: {
      source: { url: join(folder, 'mocks') },
      ports: { resolver: 0, control: 0 },
      stateDir: join(folder, 'state'),
      ...flags,
    },
  })
  const log = createLog('silent', false)
  const controller = await start(settings, { env: {}, log, ...(signal === undefined ? {} : { signal }) })
  open.push(controller)
  return controller
}

const failure = (flags: { [key: string]: unknown }) =>
  begin(flags).then(
    () => undefined,
    (error: unknown) => error,
  )

/** What failed leaves nothing open: the same state directory serves at once. */
async function servesNow(): Promise<void> {
  const { addresses } = await begin()
  expect((await fetch(`${addresses.resolver}/stubs/shop/a`)).status).toBe(200)
}

describe('start', () => {
  it('serves as soon as it resolves, on the ports it names', async () => {
    const { addresses } = await begin()
    expect((await fetch(`${addresses.resolver}/stubs/shop/a`)).status).toBe(200)
    expect((await fetch(`${addresses.control}/readyz`)).status).toBe(200)
  })

  it('serves what was applied last when the source is gone, and says so', async () => {
    const first = await begin()
    await first.close()
    rmSync(join(folder, 'mocks'), { recursive: true })
    const { addresses, conditions } = await begin()
    expect((await fetch(`${addresses.resolver}/stubs/shop/a`)).status).toBe(200)
    expect(conditions().find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      message: expect.stringContaining('there is no folder'),
    })
  })

  it('waits for a folder that is not there yet', async () => {
    const { addresses, conditions } = await begin({ source: { url: join(folder, 'later') } })
    expect((await fetch(`${addresses.control}/readyz`)).status).toBe(503)
    expect(conditions().find(({ type }) => type === 'Ready')?.message).toContain('there is no folder')
  })
})

describe('start with settings that cannot be used', () => {
  const cases: readonly { name: string; flags: { [key: string]: unknown }; says: string }[] = [
    {
      name: 'a Git URL with credentials in it',
      flags: { source: { url: 'https://u:s3cret@example.test/x.git' } },
      says: 'source.url: the URL holds credentials',
    },
    { name: 'no range', flags: { network: { allow: ['10.0.0.0/99'] } }, says: 'network.allow: "10.0.0.0/99"' },
    { name: 'an open control port without a token', flags: { bind: { control: '0.0.0.0' } }, says: 'tokens.read' },
    { name: 'a token that no header can carry', flags: { tokens: { operate: 'a\nb' } }, says: 'tokens.operate' },
    {
      name: 'a certificate that is not there',
      flags: { tls: { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' } },
      says: 'tls.cert: ENOENT',
    },
    {
      name: 'a certificate that is none',
      flags: { tls: { cert: 'package.json', key: 'package.json' } },
      says: 'tls: package.json',
    },
  ]
  for (const { name, flags, says } of cases) {
    it(`is refused: ${name}`, async () => {
      const error = await failure(flags)
      expect(error).toBeInstanceOf(SettingsError)
      expect(String(error)).toContain(says)
      expect(String(error)).not.toContain('s3cret')
      await servesNow()
    })
  }
})

describe('start when something is in the way', () => {
  it('names the port that is in use and the option that chooses another', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    for (const name of ['resolver', 'control']) {
      const error = await failure({ ports: { resolver: 0, control: 0, [name]: port } })
      expect(error).toBeInstanceOf(StartError)
      expect(String(error)).toBe(
        `StartError: the ${name} cannot listen on 127.0.0.1:${port}: the port is in use; choose another with --${name}-port or ports.${name}, or 0 for any`,
      )
    }
    await new Promise((resolve) => server.close(resolve))
    await servesNow()
  })

  for (const [address, says] of [
    ['192.0.2.1', 'not one of this machine'],
    ['no such host', 'bind.resolver'],
  ] as const) {
    it(`names the setting for the address ${address}`, async () => {
      const error = await failure({ bind: { resolver: address } })
      expect(error).toBeInstanceOf(StartError)
      expect(String(error)).toContain(says)
      await servesNow()
    })
  }

  it('names who holds the state directory', async () => {
    await begin()
    const error = await failure({})
    expect(error).toBeInstanceOf(StartError)
    expect(String(error)).toContain(`process ${process.pid}`)
  })

  it('names a state directory that cannot be one', async () => {
    writeFileSync(join(folder, 'file'), '')
    for (const stateDir of [join(folder, 'file'), join(folder, 'file/below')]) {
      const error = await failure({ stateDir })
      expect(error).toBeInstanceOf(StartError)
      expect(String(error)).toContain(`the state directory ${stateDir} cannot be used: `)
    }
  })

  it('names a state directory that may not be written', async () => {
    mkdirSync(join(folder, 'locked'))
    chmodSync(join(folder, 'locked'), 0o500)
    const root = process.getuid?.() === 0
    // Permissions do not hold root back, so root is somebody else for a moment.
    if (root) process.seteuid?.(65_534)
    try {
      expect(String(await failure({ stateDir: join(folder, 'locked/state') }))).toContain('EACCES')
    } finally {
      if (root) process.seteuid?.(0)
    }
  })

  it('names a state directory of a newer version, and leaves it as it is', async () => {
    mkdirSync(join(folder, 'newer'))
    const text = '{"format": 99, "epoch": "e", "segments": []}'
    writeFileSync(join(folder, 'newer/state.json'), text)
    const [name = ''] = readdirSync(join(folder, 'newer'))
    const error = await failure({ stateDir: join(folder, 'newer') })
    if (name !== 'state.json' || error === undefined) throw new Error('the document is not called state.json any more')
    expect(String(error)).toContain('a newer version')
  })
})

describe('start that is given up', () => {
  it('closes what was open', async () => {
    await expect(begin({}, AbortSignal.abort())).rejects.toBeInstanceOf(StartStopped)
    expect(existsSync(join(folder, 'state'))).toBe(true)
    await servesNow()
  })
})
