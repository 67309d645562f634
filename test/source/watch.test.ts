import { execFileSync } from 'node:child_process'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { DirectoryOptions } from '../../src/source/directory.js'
import { type OpenFolderWatch, watchFolders } from '../../src/source/folder-watch.js'
import type { Snapshot, Source } from '../../src/source/source.js'
import { contents, Looks } from '../contract/source.js'
import { DirectoryOrigin } from './directory-origin.js'

const none: ReadonlySet<string> = new Set()
const opened: { source: Source; origin: DirectoryOrigin }[] = []

interface Watching {
  readonly origin: DirectoryOrigin
  readonly source: Source
  readonly looks: Looks
  /** Fetches by the hints that come in until the snapshot is like this. */
  readonly until: (done: (snapshot: Snapshot) => boolean, references?: ReadonlySet<string>) => Promise<void>
}

async function watching(
  origin: DirectoryOrigin,
  options: DirectoryOptions = {},
  references: ReadonlySet<string> = none,
): Promise<Watching> {
  const source = origin.open(options)
  opened.push({ source, origin })
  await source.fetch(references).catch(() => {})
  const looks = new Looks()
  await source.watch(looks.look)
  expect(await looks.next()).toBe('anywhere')
  const until: Watching['until'] = (done) =>
    looks.until(async (hint) => {
      try {
        return done(await source.fetch(references, hint))
      } catch {
        // No root at the moment; there will be another look when there is.
        return false
      }
    })
  return { origin, source, looks, until }
}

afterEach(async () => {
  for (const { source, origin } of opened.splice(0)) {
    await source.close()
    await origin.remove()
  }
})

function shell(origin: DirectoryOrigin, script: string): void {
  execFileSync('bash', ['-ec', script], { cwd: origin.root, stdio: 'pipe' })
}

function holds(path: string, text: string | undefined): (snapshot: Snapshot) => boolean {
  return ({ files }) => {
    const file = files.get(path)
    return (file && Buffer.from(file.bytes).toString('utf8')) === text
  }
}

describe('saving a file', () => {
  const saves: [string, string][] = [
    ['in place', 'printf new > d/a.yaml'],
    ['as vim does, by a backup that is moved away', 'mv d/a.yaml d/a.yaml~; printf new > d/a.yaml; rm d/a.yaml~'],
    ['as VS Code and emacs do, by truncating', ': > d/a.yaml; printf new >> d/a.yaml'],
    ['as sed -i does', 'sed -i s/old/new/ d/a.yaml'],
    ['by a rename over it', 'printf new > d/.a.tmp; mv d/.a.tmp d/a.yaml'],
    ['by a rename from another folder', 'printf new > ../a.tmp; mv ../a.tmp d/a.yaml'],
    ['by deleting and writing', 'rm d/a.yaml; printf new > d/a.yaml'],
    ['without touching its times', 'touch -r d/a.yaml ../ref; printf new > d/a.yaml; touch -r ../ref d/a.yaml'],
    ['through a hard link', 'ln -f d/a.yaml ../b; printf new > d/a.yaml'],
  ]
  it.each(saves)('%s is seen', async (_, script) => {
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'd/a.yaml': 'old' }))
    // Twice: what replaced the file must be watched as the file was.
    shell(origin, script)
    await until(holds('d/a.yaml', 'new'))
    await origin.change({ 'd/a.yaml': 'old' })
    await until(holds('d/a.yaml', 'old'))
    shell(origin, script)
    await until(holds('d/a.yaml', 'new'))
  })

  it('by vim itself is seen', async (context) => {
    try {
      execFileSync('vim', ['--version'], { stdio: 'pipe' })
    } catch {
      context.skip('vim is not installed')
    }
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'd/a.yaml': 'old\n' }))
    const edit = "vim -u NONE -N -es -c 'set backup writebackup' -c '%s/old/new/' -c 'wq' d/a.yaml </dev/null"
    shell(origin, edit)
    await until(holds('d/a.yaml', 'new\n'))
  })

  it('gives a hint that names that file and nothing else', async () => {
    const { origin, looks } = await watching(await DirectoryOrigin.create({ 'd/a.yaml': 'old', 'd/b.yaml': 'b' }))
    await origin.change({ 'd/a.yaml': 'new' })
    expect(await looks.next()).toEqual(new Set(['d/a.yaml']))
  })

  it('that is none of ours says nothing', async () => {
    const { origin, looks } = await watching(await DirectoryOrigin.create({ 'a.yaml': 'a', 'notes.txt': 'n' }))
    await origin.change({ 'notes.txt': 'new', '.a.yaml.swp': 'x', 'a.yaml': 'b' })
    expect(await looks.next()).toEqual(new Set(['a.yaml']))
  })
})

