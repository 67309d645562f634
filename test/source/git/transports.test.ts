import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeCertificates } from '../../services/certificates.js'
import { describeWith, privateSshd } from '../../services/services.js'
import { startDaemon } from './git-daemon.js'
import { HttpGitServer } from './http-server.js'
import { openedGit, temporaryFolder } from './opened-git.js'
import { Repository } from './repository.js'

const none: ReadonlySet<string> = new Set()

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

describe('a repository over http', () => {
  const cases = [
    { name: 'nothing', authorization: undefined, auth: {} },
    { name: 'a token', authorization: basic('x-access-token:t0ken'), auth: { token: { env: 'SECRET' } } },
    {
      name: 'a token of a user',
      authorization: basic('ann:t0ken'),
      auth: { username: 'ann', token: { env: 'SECRET' } },
    },
    { name: 'a password', authorization: basic('ann:t0ken'), auth: { username: 'ann', password: { env: 'SECRET' } } },
    { name: 'a bearer', authorization: 'Bearer t0ken', auth: { bearer: { env: 'SECRET' } } },
  ]
  for (const { name, authorization, auth } of cases) {
    it(`is read with ${name}`, async () => {
      const repository = new Repository({ 'a.yaml': 'a' })
      const server = await HttpGitServer.start(repository, authorization === undefined ? {} : { authorization })
      const source = openedGit(server.url, { auth, env: { ...process.env, SECRET: 't0ken' } })
      const { files, revision } = await source.fetch(none)
      expect([...files.keys()]).toEqual(['a.yaml'])
      expect(revision).toBe(`main@sha1:${repository.git('rev-parse', 'HEAD')}`)
      expect(new Set(server.requests.map((request) => request.authorization))).toEqual(new Set([authorization]))
    })
  }

  it('asks once with ls-remote and no more while nothing has moved', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const server = await HttpGitServer.start(repository)
    const source = openedGit(server.url)
    const first = await source.fetch(none)
    server.requests.length = 0
    expect(await source.fetch(none)).toBe(first)
    // Protocol 2: what the server can do, then the refs.
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/config.git/info/refs?service=git-upload-pack',
      '/config.git/git-upload-pack',
    ])
  })

  it('follows no redirect, and says so', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const target = await HttpGitServer.start(repository)
    const server = await HttpGitServer.start(repository)
    server.trouble = ({ url = '' }, response) => {
      response.writeHead(301, { location: `http://127.0.0.1:${target.port}${url}` }).end()
      return true
    }
    await expect(openedGit(server.url).fetch(none)).rejects.toMatchObject({ reason: 'RedirectRefused' })
    expect(target.requests).toEqual([])
  })

  it('dials the address that was checked, whatever the name stands for', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const server = await HttpGitServer.start(repository)
    const asked: string[] = []
    const source = openedGit(`http://git.example.test:${server.port}/config.git`, {
      resolve: async (host, port) => {
        asked.push(`${host}:${port}`)
        return ['127.0.0.1']
      },
    })
    expect((await source.fetch(none)).files.size).toBe(1)
    expect(asked).toEqual([`git.example.test:${server.port}`])
  })
})

describe('a repository behind a proxy', () => {
  it('is asked for there, by a name that only the proxy knows', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const proxy = await HttpGitServer.start(repository)
    const source = openedGit('http://git.internal.test/config.git', {
      auth: { proxy: `http://127.0.0.1:${proxy.port}` },
      resolve: async () => {
        throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
      },
    })
    expect((await source.fetch(none)).files.size).toBe(1)
    expect(proxy.requests[0]?.url).toContain('http://git.internal.test/config.git/info/refs')
  })

  it('is not asked for through the one of the environment', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const server = await HttpGitServer.start(repository)
    const other = await HttpGitServer.start(repository)
    const proxy = `http://127.0.0.1:${other.port}`
    const env = { ...process.env, http_proxy: proxy, HTTP_PROXY: proxy, all_proxy: proxy, ALL_PROXY: proxy }
    expect((await openedGit(server.url, { env }).fetch(none)).files.size).toBe(1)
    expect(other.requests).toEqual([])
  })
})

describe('a host that cannot be looked up', () => {
  it('is named, at once or when the time is up', async () => {
    const unknown = openedGit('https://git.example.test/config.git', {
      resolve: async () => {
        throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
      },
    })
    await expect(unknown.fetch(none)).rejects.toThrow('the host git.example.test cannot be looked up (ENOTFOUND)')
    const slow = openedGit('https://git.example.test/config.git', {
      timeoutMs: 50,
      resolve: () => new Promise(() => {}),
    })
    await expect(slow.fetch(none)).rejects.toMatchObject({ reason: 'TimedOut' })
  })
})

