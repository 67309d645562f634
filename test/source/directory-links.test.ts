import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../src/source/source.js'
import { contents } from '../contract/source.js'
import { none, open } from './opened.js'

function paths({ files }: Snapshot): string[] {
  return [...files.keys()]
}

function refusals(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries(snapshot.refusals.map(({ path, reason }) => [path, reason]))
}

describe('symbolic links', () => {
  it('to files and folders inside the root are followed', async () => {
    const { source, origin } = await open({ '.store/one.yaml': 'one', '.store/more/two.yaml': 'two' })
    await symlink('.store/one.yaml', origin.at('a.yaml'))
    await symlink('.store/more', origin.at('more'))
    expect(contents(await source.fetch(none))).toEqual([
      ['a.yaml', 'one'],
      ['more/two.yaml', 'two'],
    ])
  })

  it('may be absolute, and may lead through one another', async () => {
    const { source, origin } = await open({ '.store/one.yaml': 'one' })
    await symlink(origin.at('.store'), origin.at('.second'))
    await symlink('.second/one.yaml', origin.at('a.yaml'))
    expect(contents(await source.fetch(none))).toEqual([['a.yaml', 'one']])
  })

  it('to what is read at its own place show no document twice', async () => {
    const { source, origin } = await open({ 'z/a.yaml': 'a', 'z/b.yaml': 'b' })
    await symlink('z', origin.at('folder'))
    await symlink('z/a.yaml', origin.at('link.yaml'))
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual(['z/a.yaml', 'z/b.yaml'])
    expect(snapshot.refusals).toEqual([])
  })

  it('of which several lead to one hidden file show it at the first', async () => {
    const { source, origin } = await open({ '.x/t.yaml': 't' })
    for (const name of ['c.yaml', 'a.yaml', 'b.yaml']) await symlink('.x/t.yaml', origin.at(name))
    expect(paths(await source.fetch(none))).toEqual(['a.yaml'])
    await rm(origin.at('a.yaml'))
    expect(paths(await source.fetch(none, new Set(['a.yaml'])))).toEqual(['b.yaml'])
  })

  it('that are named as a reference are read although the document is shown elsewhere', async () => {
    const { source, origin } = await open({ 'z.json': '{}' })
    await symlink('z.json', origin.at('payload.json'))
    expect(paths(await source.fetch(new Set(['payload.json'])))).toEqual(['payload.json', 'z.json'])
    expect(paths(await source.fetch(none, none))).toEqual(['z.json'])
  })

  it('that lead in a circle end there', async () => {
    const { source, origin } = await open({ 'a/b/c.yaml': 'c' })
    await symlink('..', origin.at('a/up'))
    await symlink('../..', origin.at('a/b/top'))
    await symlink('loop.yaml', origin.at('loop.yaml'))
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual(['a/b/c.yaml'])
    expect(refusals(snapshot)).toEqual({ 'loop.yaml': 'is a symbolic link that leads in a circle' })
  })

  it('that multiply at every level are walked once each', async () => {
    const { source, origin } = await open({ '.l30/end.yaml': 'end' })
    for (let level = 0; level < 30; level++) {
      await mkdir(origin.at(level === 0 ? 'l0' : `.l${level}`))
      for (const name of ['x', 'y'])
        await symlink(`../.l${level + 1}`, origin.at(`${level === 0 ? '' : '.'}l${level}/${name}`))
    }
    expect((await source.fetch(none)).files.size).toBe(1)
  })

  it('that leave the root are refused, and name where they lead', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    await writeFile(join(origin.outside, 'out.yaml'), 'secret')
    await mkdir(join(origin.outside, 'folder'))
    await writeFile(join(origin.outside, 'folder/b.yaml'), 'secret')
    await symlink('../out.yaml', origin.at('file.yaml'))
    await symlink('../folder', origin.at('folder'))
    await symlink('../out.yaml', origin.at('no-document'))
    const snapshot = await source.fetch(none)
    expect(paths(snapshot)).toEqual(['a.yaml'])
    expect(Object.keys(refusals(snapshot))).toEqual(['file.yaml', 'folder'])
    expect(refusals(snapshot)['file.yaml']).toContain(join(origin.outside, 'out.yaml'))
  })

  it('that leave the root do not do so for a reference either', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    await mkdir(join(origin.outside, 'folder'))
    await writeFile(join(origin.outside, 'folder/p.txt'), 'secret')
    await symlink('../folder', origin.at('folder'))
    const snapshot = await source.fetch(new Set(['folder/p.txt']))
    expect(paths(snapshot)).toEqual(['a.yaml'])
    expect(refusals(snapshot)['folder/p.txt']).toContain('leads out of the source')
  })

  it('to a folder beside the root whose name begins alike leave the root', async () => {
    const { source, origin } = await open()
    await mkdir(`${origin.root}-other`)
    await symlink('../root-other', origin.at('folder'))
    expect(refusals(await source.fetch(none)).folder).toContain('leads out of the source')
  })

  it('to nothing are refused when named like a document', async () => {
    const { source, origin } = await open()
    await symlink('gone.yaml', origin.at('a.yaml'))
    await symlink('gone', origin.at('b'))
    const snapshot = await source.fetch(none)
    expect(refusals(snapshot)).toEqual({ 'a.yaml': expect.stringContaining('which does not exist') })
    await origin.change({ 'gone.yaml': 'here' })
    const next = await source.fetch(none, new Set(['gone.yaml']))
    expect(next.refusals).toEqual([])
    expect(paths(next)).toEqual(['gone.yaml'])
  })
})
