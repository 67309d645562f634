import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createLog } from '../src/log.js'
import { StartError, start } from '../src/main.js'
import { openSource } from '../src/open-source.js'
import { loadSettings, SettingsError } from '../src/settings.js'
import { freePort } from './source/git/git-daemon.js'

const folder = mkdtempSync(join(tmpdir(), 'callboard-open-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Flags = Record<string, unknown>

function open(source: Flags, network: Flags = {}) {
  const settings = loadSettings({ env: {}, flags: { source, network, stateDir: join(folder, 'state') } })
  const ownPorts = () => ({ control: 5790, resolver: 5770 })
  return openSource(settings, {
    env: process.env,
    log: createLog('silent', false),
    ownPorts,
    onFound: () => {},
    now: Date.now,
  })
}

const https = 'https://git.example.com/x.git'
const ssh = 'git@git.example.com:x.git'
const key = { file: '/key' }

describe('settings of a repository', () => {
  const wrong: readonly { name: string; source: Flags; says: string }[] = [
    { name: 'credentials in the URL', source: { url: 'https://a:s3cret@b.example/x' }, says: 'holds credentials' },
    { name: 'another transport', source: { url: 'ext::sh' }, says: '"ext::" are not used' },
    { name: 'http to elsewhere', source: { url: 'http://git.example.com/x' }, says: 'source.allowHttp: true' },
    { name: 'ssh without a key', source: { url: ssh }, says: 'give sshKey' },
    { name: 'ssh without known hosts', source: { url: ssh, auth: { sshKey: key } }, says: 'knownHosts is missing' },
    { name: 'ssh with a token', source: { url: ssh, auth: { token: key } }, says: 'token is of no use for ssh' },
    { name: 'two secrets', source: { url: https, auth: { token: key, bearer: key } }, says: 'has token and bearer' },
    { name: 'a password of nobody', source: { url: https, auth: { password: key } }, says: 'needs a username' },
    { name: 'a user without a secret', source: { url: https, auth: { username: 'a' } }, says: 'needs a password' },
    { name: 'a key over https', source: { url: https, auth: { sshKey: key } }, says: 'of no use for https' },
    {
      name: 'a proxy with credentials',
      source: { url: https, auth: { proxy: 'http://a:s3cret@proxy:1' } },
      says: 'proxy is no URL',
    },
    { name: 'a token of a file', source: { url: 'file:///x', auth: { token: key } }, says: 'of no use for file' },
    { name: 'two refs', source: { url: https, ref: { branch: 'a', tag: 'b' } }, says: 'source.ref has branch and tag' },
    { name: 'an option as ref', source: { url: https, ref: { branch: '--x' } }, says: 'no name that git allows' },
    { name: 'a path out', source: { url: https, path: 'a/../../b' }, says: 'source.path' },
  ]
  it.each(wrong)('with $name are refused', async ({ source, says }) => {
    const refused = await open(source).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SettingsError)
    expect((refused as Error).message).toContain(says)
    expect((refused as Error).message).not.toContain('s3cret')
  })

  it('with a secret in place of a reference are refused by file and line, without it', () => {
    const file = join(folder, 'settings.yaml')
    writeFileSync(file, 'source:\n  auth:\n    token: s3cret\n')
    const load = () => loadSettings({ file, env: {} })
    expect(load).toThrow(`${file}:3:5: source.auth.token is a secret: give {env: NAME} or {file: path}`)
    expect(load).not.toThrow('s3cret')
  })

  it('with an entry of network.allowGit that is none name that setting', async () => {
    await expect(open({ url: https }, { allowGit: ['10.0.0.0/99'] })).rejects.toThrow('network.allowGit: "10.0.0.0/99"')
  })

  it.each(['', '/', './', '.', 'team/', '/team/mocks', './team'])('take the path %j', async (path) => {
    await (await open({ url: https, path })).close()
  })
})

it('a start without git is given up, and says why', async () => {
  const flags = {
    source: { url: 'file:///nowhere' },
    stateDir: join(folder, 'no-git'),
    ports: { resolver: 0, control: 0 },
  }
  const starting = start(loadSettings({ env: {}, flags }), { env: { PATH: folder }, log: createLog('silent', false) })
  const error = await starting.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(StartError)
  expect(error).toMatchObject({ message: 'git cannot be run: it is not installed, or not in PATH' })
})

describe('the host of a repository', () => {
  it.each([
    'http://127.0.0.1:1/x.git',
    'http://localhost:1/x.git',
    'https://10.1.2.3/x.git',
    'https://[::ffff:192.168.0.1]/x.git',
    'https://169.254.169.254/x.git',
    'git://127.0.0.1/x.git',
  ])('%s is refused with the line that allows it, whatever callbacks may dial', async (url) => {
    const source = await open({ url }, { allow: ['127.0.0.0/8', '10.0.0.0/8'], allowPrivate: true })
    await expect(source.fetch(new Set())).rejects.toMatchObject({
      reason: 'HostRefused',
      message: expect.stringContaining('network.allowGit: ["'),
    })
    await source.close()
  })

  it('is asked where network.allowGit names it, and never at the control port', async () => {
    const port = await freePort()
    const source = await open({ url: `http://127.0.0.1:${port}/x.git` }, { allowGit: ['127.0.0.1'] })
    await expect(source.fetch(new Set())).rejects.toMatchObject({ reason: 'FetchFailed' })
    await source.close()
    const own = await open({ url: 'http://127.0.0.1:5790/x.git' }, { allowGit: ['127.0.0.1'] })
    await expect(own.fetch(new Set())).rejects.toMatchObject({ reason: 'HostRefused' })
    await own.close()
  })
})
