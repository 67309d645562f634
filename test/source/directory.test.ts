import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/source/disk.js'
import type { Snapshot } from '../../src/source/source.js'
import { contents } from '../contract/source.js'
import { none, open } from './opened.js'

function paths({ files }: Snapshot): string[] {
  return [...files.keys()]
}

function refusals(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries(snapshot.refusals.map(({ path, reason }) => [path, reason]))
}

describe('the root', () => {
  it('is named by its absolute path', async () => {
    const { source, origin } = await open()
    expect(source.location).toBe(origin.root)
  })

  it('may be a symbolic link', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    await rename(origin.root, join(origin.outside, 'elsewhere'))
    await symlink('elsewhere', origin.root)
    expect(paths(await source.fetch(none))).toEqual(['a.yaml'])
  })

  it('that is a link now to another folder is read there, also when only a hint asks', async () => {
    const { source, origin } = await open()
    await rm(origin.root, { recursive: true })
    for (const name of ['one', 'two']) {
      await mkdir(join(origin.outside, name))
      await writeFile(join(origin.outside, name, `${name}.yaml`), name)
    }
    await symlink('one', origin.root)
    expect(paths(await source.fetch(none))).toEqual(['one.yaml'])
    await symlink('two', `${origin.root}.new`)
    await rename(`${origin.root}.new`, origin.root)
    expect(paths(await source.fetch(none, new Set(['two.yaml'])))).toEqual(['two.yaml'])
  })

  it('may be a hidden folder', async () => {
    const { source } = await open({ '.config/a.yaml': 'a' }, {}, '.config')
    expect(paths(await source.fetch(none))).toEqual(['a.yaml'])
  })

  it.each([
    ['does not exist', async (root: string) => rm(root, { recursive: true }), 'there is no folder'],
    [
      'is a file',
      async (root: string) => {
        await rm(root, { recursive: true })
        await writeFile(root, '')
      },
      'is not a folder',
    ],
    [
      'is a link to nothing',
      async (root: string) => {
        await rm(root, { recursive: true })
        await symlink('nowhere', root)
      },
      'there is no folder',
    ],
  ])('that %s is a SourceError', async (_, spoil, message) => {
    const { source, origin } = await open()
    await spoil(origin.root)
    await expect(source.fetch(none)).rejects.toMatchObject({
      name: 'SourceError',
      message: expect.stringContaining(message),
    })
    await expect(source.fetch(none)).rejects.toMatchObject({ message: expect.stringContaining(origin.root) })
  })

  it('that may not be listed is a SourceError', async () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' })
    const { source } = await open({}, { disk: { ...nodeDisk, list: () => Promise.reject(denied) } })
    await expect(source.fetch(none)).rejects.toMatchObject({
      name: 'SourceError',
      message: expect.stringContaining('permission denied'),
    })
  })

  it('is read again once it is back', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    const first = await source.fetch(none)
    await origin.destroy()
    await expect(source.fetch(none, new Set(['a.yaml']))).rejects.toMatchObject({ name: 'SourceError' })
    await origin.change({ 'a.yaml': 'a' })
    const second = await source.fetch(none, new Set(['a.yaml']))
    expect(second.files.get('a.yaml')).toBe(first.files.get('a.yaml'))
  })
})

describe('what is refused', () => {
  it('is never opened: pipes, sockets, folders named as references', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a', 'folder/x.txt': 'x' })
    execFileSync('mkfifo', [origin.at('pipe.yaml'), origin.at('pipe.txt')])
    const server = createServer().listen(origin.at('socket.json'))
    await new Promise((listening) => server.once('listening', listening))
    const snapshot = await source.fetch(new Set(['pipe.txt', 'folder']))
    server.close()
    expect(paths(snapshot)).toEqual(['a.yaml'])
    expect(refusals(snapshot)).toEqual({
      folder: 'is a folder, not a file',
      'pipe.txt': 'is a named pipe, not a regular file, and is not opened',
      'pipe.yaml': 'is a named pipe, not a regular file, and is not opened',
      'socket.json': 'is a socket, not a regular file, and is not opened',
    })
  })

  it('a pipe that takes the place of a file is noticed by a hint', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    await source.fetch(none)
    await rm(origin.at('a.yaml'))
    execFileSync('mkfifo', [origin.at('a.yaml')])
    const snapshot = await source.fetch(none, new Set(['a.yaml']))
    expect(paths(snapshot)).toEqual([])
    expect(refusals(snapshot)['a.yaml']).toContain('named pipe')
  })

  it('a file over the bound, which is a larger one for references', async () => {
    const { source } = await open(
      { 'a.json': 'x'.repeat(11), 'b.yaml': 'x'.repeat(10) },
      { maxFileBytes: 10, maxReferenceBytes: 11 },
    )
    const first = await source.fetch(none)
    expect(paths(first)).toEqual(['b.yaml'])
    expect(refusals(first)).toEqual({ 'a.json': 'has 11 bytes; more than 10 are not read' })
    const second = await source.fetch(new Set(['a.json']))
    expect(paths(second)).toEqual(['a.json', 'b.yaml'])
    expect(second.refusals).toEqual([])
    expect(paths(await source.fetch(none))).toEqual(['b.yaml'])
  })

  it('folders below the bound on depth', async () => {
    const { source } = await open({ 'a/b/c.yaml': 'c', 'a/b/d/e.yaml': 'e' }, { maxDepth: 2 })
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual(['a/b/c.yaml'])
    expect(refusals(snapshot)).toEqual({ 'a/b/d': expect.stringContaining('more than 2 folders deep') })
  })

  it('everything, when there are more files than the bound allows', async () => {
    const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`f${i}.yaml`, 'x']))
    const { source, origin } = await open(files, { maxFiles: 5 })
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual([])
    expect(refusals(snapshot)).toEqual({ '': expect.stringContaining('more than 5 files') })
    await rm(origin.at('f0.yaml'))
    expect(paths(await source.fetch(none, new Set(['f0.yaml'])))).toHaveLength(5)
    await origin.change({ 'g.yaml': 'g' })
    expect(paths(await source.fetch(none, new Set(['g.yaml'])))).toEqual([])
  })

  // Tests may run as root, for whom everything is readable; so the disk says no.
  it('files and folders that may not be read', async () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' })
    const disk = {
      ...nodeDisk,
      open: (path: string) => (path.endsWith('/b.yaml') ? Promise.reject(denied) : nodeDisk.open(path)),
      list: (path: string) => (path.endsWith('/closed') ? Promise.reject(denied) : nodeDisk.list(path)),
    }
    const { source, origin } = await open({ 'a.yaml': 'a', 'b.yaml': 'b', 'closed/c.yaml': 'c' }, { disk })
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual(['a.yaml'])
    expect(refusals(snapshot)).toEqual({
      'b.yaml': 'cannot be read: permission denied (EACCES)',
      closed: 'cannot be read: permission denied (EACCES)',
    })
    disk.open = nodeDisk.open
    disk.list = nodeDisk.list
    await chmod(origin.at('b.yaml'), 0o644)
    const next = await source.fetch(none, new Set(['b.yaml', 'closed']))
    expect(next.refusals).toEqual([])
    expect(paths(next)).toEqual(['a.yaml', 'b.yaml', 'closed/c.yaml'])
  })

  it('is part of the revision, so that a refusal alone is seen as a change', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    const { revision } = await source.fetch(none)
    await symlink('/etc/hostname', origin.at('b.yaml'))
    expect((await source.fetch(none)).revision).not.toBe(revision)
    await rm(origin.at('b.yaml'))
    expect((await source.fetch(none)).revision).toBe(revision)
  })
})

