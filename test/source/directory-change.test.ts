import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { DirectoryOptions } from '../../src/source/directory.js'
import { nodeDisk } from '../../src/source/disk.js'
import type { Snapshot, Source } from '../../src/source/source.js'
import { contents } from '../contract/source.js'
import { DirectoryOrigin } from './directory-origin.js'

const none: ReadonlySet<string> = new Set()
const opened: { source: Source; origin: DirectoryOrigin }[] = []
const children: ChildProcess[] = []

async function open(files: Readonly<Record<string, string>> = {}, options: DirectoryOptions = {}) {
  const origin = await DirectoryOrigin.create(files)
  const source = origin.open(options)
  opened.push({ source, origin })
  return { origin, source }
}

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const { source, origin } of opened.splice(0)) {
    await source.close()
    await origin.remove()
  }
})

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

/** Time that passes only by sleeping; `onSleep` is what happens meanwhile. */
function steppedClock(onSleep: (elapsedMs: number) => void = () => {}) {
  const start = Date.now() + 1_000
  const clock = {
    elapsed: 0,
    now: () => start + clock.elapsed,
    sleep: async (ms: number) => {
      clock.elapsed += ms
      onSleep(clock.elapsed)
    },
  }
  return clock
}

function text(snapshot: Snapshot, path: string): string | undefined {
  const file = snapshot.files.get(path)
  return file && Buffer.from(file.bytes).toString('utf8')
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
    const disk = {
      ...nodeDisk,
      open: (path: string) => {
        appendFileSync(path, `${count++}`)
        return nodeDisk.open(path)
      },
    }
    const { source } = await open({ 'a.yaml': 'a' }, { disk, clock: steppedClock() })
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
  const emptied: [string, (path: string) => Promise<void>][] = [
    ['emptied', (path) => writeFile(path, '')],
    ['moved away', (path) => rename(path, `${path}~`)],
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

  it.each(emptied)('when %s, is believed after 20 ms of quiet', async (_, empty) => {
    const clock = steppedClock()
    const { source, origin } = await open({ 'a.yaml': 'old', 'b.yaml': 'b' }, { clock })
    await source.fetch(none)
    await empty(origin.at('a.yaml'))
    expect(text(await source.fetch(none, new Set(['a.yaml'])), 'a.yaml') ?? '').toBe('')
    expect(clock.elapsed).toBe(20)
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

describe('git at work', () => {
  async function repository(files: Readonly<Record<string, string>>, onSleep?: (elapsed: number) => void, below = '') {
    const warnings: string[] = []
    const clock = steppedClock(onSleep)
    const origin = await DirectoryOrigin.create(files)
    git(origin, 'init', '-q')
    const { openDirectory } = await import('../../src/source/directory.js')
    const source = openDirectory(origin.at(below), { clock, onWarning: (message) => warnings.push(message) })
    opened.push({ source, origin })
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
    const { openDirectory } = await import('../../src/source/directory.js')
    const source = openDirectory(`${origin.outside}/tree`, { clock })
    opened.push({ source, origin })
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

describe('a ConfigMap mount', () => {
  // As the kubelet does it: a new folder, a link beside the old one, a rename over it, the old folder removed.
  const swapper = `
    const fs = require('node:fs')
    const [root, keys] = [process.argv[1], Number(process.argv[2])]
    let last = '..v0'
    process.on('message', (n) => {
      const next = '..v' + n
      fs.mkdirSync(root + '/' + next)
      for (let i = 0; i < keys; i++) fs.writeFileSync(root + '/' + next + '/k' + i + '.yaml', String(n))
      fs.symlinkSync(next, root + '/..data_tmp')
      fs.renameSync(root + '/..data_tmp', root + '/..data')
      fs.rmSync(root + '/' + last, { recursive: true })
      last = next
      process.send(n)
    })
    process.send(0)
  `

  async function mount(keys: number) {
    const { source, origin } = await open()
    await mkdir(origin.at('..v0'))
    for (let i = 0; i < keys; i++) await writeFile(origin.at(`..v0/k${i}.yaml`), '0')
    await symlink('..v0', origin.at('..data'))
    for (let i = 0; i < keys; i++) await symlink(`..data/k${i}.yaml`, origin.at(`k${i}.yaml`))
    const child = spawn(process.execPath, ['-e', swapper, origin.root, String(keys)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.push(child)
    const told = (n: number): Promise<void> =>
      new Promise((resolve) => {
        const listen = (message: unknown): void => {
          if (message !== n) return
          child.off('message', listen)
          resolve()
        }
        child.on('message', listen)
      })
    await told(0)
    const swap = (n: number): Promise<void> => {
      const done = told(n)
      child.send(n)
      return done
    }
    return { source, origin, swap }
  }

  it('shows each key once', async () => {
    const { source } = await mount(3)
    const snapshot = await source.fetch(none)
    expect([...snapshot.files.keys()]).toEqual(['k0.yaml', 'k1.yaml', 'k2.yaml'])
    expect(snapshot.refusals).toEqual([])
  })

  it('is read wholly old or wholly new while it is swapped, a hundred times', async () => {
    const { source, swap } = await mount(40)
    for (let n = 1; n <= 100; n++) {
      const swapping = swap(n)
      const snapshot = await source.fetch(none, n % 2 === 0 ? 'anywhere' : new Set(['..data']))
      const versions = [...new Set(contents(snapshot).map(([, version]) => Number(version)))]
      expect(snapshot.files.size).toBe(40)
      expect(versions).toHaveLength(1)
      expect([n - 1, n]).toContain(versions[0])
      expect(snapshot.refusals).toEqual([])
      await swapping
    }
    expect(contents(await source.fetch(none, new Set(['..data'])))[0]).toEqual(['k0.yaml', '100'])
  })
})
