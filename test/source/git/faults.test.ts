import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Snapshot, Source } from '../../../src/source/source.js'
import { contents } from '../../contract/source.js'
import { HttpGitServer } from './http-server.js'
import { openedGit, temporaryFolder } from './opened-git.js'
import { Repository } from './repository.js'

const none: ReadonlySet<string> = new Set()

async function failure(source: Source): Promise<{ message: string; reason: string }> {
  const error = await source.fetch(none).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toMatchObject({ name: 'SourceError' })
  return error as { message: string; reason: string }
}

function texts(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries(contents(snapshot))
}

describe('a server of Git in trouble', () => {
  it('that is down is named, and asked again until it is back', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const server = await HttpGitServer.start(repository)
    const { port, url } = server
    await server.stop()
    const source = openedGit(url)
    expect(await failure(source)).toMatchObject({ reason: 'FetchFailed', message: expect.stringContaining(url) })
    await server.listen(port)
    expect(texts(await source.fetch(none))).toEqual({ 'a.yaml': 'a' })
    await server.stop()
    expect((await failure(source)).reason).toBe('FetchFailed')
    repository.push({ 'a.yaml': 'b' })
    await server.listen(port)
    expect(texts(await source.fetch(none))).toEqual({ 'a.yaml': 'b' })
  })

  it('that does not answer is given up in time, and what git has started with it', async () => {
    const server = await HttpGitServer.start(new Repository({ 'a.yaml': 'a' }))
    const closed = new Promise<void>((resolve) => {
      server.trouble = (request) => {
        request.socket.on('close', () => resolve())
        return true
      }
    })
    expect(await failure(openedGit(server.url, { timeoutMs: 300 }))).toMatchObject({
      reason: 'TimedOut',
      message: expect.stringContaining('0.3 s'),
    })
    await closed
  })

  it('that does not answer does not hold up the close', async () => {
    const server = await HttpGitServer.start(new Repository({ 'a.yaml': 'a' }))
    const asked = new Promise<void>((resolve) => {
      server.trouble = () => {
        resolve()
        return true
      }
    })
    const source = openedGit(server.url)
    const fetching = failure(source)
    await asked
    await source.close()
    expect((await fetching).message).toContain('stopping')
  })

  it.each([0, 40, 400, 3_000])(
    'that breaks off after %i bytes leaves what was there, and is asked again',
    async (bytes) => {
      const repository = new Repository({ 'a.yaml': 'a' })
      const server = await HttpGitServer.start(repository)
      const source = openedGit(server.url)
      const first = await source.fetch(none)
      repository.push({
        'a.yaml': 'b'
          .repeat(20_000)
          .replaceAll('b', () => Math.random().toString(36))
          .slice(0, 20_000),
      })
      server.cutAfter = bytes
      expect((await failure(source)).reason).toBe('FetchFailed')
      // What is known already can still be asked for.
      expect(await source.fetch(none, new Set())).toBe(first)
      server.cutAfter = undefined
      expect((await source.fetch(none)).revision).not.toBe(first.revision)
    },
  )

  it('that refuses the credentials says so, shows none, and hears the new ones', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const pair = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
    const server = await HttpGitServer.start(repository, { authorization: pair('n3w-token') })
    const file = join(repository.base, 'token')
    writeFileSync(file, '0ld-token\n')
    const source = openedGit(server.url, { auth: { token: { file } } })
    const refused = await failure(source)
    expect(refused.reason).toBe('AuthenticationFailed')
    // A server that repeats what it was sent.
    server.trouble = ({ headers }, response) => {
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`no: ${headers.authorization} 0ld-token`)
      return true
    }
    const told = await failure(source)
    for (const { message } of [refused, told]) {
      expect(message).not.toContain('0ld-token')
      expect(message).not.toContain(pair('0ld-token').slice(6))
    }
    server.trouble = undefined
    writeFileSync(file, 'n3w-token\n')
    expect((await source.fetch(none)).files.size).toBe(1)
    rmSync(file)
    expect(await failure(source)).toMatchObject({ reason: 'SecretMissing', message: expect.stringContaining(file) })
  })
})

describe('a branch', () => {
  it('that is deleted is missed, and taken up again when it is back', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    repository.git('push', '-q', 'origin', 'HEAD:refs/heads/live')
    const source = openedGit(repository.url, { ref: { branch: 'live' } })
    await source.fetch(none)
    repository.git('push', '-q', 'origin', ':refs/heads/live')
    expect(await failure(source)).toMatchObject({
      reason: 'RefNotFound',
      message: expect.stringContaining('no branch "live"'),
    })
    repository.commit({ 'a.yaml': 'b' })
    repository.git('push', '-q', 'origin', 'HEAD:refs/heads/live')
    expect(texts(await source.fetch(none))).toEqual({ 'a.yaml': 'b' })
  })

  it('whose history is written anew is what it is now', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const source = openedGit(repository.url)
    await source.fetch(none)
    repository.push({ 'a.yaml': 'b' })
    const second = await source.fetch(none)
    repository.git('reset', '-q', '--hard', 'HEAD~1')
    repository.push({ 'c.yaml': 'c' })
    expect(texts(await source.fetch(none))).toEqual({ 'a.yaml': 'a', 'c.yaml': 'c' })
    repository.git('checkout', '-q', '--orphan', 'other')
    repository.commit({ 'a.yaml': 'z', 'c.yaml': undefined })
    repository.git('push', '-q', '--force', 'origin', 'HEAD:main')
    const orphan = await source.fetch(none)
    expect(texts(orphan)).toEqual({ 'a.yaml': 'z' })
    expect(orphan.revision).not.toBe(second.revision)
  })
})