describe('folders', () => {
  it('that are new are watched, with what came into them before they were', async () => {
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'a.yaml': 'a' }))
    shell(origin, 'mkdir -p x/y/z; printf 1 > x/y/z/b.yaml')
    await until(holds('x/y/z/b.yaml', '1'))
    await origin.change({ 'x/y/z/b.yaml': '2' })
    await until(holds('x/y/z/b.yaml', '2'))
  })

  it('that are moved are watched at their new place, and a new one at the old', async () => {
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'a/b/c.yaml': '1', 'x.yaml': 'x' }))
    await rename(origin.at('a'), origin.at('moved'))
    await until((snapshot) => holds('moved/b/c.yaml', '1')(snapshot) && holds('a/b/c.yaml', undefined)(snapshot))
    await origin.change({ 'moved/b/c.yaml': '2' })
    await until(holds('moved/b/c.yaml', '2'))
    await origin.change({ 'a/b/c.yaml': '3' })
    await until(holds('a/b/c.yaml', '3'))
    await origin.change({ 'a/b/c.yaml': '4', 'moved/b/c.yaml': '5' })
    await until((snapshot) => holds('a/b/c.yaml', '4')(snapshot) && holds('moved/b/c.yaml', '5')(snapshot))
  })

  it('that are moved in from outside and out again are seen', async () => {
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'x.yaml': 'x' }))
    await mkdir(join(origin.outside, 'in'))
    await writeFile(join(origin.outside, 'in/a.yaml'), 'a')
    await rename(join(origin.outside, 'in'), origin.at('in'))
    await until(holds('in/a.yaml', 'a'))
    await rename(origin.at('in'), join(origin.outside, 'out'))
    await until(holds('in/a.yaml', undefined))
  })

  it('that are deleted and made again are watched again, time after time', async () => {
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'd/e/a.yaml': '0', 'x.yaml': 'x' }))
    for (let n = 1; n <= 10; n++) {
      shell(origin, `rm -r d; mkdir -p d/e; printf ${n} > d/e/a.yaml`)
      await until(holds('d/e/a.yaml', `${n}`))
      await origin.change({ 'd/e/a.yaml': `${n} edited` })
      await until(holds('d/e/a.yaml', `${n} edited`))
    }
  })

  it('that are swapped by rename are watched', async () => {
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'd/a.yaml': '1', '.next/a.yaml': '2' }))
    shell(origin, 'mv d .old; mv .next d')
    await until(holds('d/a.yaml', '2'))
    await origin.change({ 'd/a.yaml': '3' })
    await until(holds('d/a.yaml', '3'))
  })

  it('and files of the same name are told apart', async () => {
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'd/a.yaml': 'a' }))
    await origin.change({ 'd/d/a.yaml': '1' })
    await until(holds('d/d/a.yaml', '1'))
    await rm(origin.at('d/d'), { recursive: true })
    await until(holds('d/d/a.yaml', undefined))
    await origin.change({ 'd/a.yaml': 'b' })
    await until(holds('d/a.yaml', 'b'))
  })
})

