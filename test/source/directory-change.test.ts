import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { rename, rm, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/source/disk.js'
import { contents } from '../contract/source.js'
import { none, open, steppedClock, text } from './opened.js'

/** Counts calls, so that a test can say what was not looked at. */
function countingDisk() {
  const calls = { lstat: 0, list: 0, open: 0 }
  const disk = {
    ...nodeDisk,
    lstat: (path: string) => {
      calls.lstat++
      return nodeDisk.lstat(path)
    },
    list: (path: string) => {
      calls.list++
      return nodeDisk.list(path)
    },
    open: (path: string) => {
      calls.open++
      return nodeDisk.open(path)
    },
  }
  return { calls, disk, reset: () => Object.assign(calls, { lstat: 0, list: 0, open: 0 }) }
}

describe('a hint', () => {
  it('of one file looks at that file alone', async () => {
    const { calls, disk, reset } = countingDisk()
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`d${i % 10}/f${i}.yaml`, `${i}`]))
    const { source, origin } = await open(files, { disk })
    await source.fetch(none)
    await origin.change({ 'd3/f3.yaml': 'new' })
    reset()
    const snapshot = await source.fetch(none, new Set(['d3/f3.yaml']))
    expect(text(snapshot, 'd3/f3.yaml')).toBe('new')
    expect(calls.list).toBe(0)
    expect(calls.open).toBe(1)
    // The file, the root, and each folder from there up for a .git.
    expect(calls.lstat).toBeLessThan(2 + origin.root.split('/').length + 1)
  })

  it('that names nothing reads new references and nothing else', async () => {
    const { calls, disk, reset } = countingDisk()
    const { source } = await open({ 'a.yaml': 'a', 'p/x.txt': 'x', 'p/y.txt': 'y' }, { disk })
    await source.fetch(none)
    reset()
    const first = await source.fetch(new Set(['p/x.txt']), none)
    expect([...first.files.keys()]).toEqual(['a.yaml', 'p/x.txt'])
    expect(calls.open).toBe(1)
    const second = await source.fetch(new Set(['p/y.txt', 'p/gone.txt']), none)
    expect([...second.files.keys()]).toEqual(['a.yaml', 'p/y.txt'])
    expect(calls.list).toBe(0)
  })

  it('leaves what it does not name as it was', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a', 'b.yaml': 'b' })
    await source.fetch(none)
    await origin.change({ 'a.yaml': 'new', 'b.yaml': 'new' })
    expect(contents(await source.fetch(none, new Set(['a.yaml'])))).toEqual([
      ['a.yaml', 'new'],
      ['b.yaml', 'b'],
    ])
  })

  it('of a file whose stat is as it was still reads it', async () => {
    const { source, origin } = await open({ 'a.yaml': 'aaa' })
    utimesSync(origin.at('a.yaml'), 1_000, 1_000)
    const disk = { ...nodeDisk }
    const frozen = await nodeDisk.lstat(origin.at('a.yaml'))
    if (frozen === undefined) throw new Error('no file')
    const blind = origin.open({
      disk: {
        ...disk,
        lstat: (path) => (path === origin.at('a.yaml') ? Promise.resolve(frozen) : nodeDisk.lstat(path)),
        fstat: async (descriptor) => ({ ...frozen, size: (await nodeDisk.fstat(descriptor)).size, kind: 'file' }),
      },
    })
    await source.fetch(none)
    await blind.fetch(none)
    writeFileSync(origin.at('a.yaml'), 'bbb')
    expect(text(await blind.fetch(none, new Set(['a.yaml'])), 'a.yaml')).toBe('bbb')
    await blind.close()
  })

  it('may name new, nested, moved and deleted folders', async () => {
    const { source, origin } = await open({ 'a/b/c.yaml': 'c', 'a/d.yaml': 'd', 'x.yaml': 'x' })
    await source.fetch(none)
    await origin.change({ 'new/er/e.yaml': 'e', 'new/f.yaml': 'f' })
    const added = await source.fetch(none, new Set(['new/er/e.yaml']))
    expect([...added.files.keys()]).toEqual(['a/b/c.yaml', 'a/d.yaml', 'new/er/e.yaml', 'new/f.yaml', 'x.yaml'])
    await rename(origin.at('a'), origin.at('moved'))
    const moved = await source.fetch(none, new Set(['a', 'moved']))
    expect([...moved.files.keys()]).toEqual(['moved/b/c.yaml', 'moved/d.yaml', 'new/er/e.yaml', 'new/f.yaml', 'x.yaml'])
    await rm(origin.at('new'), { recursive: true })
    const gone = await source.fetch(none, new Set(['new']))
    expect([...gone.files.keys()]).toEqual(['moved/b/c.yaml', 'moved/d.yaml', 'x.yaml'])
    expect(gone.revision).toBe((await source.fetch(none)).revision)
  })

  it('of something that was never of interest gives the very same snapshot', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    const before = await source.fetch(none)
    await origin.change({ 'notes.txt': 'n', '.hidden.yaml': 'h' })
    const hint = new Set([
      'notes.txt',
      '.hidden.yaml',
      'never/there.yaml',
      '../outside.yaml',
      '/etc/passwd',
      'a//b',
      '',
    ])
    hint.delete('')
    expect(await source.fetch(none, hint)).toBe(before)
  })

  it('of a reference reads it when it appears, changes and goes', async () => {
    const { source, origin } = await open({ 'a.yaml': 'a' })
    const references = new Set(['p/x.txt', 'y.json'])
    await source.fetch(references)
    await origin.change({ 'p/x.txt': '1', 'y.json': '1' })
    expect(contents(await source.fetch(references, new Set(['p', 'y.json'])))).toHaveLength(3)
    await origin.change({ 'p/x.txt': '2', 'y.json': '2' })
    const second = await source.fetch(references, new Set(['p/x.txt', 'y.json']))
    expect([text(second, 'p/x.txt'), text(second, 'y.json')]).toEqual(['2', '2'])
    await origin.change({ 'p/x.txt': undefined, 'y.json': undefined })
    expect([...(await source.fetch(references, new Set(['p/x.txt', 'y.json']))).files.keys()]).toEqual(['a.yaml'])
  })

  it('of a file behind a link reads it under the name of the link', async () => {
    const { source, origin } = await open({ '.x/t.yaml': '1', '.y/u.yaml': '1' })
    await symlink('.x/t.yaml', origin.at('a.yaml'))
    await symlink('.y', origin.at('folder'))
    await source.fetch(none)
    await origin.change({ '.x/t.yaml': '2', '.y/u.yaml': '2' })
    expect(contents(await source.fetch(none, new Set(['.x/t.yaml', 'folder/u.yaml'])))).toEqual([
      ['a.yaml', '2'],
      ['folder/u.yaml', '2'],
    ])
  })
})