describe('the local store', () => {
  const pack = (store: string, ending: string): string => {
    const folder = join(store, 'remote.git/objects/pack')
    const name = readdirSync(folder).find((file) => file.endsWith(ending))
    return join(folder, name ?? 'none')
  }
  const damages: readonly { name: string; damage: (store: string) => void }[] = [
    { name: 'a pack cut short', damage: (store) => writable(pack(store, '.pack'), (file) => truncateSync(file, 60)) },
    { name: 'a pack full of something else', damage: (store) => writable(pack(store, '.pack'), scramble) },
    { name: 'an index full of something else', damage: (store) => writable(pack(store, '.idx'), scramble) },
    { name: 'no pack', damage: (store) => rmSync(pack(store, '.pack')) },
    { name: 'no objects', damage: (store) => rmSync(join(store, 'remote.git/objects'), { recursive: true }) },
    { name: 'an empty ref', damage: (store) => writeFileSync(join(store, 'remote.git/refs/callboard/head'), '') },
    {
      name: 'a ref to nothing',
      damage: (store) => writeFileSync(join(store, 'remote.git/refs/callboard/head'), `${'0'.repeat(39)}1\n`),
    },
    { name: 'no settings of git', damage: (store) => writeFileSync(join(store, 'remote.git/config'), '[[[') },
    { name: 'no description', damage: (store) => writeFileSync(join(store, 'store.json'), '{') },
    { name: 'half a folder', damage: (store) => rmSync(join(store, 'local.git'), { recursive: true }) },
    {
      name: 'locks of a process that was killed',
      damage: (store) => writeFileSync(join(store, 'remote.git/shallow.lock'), ''),
    },
  ]
  for (const { name, damage } of damages) {
    for (const moved of [false, true]) {
      it(`with ${name} is filled anew by itself${moved ? ', also when the branch has moved' : ''}`, async () => {
        const repository = new Repository({ 'a.yaml': 'a', 'b.yaml': 'b'.repeat(5_000) })
        const stateDir = temporaryFolder()
        await openedGit(repository.url, { stateDir }).fetch(none)
        const [store = ''] = readdirSync(join(stateDir, 'git'))
        damage(join(stateDir, 'git', store))
        if (moved) repository.push({ 'a.yaml': 'moved' })
        const snapshot = await openedGit(repository.url, { stateDir }).fetch(none)
        expect(texts(snapshot)).toEqual({ 'a.yaml': moved ? 'moved' : 'a', 'b.yaml': 'b'.repeat(5_000) })
      })
    }
  }

  it('that lacks what came with the branch is filled anew while it runs', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const stateDir = temporaryFolder()
    const warnings: string[] = []
    const source = openedGit(repository.url, { stateDir, onWarning: (message) => warnings.push(message) })
    await source.fetch(none)
    rmSync(join(stateDir, 'git'), { recursive: true })
    repository.push({ 'a.yaml': 'b' })
    expect(texts(await source.fetch(none))).toEqual({ 'a.yaml': 'b' })
  })

  it('is one for each URL, and is used again after a restart', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const server = await HttpGitServer.start(repository)
    const stateDir = temporaryFolder()
    await openedGit(server.url, { stateDir }).fetch(none)
    server.requests.length = 0
    await openedGit(server.url, { stateDir }).fetch(none)
    expect(server.requests).toHaveLength(2)
    await openedGit(repository.url, { stateDir }).fetch(none)
    expect(readdirSync(join(stateDir, 'git'))).toHaveLength(2)
  })

  it('stays small however many commits come', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const stateDir = temporaryFolder()
    const source = openedGit(repository.url, { stateDir })
    for (let number = 0; number < 45; number += 1) {
      repository.push({ 'a.yaml': String(number) })
      await source.fetch(none)
    }
    await source.close()
    const [store = ''] = readdirSync(join(stateDir, 'git'))
    const packs = readdirSync(join(stateDir, 'git', store, 'remote.git/objects/pack'))
    expect(packs.filter((name) => name.endsWith('.pack')).length).toBeLessThan(42)
    expect(texts(await openedGit(repository.url, { stateDir }).fetch(none))).toEqual({ 'a.yaml': '44' })
  })

  const onSmallDisk = canMount() ? it : () => {}
  onSmallDisk('on a disk that is full says so, and goes on once there is room', async () => {
    const stateDir = temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', stateDir])
    onTestFinished(() => void execFileSync('umount', ['-l', stateDir]))
    const repository = new Repository({ 'a.yaml': 'a' })
    const source = openedGit(repository.url, { stateDir })
    await source.fetch(none)
    writeFileSync(join(stateDir, 'ballast'), Buffer.alloc(150_000))
    repository.push({ 'a.bin': randomBytes(90_000), 'b.bin': randomBytes(90_000) })
    expect(await failure(source)).toMatchObject({ reason: 'DiskFull', message: expect.stringContaining('full') })
    rmSync(join(stateDir, 'ballast'))
    execFileSync('mount', ['-o', 'remount,size=4m', stateDir])
    expect((await source.fetch(none)).files.size).toBe(1)
  })
})

function writable(file: string, change: (file: string) => void): void {
  execFileSync('chmod', ['u+w', file])
  change(file)
}

function scramble(file: string): void {
  const bytes = readFileSync(file)
  for (let at = 40; at < bytes.length; at += 7) bytes[at] = (bytes[at] ?? 0) ^ 0x5a
  writeFileSync(file, bytes)
}

function canMount(): boolean {
  try {
    const folder = join('/tmp', `callboard-mount-${process.pid}`)
    mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'pipe' })
      execFileSync('umount', [folder], { stdio: 'pipe' })
      return true
    } finally {
      rmSync(folder, { recursive: true })
    }
  } catch {
    return false
  }
}