describe('the root', () => {
  it('that is deleted and made again is watched again', async () => {
    const { origin, until, looks, source } = await watching(await DirectoryOrigin.create({ 'd/a.yaml': '0' }))
    for (let n = 1; n <= 3; n++) {
      await origin.destroy()
      await looks.until(async () => (await source.fetch(none).catch((error: Error) => error.name)) === 'SourceError')
      await origin.change({ 'd/a.yaml': `${n}` })
      await until(holds('d/a.yaml', `${n}`))
      await origin.change({ 'd/a.yaml': `${n} edited` })
      await until(holds('d/a.yaml', `${n} edited`))
    }
  })

  it('that is not there yet is seen when it comes, with the folders above it', async () => {
    const outer = await DirectoryOrigin.create()
    const { openDirectory } = await import('../../src/source/directory.js')
    const source = openDirectory(outer.at('not/yet/here'))
    opened.push({ source, origin: outer })
    const looks = new Looks()
    await source.watch(looks.look)
    for (const round of ['1', '2']) {
      await outer.change({ 'not/yet/here/a.yaml': round })
      await looks.until(async (hint) => source.fetch(none, hint).then(holds('a.yaml', round), () => false))
      await outer.change({ 'not/yet/here/a.yaml': `${round} edited` })
      await looks.until(async (hint) => source.fetch(none, hint).then(holds('a.yaml', `${round} edited`), () => false))
      await rm(outer.at('not'), { recursive: true })
      await looks.until(async (hint) =>
        source.fetch(none, hint).then(
          () => false,
          () => true,
        ),
      )
    }
  })

  it('that is moved away with a folder above it, and replaced, is watched', async () => {
    const outer = await DirectoryOrigin.create({ 'app/config/mocks/a.yaml': '1', 'next/config/mocks/a.yaml': '2' })
    const { openDirectory } = await import('../../src/source/directory.js')
    const source = openDirectory(outer.at('app/config/mocks'))
    opened.push({ source, origin: outer })
    await source.fetch(none)
    const looks = new Looks()
    await source.watch(looks.look)
    shell(outer, 'mv app old; mv next app')
    await looks.until(async (hint) => source.fetch(none, hint).then(holds('a.yaml', '2'), () => false))
    await outer.change({ 'app/config/mocks/a.yaml': '3' })
    await looks.until(async (hint) => source.fetch(none, hint).then(holds('a.yaml', '3'), () => false))
  })

  it('that is a link is followed when the link is swapped', async () => {
    const outer = await DirectoryOrigin.create({ 'v1/a.yaml': '1', 'v2/a.yaml': '2' })
    await symlink('v1', outer.at('current'))
    const { openDirectory } = await import('../../src/source/directory.js')
    const source = openDirectory(outer.at('current'))
    opened.push({ source, origin: outer })
    await source.fetch(none)
    const looks = new Looks()
    await source.watch(looks.look)
    shell(outer, 'ln -s v2 next; mv -T next current')
    await looks.until(async (hint) => holds('a.yaml', '2')(await source.fetch(none, hint)))
    await outer.change({ 'v2/a.yaml': '3' })
    await looks.until(async (hint) => holds('a.yaml', '3')(await source.fetch(none, hint)))
  })
})

