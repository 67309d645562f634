import { execFileSync } from 'node:child_process'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type Disk, nodeDisk } from '../../src/source/disk.js'
import { contents } from '../contract/source.js'
import { DirectoryOrigin } from './directory-origin.js'
import { none, open, steppedClock, text } from './opened.js'

describe('git at work', () => {
  async function repository(
    files: Readonly<Record<string, string>>,
    onSleep?: (elapsed: number) => void,
    below = '',
    disk: Disk = nodeDisk,
  ) {
    const warnings: string[] = []
    const clock = steppedClock(onSleep)
    const origin = await DirectoryOrigin.create(files)
    git(origin, 'init', '-q')
    const { source } = await open(origin, { clock, disk, onWarning: (message) => warnings.push(message) }, below)
    await source.fetch(none)
    clock.elapsed = 0
    return { origin, source, clock, warnings }
  }

  function git(origin: DirectoryOrigin, ...args: string[]): void {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
    execFileSync('git', [...identity, ...args], { cwd: origin.root, stdio: 'pipe' })
  }

  it.each(['', 'sub/folder'])(
    'holds the fetch of %j until its lock is gone, and then reads all it wrote',
    async (below) => {
      const path = below === '' ? '' : `${below}/`
      const { origin, source } = await repository(
        { [`${path}a.yaml`]: '1', [`${path}b.yaml`]: '1' },
        (elapsed) => {
          if (elapsed === 50) writeFileSync(origin.at(`${path}b.yaml`), '2')
          if (elapsed === 100) execFileSync('rm', [origin.at('.git/index.lock')])
        },
        below,
      )
      await origin.change({ [`${path}a.yaml`]: '2', '.git/index.lock': '' })
      expect(contents(await source.fetch(none, new Set(['a.yaml'])))).toEqual([
        ['a.yaml', '2'],
        ['b.yaml', '2'],
      ])
    },
  )

  it.each(['is still at it', 'has ended'])(
    'that begins while a hinted file is read and %s, is waited for',
    async (end) => {
      let before = (_path: string): void => {}
      const disk: Disk = {
        ...nodeDisk,
        open: (path) => {
          before(path)
          return nodeDisk.open(path)
        },
      }
      const finish = () => {
        writeFileSync(origin.at('b.yaml'), '2')
        renameSync(origin.at('.git/index.lock'), origin.at('.git/index'))
      }
      const { origin, source } = await repository(
        { 'a.yaml': '1', 'b.yaml': '1', 'c.yaml': '1' },
        () => existsSync(origin.at('.git/index.lock')) && finish(),
        '',
        disk,
      )
      await origin.change({ 'c.yaml': '2' })
      before = (path) => {
        if (!path.endsWith('c.yaml')) return
        before = () => {}
        // The lock comes first, as git does it.
        writeFileSync(origin.at('.git/index.lock'), 'index')
        writeFileSync(origin.at('a.yaml'), '2')
        if (end === 'has ended') finish()
      }
      expect(contents(await source.fetch(none, new Set(['c.yaml', 'a.yaml'])))).toEqual([
        ['a.yaml', '2'],
        ['b.yaml', '2'],
        ['c.yaml', '2'],
      ])
    },
  )

  it('that has ended before the fetch still makes a hint mean everything', async () => {
    const { origin, source } = await repository({ 'a.yaml': '1', 'b.yaml': '1' })
    git(origin, 'add', '.')
    git(origin, 'commit', '-q', '-m', 'one')
    await source.fetch(none)
    await origin.change({ 'a.yaml': '2', 'b.yaml': '2' })
    git(origin, 'add', '.')
    git(origin, 'commit', '-q', '-m', 'two')
    await source.fetch(none)
    git(origin, 'checkout', '-q', 'HEAD~1')
    expect(contents(await source.fetch(none, new Set(['a.yaml'])))).toEqual([
      ['a.yaml', '1'],
      ['b.yaml', '1'],
    ])
  })

  it('that left its lock behind is waited for once, for ten seconds, with a warning', async () => {
    const { origin, source, clock, warnings } = await repository({ 'a.yaml': '1' })
    await origin.change({ 'a.yaml': '2', '.git/index.lock': '' })
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml')).toBe('2')
    expect(clock.elapsed).toBeGreaterThanOrEqual(10_000)
    expect(clock.elapsed).toBeLessThan(10_100)
    expect(warnings).toEqual([expect.stringContaining('index.lock')])
    await origin.change({ 'a.yaml': '3' })
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml')).toBe('3')
    expect(clock.elapsed).toBeLessThan(10_100)
  })

  it('in a linked work tree has its lock elsewhere', async () => {
    const origin = await DirectoryOrigin.create({ 'a.yaml': '1' })
    git(origin, 'init', '-q')
    git(origin, 'add', '.')
    git(origin, 'commit', '-q', '-m', 'one')
    git(origin, 'worktree', 'add', '-q', `${origin.outside}/tree`)
    const lock = origin.at('.git/worktrees/tree/index.lock')
    const clock = steppedClock((elapsed) => {
      if (elapsed === 40) execFileSync('rm', [lock])
    })
    const { source } = await open(origin, { clock }, '../tree')
    await source.fetch(none)
    await writeFile(lock, '')
    await source.fetch(none, new Set(['a.yaml']))
    expect(clock.elapsed).toBeGreaterThanOrEqual(40)
  })

  it('does not keep close from ending a fetch', async () => {
    const { origin, source } = await open({ 'a.yaml': '1' })
    await source.fetch(none)
    await origin.change({ '.git/index.lock': '' })
    const fetching = source.fetch(none)
    const closing = source.close()
    await expect(fetching).rejects.toMatchObject({ name: 'SourceError' })
    await closing
  })
})