describe('a host that takes a connection and says nothing', () => {
  it('over ssh ends with what git has started for it', async () => {
    let server = createServer()
    const closed = new Promise<void>((resolve) => {
      server = createServer((socket) =>
        socket
          .on('error', () => {})
          .on('close', () => resolve())
          .resume(),
      )
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'key'), 'no key, which nobody comes to ask for')
    writeFileSync(join(folder, 'known_hosts'), '')
    const auth = { sshKey: { file: join(folder, 'key') }, knownHosts: join(folder, 'known_hosts') }
    const source = openedGit(`ssh://git@127.0.0.1:${port}/x.git`, { auth, timeoutMs: 500 })
    await expect(source.fetch(none)).rejects.toMatchObject({ reason: 'TimedOut' })
    await closed
  })
})

describe('a repository over https', () => {
  it('is read where the authority is given, and refused where it is not', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const tls = makeCertificates(mkdtempSync(join(repository.base, 'tls-')))
    const server = await HttpGitServer.start(repository, { tls, authorization: 'Bearer t0ken' })
    const auth = { bearer: { env: 'SECRET' }, ca: tls.caFile }
    const env = { ...process.env, SECRET: 't0ken' }
    expect((await openedGit(server.url, { auth, env }).fetch(none)).files.size).toBe(1)
    const stranger = openedGit(server.url, { auth: { bearer: { env: 'SECRET' } }, env })
    await expect(stranger.fetch(none)).rejects.toMatchObject({ reason: 'CertificateRefused' })
  })
})

describe('a repository by git daemon', () => {
  it('is read, by the name of the host that was asked for', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const url = await startDaemon(repository)
    expect((await openedGit(url).fetch(none)).files.size).toBe(1)
    const named = openedGit(url.replace('127.0.0.1', 'git.example.test'))
    expect((await named.fetch(none)).files.size).toBe(1)
  })
})

describeWith(['sshd'], 'a repository over ssh', () => {
  it('is read by URL and by its short form, with a key in a file or a variable', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const sshd = await privateSshd()
    const url = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${repository.bare}`
    const auth = { sshKey: { file: sshd.keyFile }, knownHosts: sshd.knownHosts }
    expect((await openedGit(url, { auth }).fetch(none)).files.size).toBe(1)
    const env = { ...process.env, DEPLOY_KEY: readFileSync(sshd.keyFile, 'utf8') }
    const other = openedGit(url, { auth: { ...auth, sshKey: { env: 'DEPLOY_KEY' } }, env })
    expect((await other.fetch(none)).files.size).toBe(1)
  })

  it('is read from the address that was checked, by the host key of the name', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const sshd = await privateSshd()
    const [, key = ''] = readFileSync(sshd.knownHosts, 'utf8').split(/ (.*)/s)
    const knownHosts = join(mkdtempSync(join(tmpdir(), 'callboard-known-')), 'known hosts')
    writeFileSync(knownHosts, `[git.example.test]:${sshd.port} ${key}`)
    const auth = { sshKey: { file: sshd.keyFile }, knownHosts }
    const url = `ssh://${sshd.user}@git.example.test:${sshd.port}${repository.bare}`
    expect((await openedGit(url, { auth }).fetch(none)).files.size).toBe(1)
  })

  it('is refused where the host has another key, and where the key may not log in', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const sshd = await privateSshd()
    const url = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${repository.bare}`
    const knownHosts = sshd.knownHosts
    const stranger = openedGit(url, { auth: { sshKey: { file: sshd.otherKeyFile }, knownHosts } })
    await expect(stranger.fetch(none)).rejects.toMatchObject({ reason: 'AuthenticationFailed' })
    const source = openedGit(url, { auth: { sshKey: { file: sshd.keyFile }, knownHosts } })
    await source.fetch(none)
    await sshd.stop()
    await expect(source.fetch(none)).rejects.toMatchObject({ reason: 'FetchFailed' })
    sshd.changeHostKey()
    await sshd.start()
    await expect(source.fetch(none)).rejects.toMatchObject({
      reason: 'HostKeyRefused',
      message: expect.stringContaining('the key of the host is not the one in source.auth.knownHosts'),
    })
  })

  it.each([
    ['not there', undefined, (file: string) => `source.auth.knownHosts: the file ${file} cannot be read: ENOENT`],
    [
      'without this host',
      '# none\n',
      () => 'source.auth.knownHosts has no key of this host; add what ssh-keyscan prints',
    ],
  ])('is refused where the file of known hosts is %s, which is said', async (_, text, says) => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const sshd = await privateSshd()
    const knownHosts = join(temporaryFolder(), 'hosts')
    if (text !== undefined) writeFileSync(knownHosts, text)
    const url = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${repository.bare}`
    const source = openedGit(url, { auth: { sshKey: { file: sshd.keyFile }, knownHosts } })
    await expect(source.fetch(none)).rejects.toMatchObject({
      reason: 'HostKeyRefused',
      message: expect.stringContaining(says(knownHosts)),
    })
  })

  it('leaves no key behind', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const sshd = await privateSshd()
    const stateDir = temporaryFolder()
    const auth = { sshKey: { file: sshd.keyFile }, knownHosts: sshd.knownHosts }
    const url = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${repository.bare}`
    await openedGit(url, { auth, stateDir }).fetch(none)
    const left = readdirSync(stateDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('ssh-'))
    expect(left).toEqual([])
  })
})