describe('links', () => {
  it('as a ConfigMap has them are seen when the kubelet swaps them', async () => {
    const origin = await DirectoryOrigin.create({ '..v0/a.yaml': '0', '..v0/b.yaml': '0' })
    shell(origin, 'ln -s ..v0 ..data; ln -s ..data/a.yaml a.yaml; ln -s ..data/b.yaml b.yaml')
    const { until } = await watching(origin)
    for (let n = 1; n <= 20; n++) {
      shell(
        origin,
        `mkdir ..v${n}; printf ${n} > ..v${n}/a.yaml; printf ${n} > ..v${n}/b.yaml
         ln -s ..v${n} ..data_tmp; mv -T ..data_tmp ..data; rm -r ..v${n - 1}`,
      )
      await until((snapshot) => contents(snapshot).every(([, text]) => text === `${n}`))
    }
  })

  it('to files and folders in hidden places are seen when what they lead to changes', async () => {
    const origin = await DirectoryOrigin.create({ '.x/deep/er/t.yaml': '1', '.y/deep/u.yaml': '1' })
    shell(origin, 'ln -s .x/deep/er/t.yaml a.yaml; ln -s .y/deep folder')
    const { until } = await watching(origin)
    await origin.change({ '.x/deep/er/t.yaml': '2' })
    await until(holds('a.yaml', '2'))
    await origin.change({ '.y/deep/u.yaml': '2', '.y/deep/new.yaml': '1' })
    await until((snapshot) => holds('folder/u.yaml', '2')(snapshot) && holds('folder/new.yaml', '1')(snapshot))
    shell(origin, 'mv .x/deep .x/gone; mkdir -p .x/deep/er; printf 3 > .x/deep/er/t.yaml')
    await until(holds('a.yaml', '3'))
    shell(origin, 'mv .y .z; mkdir -p .y/deep; printf 3 > .y/deep/u.yaml')
    await until(holds('folder/u.yaml', '3'))
  })
})

describe('referenced files', () => {
  it('are watched also in folders that rules leave out, and before they exist', async () => {
    const origin = await DirectoryOrigin.create({ '.callboardignore': 'p/\n', 'p/x.txt': '1', 'a.yaml': 'a' })
    const { until } = await watching(origin, {}, new Set(['p/x.txt', 'q/r/y.txt', 'z.bin']))
    await origin.change({ 'p/x.txt': '2' })
    await until(holds('p/x.txt', '2'))
    await origin.change({ 'q/r/y.txt': '1' })
    await until(holds('q/r/y.txt', '1'))
    await origin.change({ 'q/r/y.txt': '2', 'z.bin': '1' })
    await until((snapshot) => holds('q/r/y.txt', '2')(snapshot) && holds('z.bin', '1')(snapshot))
  })
})

describe('many changes', () => {
  it('of a git checkout of 100 files among 10,000 are all seen, and in one revision', async () => {
    const origin = await DirectoryOrigin.create()
    shell(
      origin,
      `for d in $(seq 100); do mkdir d$d; for f in $(seq 100); do echo "one $d $f" > d$d/f$f.yaml; done; done
       git init -q; git add .; git -c user.name=t -c user.email=t@example.com commit -q -m one
       for f in $(seq 100); do echo two > d$f/f$f.yaml; done
       git -c user.name=t -c user.email=t@example.com commit -q -a -m two; git checkout -q HEAD~1`,
    )
    const { source, looks } = await watching(origin)
    await source.fetch(none)
    const counts: number[] = []
    const count = (snapshot: Snapshot): number => {
      let two = 0
      for (const { bytes } of snapshot.files.values()) if (bytes.length === 4) two++
      return two
    }
    for (const [revision, want] of [
      ['-', 100],
      ['HEAD~1', 0],
      ['-', 100],
    ] as const) {
      shell(origin, `git checkout -q ${revision}`)
      await looks.until(async (hint) => {
        const found = count(await source.fetch(none, hint))
        counts.push(found)
        return found === want
      })
    }
    expect(counts.filter((found) => found !== 0 && found !== 100)).toEqual([])
  }, 60_000)

  it('beyond what the kernel queues end in a look at everything', async () => {
    const { origin, looks, source } = await watching(await DirectoryOrigin.create({ 'a.yaml': 'a' }))
    // The event loop is held meanwhile, so that the kernel's queue of 16,384 events runs over.
    shell(origin, 'for f in $(seq 12000); do : > f$f.yaml; done')
    await looks.until(
      async (hint) => hint === 'anywhere' && (await source.fetch(none, hint)).files.size === 12_001,
      20_000,
    )
  }, 60_000)
})