describe('names', () => {
  it.each([
    'with space.yaml',
    'line\nbreak.yaml',
    'tab\there.yaml',
    'ünïcode-日本語-🎉.yaml',
    'e\u0301.yaml',
    '$HOME;`ls`.yaml',
    '-rf.yaml',
    'back\\slash.yaml',
    '*.yaml',
    '[a]{b}.yaml',
    '#a.yaml',
    '!a.yaml',
    `${'n'.repeat(240)}.yaml`,
    '__proto__.yaml',
    'folder\nwith \\ odd 日本/x.yaml',
  ])('like %j are read as they are', async (name) => {
    const { source, origin } = await open({ [name]: 'a', '.callboardignore': 'other\n' })
    expect(paths(await source.fetch(none))).toEqual([name])
    await origin.change({ [name]: 'b' })
    expect(contents(await source.fetch(none, new Set([name])))).toEqual([[name, 'b']])
  })

  it('that are not UTF-8 are refused', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    await writeFile(Buffer.concat([Buffer.from(`${origin.root}/b`), Buffer.from([0xff]), Buffer.from('.yaml')]), 'b')
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual(['a.yaml'])
    expect(refusals(snapshot)).toEqual({ 'b\uFFFD.yaml': 'has a name that is not valid UTF-8' })
  })

  it('of folders may end like a document', async () => {
    const { source } = await open({ 'folder.yaml/a.yaml': 'a' })
    expect(paths(await source.fetch(none))).toEqual(['folder.yaml/a.yaml'])
  })
})

describe('.callboardignore', () => {
  it('applies from the folder it is in, and the nearest has the last word', async () => {
    const { source } = await open({
      '.callboardignore': '/only-top.yaml\n*.draft.yaml\n',
      'a/.callboardignore': '!keep.draft.yaml\n/b.yaml\n',
      'only-top.yaml': 'x',
      'x.draft.yaml': 'x',
      'a/only-top.yaml': 'x',
      'a/keep.draft.yaml': 'x',
      'a/x.draft.yaml': 'x',
      'a/b.yaml': 'x',
      'a/c/b.yaml': 'x',
    })
    expect(paths(await source.fetch(none))).toEqual(['a/c/b.yaml', 'a/keep.draft.yaml', 'a/only-top.yaml'])
  })

  it('tells upper from lower case, and survives a byte order mark and CRLF', async () => {
    const { source } = await open({
      '.callboardignore': '\uFEFFA.yaml\r\nb.yaml\r\n',
      'A.yaml': 'A',
      'a.yaml': 'a',
      'b.yaml': 'b',
    })
    expect(paths(await source.fetch(none))).toEqual(['a.yaml'])
  })

  it('is read again when a hint names it', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a', 'b/c.yaml': 'c' })
    await source.fetch(none)
    await origin.change({ 'b/.callboardignore': 'c.yaml\n' })
    expect(paths(await source.fetch(none, new Set(['b/.callboardignore'])))).toEqual(['a.yaml'])
    await rm(origin.at('b/.callboardignore'))
    expect(paths(await source.fetch(none, new Set(['b/.callboardignore'])))).toEqual(['a.yaml', 'b/c.yaml'])
  })

  it('leaves referenced files readable', async () => {
    const { source } = await open({ '.callboardignore': 'payloads/\n', 'payloads/p.json': '{}', 'a.yaml': 'a' })
    expect(paths(await source.fetch(new Set(['payloads/p.json'])))).toEqual(['a.yaml', 'payloads/p.json'])
  })

  it('that leaves the root is refused', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    await writeFile(join(origin.outside, 'rules'), 'a.yaml\n')
    await symlink('../rules', origin.at('.callboardignore'))
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual(['a.yaml'])
    expect(refusals(snapshot)['.callboardignore']).toContain('leads out of the source')
  })
})
