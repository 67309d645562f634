import { execFileSync } from 'node:child_process'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contents, Looks } from '../contract/source.js'
import { DirectoryOrigin } from './directory-origin.js'
import { holds, none, open, shell, watching } from './opened.js'

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
    const { origin, until } = await watching({ 'd/a.yaml': 'old' })
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
    } catch (error) {
      if (process.env.CALLBOARD_TEST_REQUIRE_ALL !== undefined) throw error
      context.skip('vim is not installed')
    }
    const { origin, until } = await watching({ 'd/a.yaml': 'old\n' })
    const edit = "vim -u NONE -N -es -c 'set backup writebackup' -c '%s/old/new/' -c 'wq' d/a.yaml </dev/null"
    shell(origin, edit)
    await until(holds('d/a.yaml', 'new\n'))
  })

  it('gives a hint that names that file and nothing else', async () => {
    const { origin, looks } = await watching({ 'd/a.yaml': 'old', 'd/b.yaml': 'b' })
    await origin.change({ 'd/a.yaml': 'new' })
    expect(await looks.next()).toEqual(new Set(['d/a.yaml']))
  })

  it('that is none of ours says nothing', async () => {
    const { origin, looks } = await watching({ 'a.yaml': 'a', 'notes.txt': 'n' })
    await origin.change({ 'notes.txt': 'new', '.a.yaml.swp': 'x', 'a.yaml': 'b' })
    expect(await looks.next()).toEqual(new Set(['a.yaml']))
  })
})

describe('folders', () => {
  it('that are new are watched, with what came into them before they were', async () => {
    const { origin, until } = await watching({ 'a.yaml': 'a' })
    shell(origin, 'mkdir -p x/y/z; printf 1 > x/y/z/b.yaml')
    await until(holds('x/y/z/b.yaml', '1'))
    await origin.change({ 'x/y/z/b.yaml': '2' })
    await until(holds('x/y/z/b.yaml', '2'))
  })

  it('that are moved are watched at their new place, and a new one at the old', async () => {
    const { origin, until } = await watching({ 'a/b/c.yaml': '1', 'x.yaml': 'x' })
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
    const { origin, until } = await watching({ 'x.yaml': 'x' })
    await mkdir(join(origin.outside, 'in'))
    await writeFile(join(origin.outside, 'in/a.yaml'), 'a')
    await rename(join(origin.outside, 'in'), origin.at('in'))
    await until(holds('in/a.yaml', 'a'))
    await rename(origin.at('in'), join(origin.outside, 'out'))
    await until(holds('in/a.yaml', undefined))
  })

  it('that are deleted and made again are watched again, time after time', async () => {
    const { origin, until } = await watching({ 'd/e/a.yaml': '0', 'x.yaml': 'x' })
    for (let n = 1; n <= 10; n++) {
      shell(origin, `rm -r d; mkdir -p d/e; printf ${n} > d/e/a.yaml`)
      await until(holds('d/e/a.yaml', `${n}`))
      await origin.change({ 'd/e/a.yaml': `${n} edited` })
      await until(holds('d/e/a.yaml', `${n} edited`))
    }
  })

  it('that are swapped by rename are watched', async () => {
    const { origin, until } = await watching({ 'd/a.yaml': '1', '.next/a.yaml': '2' })
    shell(origin, 'mv d .old; mv .next d')
    await until(holds('d/a.yaml', '2'))
    await origin.change({ 'd/a.yaml': '3' })
    await until(holds('d/a.yaml', '3'))
  })

  it('and files of the same name are told apart', async () => {
    const { origin, until } = await watching({ 'd/a.yaml': 'a' })
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
    const { origin, until, looks, source } = await watching({ 'd/a.yaml': '0' })
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
    const { origin: outer, source } = await open({}, {}, 'not/yet/here')
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
    const { origin, until } = await watching(
      { 'app/config/mocks/a.yaml': '1', 'next/config/mocks/a.yaml': '2' },
      {},
      { folder: 'app/config/mocks' },
    )
    shell(origin, 'mv app old; mv next app')
    await until(holds('a.yaml', '2'))
    await origin.change({ 'app/config/mocks/a.yaml': '3' })
    await until(holds('a.yaml', '3'))
  })

  it('that is a link is followed when the link is swapped', async () => {
    const origin = await DirectoryOrigin.create({ 'v1/a.yaml': '1', 'v2/a.yaml': '2' })
    await symlink('v1', origin.at('current'))
    const { until } = await watching(origin, {}, { folder: 'current' })
    shell(origin, 'ln -s v2 next; mv -T next current')
    await until(holds('a.yaml', '2'))
    await origin.change({ 'v2/a.yaml': '3' })
    await until(holds('a.yaml', '3'))
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
    const { until } = await watching(origin, {}, { references: new Set(['p/x.txt', 'q/r/y.txt', 'z.bin']) })
    await origin.change({ 'p/x.txt': '2' })
    await until(holds('p/x.txt', '2'))
    await origin.change({ 'q/r/y.txt': '1' })
    await until(holds('q/r/y.txt', '1'))
    await origin.change({ 'q/r/y.txt': '2', 'z.bin': '1' })
    await until((snapshot) => holds('q/r/y.txt', '2')(snapshot) && holds('z.bin', '1')(snapshot))
  })
})

it('what changed between the last fetch and the watch is found by the look that opens it', async () => {
  const { origin, source } = await open({ 'a.yaml': '1' })
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
  const { source } = await watching({})
  await expect(source.watch(() => {})).rejects.toMatchObject({ name: 'SourceError' })
})

it('close leaves no watch, timer or open file behind', async () => {
  const handles = (): string[] => process.getActiveResourcesInfo().filter((name) => /FSEvent|FSReq|Timeout/.test(name))
  const watches = (): number => handles().filter((name) => name.startsWith('FSEvent')).length
  const [handlesBefore, watchesBefore] = [handles().length, watches()]
  const { origin, source, until } = await watching({ 'a/b/c.yaml': '1' })
  await origin.change({ 'a/d/e.yaml': '1' })
  await until(holds('a/d/e.yaml', '1'))
  expect(watches()).toBeGreaterThan(watchesBefore)
  await source.close()
  await source.close()
  // A closed handle is let go in the next turns of the event loop.
  for (let turn = 0; turn < 10_000 && handles().length > handlesBefore; turn++) await new Promise(setImmediate)
  expect(watches()).toBe(watchesBefore)
  expect(handles().length).toBeLessThanOrEqual(handlesBefore)
})
