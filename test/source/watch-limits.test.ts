import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type OpenFolderWatch, watchFolders } from '../../src/source/folder-watch.js'
import type { Snapshot } from '../../src/source/source.js'
import { DirectoryOrigin } from './directory-origin.js'
import { holds, none, shell, watching } from './opened.js'

describe('many changes', () => {
  it('of a git checkout of 100 files among 10,000 are all seen, and in one revision', async () => {
    const origin = await DirectoryOrigin.create()
    shell(
      origin,
      `for d in $(seq 100); do mkdir d$d; for f in $(seq 100); do echo one > d$d/f$f.yaml; done; done
       git init -q; git add .; git -c user.name=t -c user.email=t@example.com commit -q -m one
       for f in $(seq 100); do echo other > d$f/f$f.yaml; done
       git -c user.name=t -c user.email=t@example.com commit -q -a -m two; git checkout -q HEAD~1`,
    )
    const { source, looks } = await watching(origin)
    await source.fetch(none)
    const counts: number[] = []
    const count = (snapshot: Snapshot): number => {
      let others = 0
      for (const { bytes } of snapshot.files.values()) if (bytes.length === 'other\n'.length) others++
      return others
    }
    for (const [revision, want] of [
      ['-', 100],
      ['HEAD~1', 0],
      ['-', 100],
    ] as const) {
      // Not waited for: the first events come while git is still writing.
      const checkout = promisify(execFile)('git', ['checkout', '-q', revision], { cwd: origin.root })
      await looks.until(async (hint) => {
        const found = count(await source.fetch(none, hint))
        counts.push(found)
        return found === want
      })
      await checkout
    }
    expect(counts.filter((found) => found !== 0 && found !== 100)).toEqual([])
  }, 60_000)

  it('beyond what the kernel queues end in a look at everything', async () => {
    const { origin, looks, source } = await watching({ 'a.yaml': 'a' })
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
    const { origin, until } = await watching(
      { 'd/a.yaml': '1', 'd/e/b.yaml': 'b' },
      {
        watchFolders: failing(code),
        pollMs: 20,
        onWarning: (message) => warnings.push(message),
      },
    )
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