describe('a fetch without a hint', () => {
  it('does not read again what its stat says is the same', async () => {
    const { calls, disk, reset } = countingDisk()
    const { source } = await open({ 'a.yaml': 'a', 'b.yaml': 'b' }, { disk, clock: steppedClock() })
    await source.fetch(none)
    reset()
    await source.fetch(none)
    expect(calls.open).toBe(0)
  })

  it('reads again a file that was read within moments of its last change', async () => {
    const { calls, disk, reset } = countingDisk()
    const { source, origin } = await open({ 'a.yaml': 'a' }, { disk })
    writeFileSync(origin.at('a.yaml'), 'b')
    await source.fetch(none)
    reset()
    await source.fetch(none)
    expect(calls.open).toBeGreaterThan(0)
  })

  it('sees a change that leaves size and modification time as they were', async () => {
    const { source, origin } = await open({ 'a.yaml': 'aaa' }, { clock: steppedClock() })
    utimesSync(origin.at('a.yaml'), 1_000, 1_000)
    await source.fetch(none)
    writeFileSync(origin.at('a.yaml'), 'bbb')
    utimesSync(origin.at('a.yaml'), 1_000, 1_000)
    expect(text(await source.fetch(none), 'a.yaml')).toBe('bbb')
  })
})

describe('a file that changes while it is read', () => {
  it.each([
    ['is overwritten', (path: string) => writeFileSync(path, 'after')],
    ['grows', (path: string) => appendFileSync(path, ' and after')],
    ['shrinks', (path: string) => truncateSync(path, 2)],
  ])('and %s is read again', async (_, change) => {
    let todo: ((path: string) => void) | undefined
    const disk = {
      ...nodeDisk,
      read: async (descriptor: number, into: Uint8Array, offset: number) => {
        const count = await nodeDisk.read(descriptor, into, offset)
        const now = todo
        todo = undefined
        now?.(origin.at('a.yaml'))
        return count
      },
    }
    const { source, origin } = await open({ 'a.yaml': 'before' }, { disk })
    todo = change
    const first = await source.fetch(none)
    const fresh = origin.open()
    expect(contents(first)).toEqual(contents(await fresh.fetch(none)))
    expect(text(first, 'a.yaml')).not.toBe('before')
    todo = (path) => writeFileSync(path, 'again')
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml')).toBe('again')
    await fresh.close()
  })

  it('and does so for ever is a SourceError that names it, and no endless loop', async () => {
    let count = 0
    let time = 0
    const clock = { now: () => (time += 50), sleep: async () => {} }
    const disk = {
      ...nodeDisk,
      open: (path: string) => {
        appendFileSync(path, `${count++}`)
        return nodeDisk.open(path)
      },
    }
    const { source } = await open({ 'a.yaml': 'a' }, { disk, clock })
    await expect(source.fetch(none)).rejects.toMatchObject({
      name: 'SourceError',
      message: expect.stringContaining('a.yaml'),
    })
  })

  it('a file that vanishes during the walk is not in the snapshot', async () => {
    let gone = false
    const disk = {
      ...nodeDisk,
      open: async (path: string) => {
        if (path.endsWith('/b.yaml') && !gone) {
          gone = true
          await rm(path)
        }
        return nodeDisk.open(path)
      },
    }
    const { source } = await open({ 'a.yaml': 'a', 'b.yaml': 'b' }, { disk })
    const snapshot = await source.fetch(none)
    expect([...snapshot.files.keys()]).toEqual(['a.yaml'])
    expect(snapshot.refusals).toEqual([])
  })
})

