import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contents } from '../../contract/source.js'
import { HttpGitServer } from './http-server.js'
import { bounds, openedGit, temporaryFolder } from './opened-git.js'
import { Repository } from './repository.js'
import { WatchedGit } from './watched-git.js'

const none: ReadonlySet<string> = new Set()

/** Commits a tree that no work tree could hold; the lines are those of `git mktree -z`. */
function pushTree(repository: Repository, lines: readonly (string | Buffer)[]): string {
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  }
  const input = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from([0])]))
  const options = { cwd: repository.bare, env }
  const tree = execFileSync('git', ['mktree', '-z', '--missing'], { ...options, input })
    .toString()
    .trim()
  const commit = execFileSync('git', ['commit-tree', '-m', 'odd', tree], options).toString().trim()
  execFileSync('git', ['update-ref', 'refs/heads/main', commit], options)
  return commit
}

function blob(repository: Repository, text: string): string {
  const options = { cwd: repository.bare, input: text }
  return execFileSync('git', ['hash-object', '-w', '--stdin'], options).toString().trim()
}

async function refusals(url: string): Promise<Record<string, string>> {
  const snapshot = await openedGit(url).fetch(none)
  return Object.fromEntries(snapshot.refusals.map(({ path, reason }) => [path, reason]))
}