describe('a watch that cannot be had', () => {
  const failing =
    (code: string): OpenFolderWatch =>
    (folders, events) => {
      const watch = watchFolders(folders.slice(0, 1), events)
      events.error(Object.assign(new Error(`${code}: no more`), { code }))
      return watch
    }

  it.each([
    ['ENOSPC', 'fs.inotify.max_user_watches'],
    ['EMFILE', 'fs.inotify.max_user_instances'],
  ])('for %s is replaced by looking every so often, with one warning', async (code, setting) => {
    const warnings: string[] = []
    const { origin, until } = await watching(await DirectoryOrigin.create({ 'd/a.yaml': '1', 'd/e/b.yaml': 'b' }), {
      watchFolders: failing(code),
      pollMs: 20,
      onWarning: (message) => warnings.push(message),
    })
    await origin.change({ 'd/a.yaml': '2' })
    await until(holds('d/a.yaml', '2'))
    await origin.change({ 'd/a.yaml': '3', 'new/c.yaml': 'c' })
    await until((snapshot) => holds('d/a.yaml', '3')(snapshot) && holds('new/c.yaml', 'c')(snapshot))
    expect(warnings).toEqual([expect.stringContaining(setting)])
  })

  it('because of a backslash in the name of a folder is replaced likewise', async () => {
    const warnings: string[] = []
    const origin = await DirectoryOrigin.create({ 'odd\\name/a.yaml': '1' })
    const { until } = await watching(origin, { pollMs: 20, onWarning: (message) => warnings.push(message) })
    await origin.change({ 'odd\\name/a.yaml': '2' })
    await until(holds('odd\\name/a.yaml', '2'))
    expect(warnings).toEqual([expect.stringContaining('backslash')])
  })
})

it('what changed between the last fetch and the watch is found by the look that opens it', async () => {
  const origin = await DirectoryOrigin.create({ 'a.yaml': '1' })
  const source = origin.open()
  opened.push({ source, origin })
  await source.fetch(none)
  await origin.change({ 'a.yaml': '2', 'new/b.yaml': 'b' })
  const looks = new Looks()
  let resolved = false
  const watch = source.watch((hint) => {
    expect(resolved).toBe(true)
    looks.look(hint)
  })
  await watch
  resolved = true
  const hint = await looks.next()
  expect(hint).toBe('anywhere')
  expect(contents(await source.fetch(none, hint))).toEqual([
    ['a.yaml', '2'],
    ['new/b.yaml', 'b'],
  ])
  await origin.change({ 'new/b.yaml': 'c' })
  await looks.until(async (next) => holds('new/b.yaml', 'c')(await source.fetch(none, next)))
})

it('watching twice is a SourceError', async () => {
  const { source } = await watching(await DirectoryOrigin.create())
  await expect(source.watch(() => {})).rejects.toMatchObject({ name: 'SourceError' })
})

it('close leaves no watch, timer or open file behind', async () => {
  const handles = (): string[] => process.getActiveResourcesInfo().filter((name) => /FSEvent|FSReq|Timeout/.test(name))
  const watches = (): number => handles().filter((name) => name.startsWith('FSEvent')).length
  const [handlesBefore, watchesBefore] = [handles().length, watches()]
  const { origin, source, until } = await watching(await DirectoryOrigin.create({ 'a/b/c.yaml': '1' }))
  await origin.change({ 'a/d/e.yaml': '1' })
  await until(holds('a/d/e.yaml', '1'))
  expect(watches()).toBeGreaterThan(watchesBefore)
  await source.close()
  await source.close()
  // A closed handle is let go in the next turns of the event loop.
  for (let turn = 0; turn < 20 && handles().length > handlesBefore; turn++) await new Promise(setImmediate)
  expect(watches()).toBe(watchesBefore)
  expect(handles().length).toBeLessThanOrEqual(handlesBefore)
})