describe('a file found empty or gone', () => {
  const emptied: [string, (path: string) => Promise<void>, quietMs: number][] = [
    ['emptied', (path) => writeFile(path, ''), 100],
    ['moved away', (path) => rename(path, `${path}~`), 20],
  ]

  it.each(emptied)('when %s, is waited for, and read as it is written', async (_, empty) => {
    const clock = steppedClock((elapsed) => {
      if (elapsed === 15) writeFileSync(origin.at('a.yaml'), 'new')
    })
    const { source, origin } = await open({ 'a.yaml': 'old', 'b.yaml': 'b' }, { clock })
    await source.fetch(none)
    await empty(origin.at('a.yaml'))
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml')).toBe('new')
    expect(clock.elapsed).toBeLessThan(30)
  })

  it.each(emptied)('when %s, is believed after some quiet', async (_, empty, quietMs) => {
    const clock = steppedClock()
    const { source, origin } = await open({ 'a.yaml': 'old', 'b.yaml': 'b' }, { clock })
    await source.fetch(none)
    await empty(origin.at('a.yaml'))
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml') ?? '').toBe('')
    expect(clock.elapsed).toBe(quietMs)
  })

  it('and touched again and again is believed after 250 ms', async () => {
    const clock = steppedClock((elapsed) => utimesSync(origin.at('a.yaml'), elapsed, elapsed))
    const { source, origin } = await open({ 'a.yaml': 'old' }, { clock })
    await source.fetch(none)
    await writeFile(origin.at('a.yaml'), '')
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml')).toBe('')
    expect(clock.elapsed).toBeGreaterThanOrEqual(250)
    expect(clock.elapsed).toBeLessThan(400)
  })

  it('is waited for also where links make a new walk necessary', async () => {
    const clock = steppedClock((elapsed) => {
      if (elapsed === 10) writeFileSync(origin.at('a.yaml'), 'new')
    })
    const { source, origin } = await open({ 'a.yaml': 'old', 'b.txt': 'b' }, { clock })
    await symlink('b.txt', origin.at('link.txt'))
    await source.fetch(none)
    await rm(origin.at('a.yaml'))
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml')).toBe('new')
  })

  it('is not waited for when it was empty before, or is now left out by a rule', async () => {
    const clock = steppedClock()
    const { source, origin } = await open({ 'a.yaml': '', 'b.yaml': 'b' }, { clock })
    await source.fetch(none)
    await origin.change({ 'a.yaml': undefined })
    await source.fetch(none, new Set(['a.yaml']))
    expect(clock.elapsed).toBe(0)
    await origin.change({ '.callboardignore': 'b.yaml\n' })
    expect((await source.fetch(none, new Set(['.callboardignore']))).files.size).toBe(0)
    expect(clock.elapsed).toBeLessThan(30)
  })
})