describe('a hostile repository', () => {
  it('leads nowhere by its links but inside of what is read', async () => {
    const repository = new Repository({ 'config/a.yaml': 'a', 'config/deep/b.yaml': 'b', 'secret.yaml': 'secret' })
    const link = (target: string, path: string) => symlinkSync(target, join(repository.work, 'config', path))
    link('deep/b.yaml', 'inside.yaml')
    link('/etc/passwd', 'absolute.yaml')
    link('../secret.yaml', 'above.yaml')
    link('../../../../../../etc/hostname', 'far.yaml')
    link('circle.yaml', 'circle.yaml')
    link('gone.yaml', 'dangling.yaml')
    repository.push()
    const snapshot = await openedGit(repository.url, { path: 'config' }).fetch(new Set(['above.yaml', 'inside.yaml']))
    expect(contents(snapshot)).toEqual([
      ['a.yaml', 'a'],
      ['deep/b.yaml', 'b'],
      ['inside.yaml', 'b'],
    ])
    const found = Object.fromEntries(snapshot.refusals.map(({ path, reason }) => [path, reason]))
    expect(found).toMatchObject({
      'absolute.yaml': expect.stringContaining('leads out of the source'),
      'above.yaml': expect.stringContaining('leads out of the source'),
      'far.yaml': expect.stringContaining('leads out of the source'),
      'circle.yaml': expect.stringContaining('circle'),
      'dangling.yaml': 'is a symbolic link to gone.yaml, which does not exist',
    })
  })

  it('with names that no tool likes is read, or refused by name', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const object = blob(repository, 'x')
    const names = [
      'new\nline.yaml',
      '"quoted" \'name\'.yaml',
      '--upload-pack=x.yaml',
      '$(touch x).yaml',
      'tab\there.yaml',
    ]
    const broken = Buffer.concat([
      Buffer.from(`100644 blob ${object}\t`),
      Buffer.from([0x66, 0xff, 0xfe]),
      Buffer.from('.yaml'),
    ])
    pushTree(repository, [...names.map((name) => `100644 blob ${object}\t${name}`), broken])
    const snapshot = await openedGit(repository.url).fetch(none)
    expect([...snapshot.files.keys()].sort()).toEqual(names.sort())
    expect(snapshot.refusals).toEqual([{ path: 'f\uFFFD\uFFFD.yaml', reason: 'has a name that is not valid UTF-8' }])
  })

  it.each(['.git', '..', '.GIT', 'git~1'])('with a folder named %j is not taken at all', async (name) => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const tree = repository.git('rev-parse', 'HEAD^{tree}')
    pushTree(repository, [`040000 tree ${tree}\t${name}`])
    await expect(openedGit(repository.url).fetch(none)).rejects.toMatchObject({ reason: 'ObjectRefused' })
  })

  it('with a huge file does not have it fetched', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const huge = Buffer.alloc(5_000_000, 'x')
    repository.push({ 'huge.yaml': huge, 'big.yaml': Buffer.alloc(bounds.maxFileBytes + 1, 'y'), 'payload.bin': huge })
    const git = new WatchedGit()
    const source = openedGit(repository.url, { env: git.env })
    const snapshot = await source.fetch(new Set(['payload.bin']))
    expect([...snapshot.files.keys()]).toEqual(['a.yaml'])
    expect(Object.fromEntries(snapshot.refusals.map(({ path, reason }) => [path, reason]))).toEqual({
      'big.yaml': `has ${bounds.maxFileBytes + 1} bytes; more than ${bounds.maxFileBytes} are not read`,
      'huge.yaml': `has so many bytes that it was not fetched; more than ${bounds.maxFileBytes} are not read`,
      'payload.bin': `has so many bytes that it was not fetched; more than ${bounds.maxReferenceBytes} are not read`,
    })
    expect(git.calls().filter((call) => call.startsWith('fetch'))).toHaveLength(1)
  })

  it('from a server that cannot leave huge files out is given up before it fills the disk', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    repository.git('-C', repository.bare, 'config', 'uploadpack.allowFilter', 'false')
    const server = await HttpGitServer.start(repository)
    repository.push({ 'small.bin': randomBytes(400_000) })
    expect((await openedGit(server.url).fetch(none)).files.size).toBe(1)
    repository.push({ 'huge.bin': randomBytes(60_000_000) })
    const source = openedGit(server.url, { maxFetchBytes: 2_000_000 })
    await expect(source.fetch(none)).rejects.toMatchObject({ reason: 'TooLarge' })
  })

  it('with too many files, or too deep ones, has none of them read', async () => {
    const many = Object.fromEntries(Array.from({ length: bounds.maxFiles + 1 }, (_, at) => [`${at}.yaml`, 'x']))
    const repository = new Repository(many)
    const snapshot = await openedGit(repository.url).fetch(none)
    expect(snapshot.files.size).toBe(0)
    expect(snapshot.refusals).toEqual([{ path: '', reason: expect.stringContaining('more than 1000 files') }])
    const deep = new Repository({ 'a.yaml': 'a', [`${'d/'.repeat(bounds.maxDepth + 1)}b.yaml`]: 'b' })
    expect(await refusals(deep.url)).toEqual({
      ['d/'.repeat(bounds.maxDepth + 1).slice(0, -1)]: expect.stringContaining('folders deep'),
    })
  })

  it('made of ten folders of ten folders, and so on, is given up', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const object = blob(repository, 'x')
    let tree = `100644 blob ${object}\tx.yaml`
    for (let level = 0; level < 12; level += 1) {
      const input = Buffer.from(
        `${Array.from({ length: level === 0 ? 1 : 10 }, (_, at) => (level === 0 ? tree : tree.replace('\t?', `\t${at}`))).join('\n')}\n`,
      )
      const id = execFileSync('git', ['mktree'], { cwd: repository.bare, input }).toString().trim()
      tree = `040000 tree ${id}\t?`
    }
    pushTree(repository, [tree.replace('\t?', '\tbomb')])
    await expect(openedGit(repository.url).fetch(none)).rejects.toMatchObject({ reason: 'TooLarge' })
  })

  it('runs nothing: no hook, no helper, no setting of the repository, the person or the machine', async () => {
    const repository = new Repository({ 'a.yaml': 'a', '.gitattributes': '*.yaml filter=bad\n' })
    const home = temporaryFolder()
    const traces = temporaryFolder()
    const script = (name: string): string => {
      const file = join(home, name)
      writeFileSync(file, `#!/bin/sh\ntouch '${traces}/${name}'\n`)
      chmodSync(file, 0o755)
      return file
    }
    mkdirSync(join(home, 'hooks'))
    for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change', 'fsmonitor-watchman']) {
      script(`hooks/${hook}`)
    }
    const bad = script('bad')
    const settings = [
      ['core.hooksPath', join(home, 'hooks')],
      ['core.fsmonitor', bad],
      ['core.sshCommand', bad],
      ['core.gitProxy', bad],
      ['core.askPass', bad],
      ['credential.helper', bad],
      ['filter.bad.smudge', bad],
      ['filter.bad.process', bad],
      ['uploadpack.packObjectsHook', bad],
      [`url.ext::${bad}.insteadOf`, 'file://'],
      ['init.templateDir', home],
    ]
    for (const [name = '', value = ''] of settings) {
      repository.git('config', '--file', join(home, '.gitconfig'), name, value)
      if (name !== 'core.hooksPath' && !name.startsWith('url.'))
        repository.git('-C', repository.bare, 'config', name, value)
    }
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
      GIT_SSH_COMMAND: bad,
      GIT_PROXY_COMMAND: bad,
      GIT_ASKPASS: bad,
      SSH_ASKPASS: bad,
      GIT_EXTERNAL_DIFF: bad,
      GIT_TEMPLATE_DIR: home,
      GIT_TRACE: join(traces, 'trace'),
    }
    expect((await openedGit(repository.url, { env }).fetch(none)).files.size).toBe(1)
    const server = await HttpGitServer.start(repository, { authorization: 'Bearer x' })
    await expect(openedGit(server.url, { env }).fetch(none)).rejects.toMatchObject({ reason: 'AuthenticationFailed' })
    expect(
      ['bad', 'trace', 'post-checkout', 'reference-transaction'].filter((name) => existsSync(join(traces, name))),
    ).toEqual([])
  })

  it('has its submodules left alone, which is told once', async () => {
    const repository = new Repository({
      'a.yaml': 'a',
      '.gitmodules': '[submodule "x"]\n\tpath = sub\n\turl = ext::sh -c id\n',
    })
    const { length } = repository.git('rev-parse', 'HEAD')
    repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(length)},sub`)
    repository.git('commit', '-qm', 'sub')
    repository.git('push', '-q', 'origin', 'HEAD')
    const warnings: string[] = []
    const source = openedGit(repository.url, { onWarning: (message) => warnings.push(message) })
    expect([...(await source.fetch(none)).files.keys()]).toEqual(['a.yaml'])
    repository.push({ 'a.yaml': 'b' })
    await source.fetch(none)
    expect(warnings).toEqual(['submodules are not fetched, and nothing in them is read: sub'])
  })

  it('whose commit is no commit, or a chain of tags, is refused in words', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    repository.git('tag', 'tree', 'HEAD^{tree}')
    repository.git('push', '-q', 'origin', 'tree')
    await expect(openedGit(repository.url, { ref: { tag: 'tree' } }).fetch(none)).rejects.toMatchObject({
      name: 'SourceError',
    })
    repository.git('tag', '-a', '-m', 'x', 'chain0', 'HEAD')
    for (let at = 1; at < 10; at += 1) repository.git('tag', '-a', '-m', 'x', `chain${at}`, `chain${at - 1}`)
    repository.git('push', '-q', 'origin', 'chain2', 'chain9')
    expect((await openedGit(repository.url, { ref: { tag: 'chain2' } }).fetch(none)).files.size).toBe(1)
    await expect(openedGit(repository.url, { ref: { tag: 'chain9' } }).fetch(none)).rejects.toThrow('chain9 is a tag')
  })
})

describe('what git is called with', () => {
  it('holds no secret, and is a handful of calls for a change', async () => {
    const repository = new Repository({ 'a.yaml': 'a', 'b.yaml': 'b' })
    const server = await HttpGitServer.start(repository, {
      authorization: `Basic ${Buffer.from('ann:s3cr3t-t0ken').toString('base64')}`,
    })
    const git = new WatchedGit()
    const env = { ...git.env, SECRET: 's3cr3t-t0ken' }
    const source = openedGit(server.url, { env, auth: { username: 'ann', password: { env: 'SECRET' } } })
    await source.fetch(none)
    const first = git.calls()
    repository.push({ 'a.yaml': 'c' })
    await source.fetch(none)
    const second = git.calls()
    await source.fetch(none)
    const third = git.calls()
    const said = [...first, ...second, ...third].join('\n')
    expect(said).not.toContain('s3cr3t')
    expect(said).not.toContain(Buffer.from('ann:s3cr3t-t0ken').toString('base64'))
    expect(second.map((call) => call.split(' ')[0])).toEqual(['ls-remote', 'fetch', 'cat-file', 'ls-tree'])
    expect(third.map((call) => call.split(' ')[0])).toEqual(['ls-remote'])
  })
})
