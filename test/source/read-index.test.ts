import { mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/source/clock.js'
import { openDirectory } from '../../src/source/directory.js'
import { type Disk, nodeDisk } from '../../src/source/disk.js'
import { ReadIndex } from '../../src/source/read-index.js'
import { type Snapshot, SourceError } from '../../src/source/source.js'

// Later than any change: what was read is old enough for its stat to tell.
const later = { ...systemClock, now: () => Date.now() + 60_000 }
const none: ReadonlySet<string> = new Set()
const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function world(files: Readonly<Record<string, string>>) {
  const home = await mkdtemp(join(tmpdir(), 'callboard-index-'))
  folders.push(home)
  const root = await mkdtemp(join(home, 'root-'))
  const at = (path: string) => join(root, path)
  for (const [path, text] of Object.entries(files)) await writeFile(at(path), text)
  return { root, at, indexFile: join(home, 'read-files') }
}

/** One life of a process: what it saw, which files it read, how many it was told to expect. */
async function life(
  { root, indexFile }: { root: string; indexFile: string },
  { references = none, clock = later, look = async (_: Snapshot) => {} } = {},
) {
  const read: string[] = []
  let walked = 0
  let expected: number | undefined
  const disk: Disk = {
    ...nodeDisk,
    open: (path) => {
      read.push(path.slice(path.lastIndexOf('/') + 1))
      return nodeDisk.open(path)
    },
    list: (path) => {
      walked += 1
      return nodeDisk.list(path)
    },
  }
  const warnings: string[] = []
  const source = openDirectory(root, {
    disk,
    clock,
    indexFile,
    onFound: (files) => {
      expected = files
    },
    onWarning: (message) => warnings.push(message),
  })
  try {
    const snapshot = await source.fetch(references)
    await look(snapshot)
    return { snapshot, read: read.sort(), walked, expected, warnings }
  } finally {
    await source.close()
  }
}

const texts = ({ files }: Snapshot) => [...files].map(([path, { bytes }]) => [path, Buffer.from(bytes).toString()])

describe('what an earlier process has read', () => {
  it('is not read again, and is the same revision with the same bytes', async () => {
    const place = await world({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 2', 'c.yaml': '' })
    const first = await life(place)
    const second = await life(place, {
      look: async (snapshot) => expect(texts(snapshot)[1]).toEqual(['b.yaml', 'b: 2']),
    })
    expect(first).toMatchObject({ read: ['a.yaml', 'b.yaml', 'c.yaml'], expected: 3, walked: 2 })
    expect(second).toMatchObject({ read: [], expected: undefined, walked: 1 })
    expect(second.snapshot.revision).toBe(first.snapshot.revision)
    expect(texts(second.snapshot)).toEqual(texts(first.snapshot))
  })

  it('is read again where it looks different, also with the same length and time', async () => {
    const place = await world({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 2' })
    const time = new Date('2026-01-01T00:00:00Z')
    await utimes(place.at('a.yaml'), time, time)
    await life(place)
    const { ctimeNs } = await stat(place.at('a.yaml'), { bigint: true })
    // The kernel's clock ticks every few milliseconds.
    do {
      await writeFile(place.at('a.yaml'), 'a: 9')
      await utimes(place.at('a.yaml'), time, time)
    } while ((await stat(place.at('a.yaml'), { bigint: true })).ctimeNs === ctimeNs)
    const { read, snapshot, walked } = await life(place)
    expect(read).toEqual(['a.yaml'])
    expect(walked).toBe(2)
    expect(texts(snapshot)[0]).toEqual(['a.yaml', 'a: 9'])
  })

  it('is looked at twice as usual when a file has come, gone or been replaced', async () => {
    const place = await world({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 2' })
    await life(place)
    await rm(place.at('a.yaml'))
    const gone = await life(place)
    await writeFile(place.at('new'), 'b: 2')
    await rename(place.at('new'), place.at('b.yaml'))
    const replaced = await life(place)
    expect(gone).toMatchObject({ read: [], walked: 2 })
    expect(replaced).toMatchObject({ read: ['b.yaml'], walked: 2 })
  })

  it('counts for nothing when it was read right after a change', async () => {
    const place = await world({ 'a.yaml': 'a: 1' })
    await life(place, { clock: systemClock })
    expect((await life(place)).read).toEqual(['a.yaml'])
    expect((await life(place)).read).toEqual([])
  })

  it('does not hand out bytes that are no longer those of its hash', async () => {
    const place = await world({ 'a.yaml': 'a: 1' })
    await life(place)
    await life(place, {
      look: async ({ files }) => {
        await writeFile(place.at('a.yaml'), 'a: 2')
        expect(() => files.get('a.yaml')?.bytes).toThrow(SourceError)
      },
    })
  })

  it('is of one root alone', async () => {
    const place = await world({ 'a.yaml': 'a: 1' })
    const other = await world({ 'a.yaml': 'a: 1' })
    await life(place)
    expect((await life({ root: other.root, indexFile: place.indexFile })).read).toEqual(['a.yaml'])
  })

  it('may be named by a link', async () => {
    const place = await world({ 'a.yaml': 'a: 1' })
    await symlink('a.yaml', place.at('b.yaml'))
    const first = await life(place)
    const second = await life(place)
    expect(second.read).toEqual([])
    expect(second.snapshot.revision).toBe(first.snapshot.revision)
  })

  it('is told when it cannot be noted', async () => {
    const place = await world({ 'a.yaml': 'a: 1' })
    const source = openDirectory(place.root, {
      indexFile: join(place.root, 'no/such/folder'),
      onWarning: (m) => said.push(m),
    })
    const said: string[] = []
    await source.fetch(none)
    await source.close()
    expect(said).toEqual([expect.stringContaining('the next start takes longer')])
  })
})

describe('an index', () => {
  it('that is damaged anywhere is as good as none', async () => {
    const place = await world({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 2' })
    await life(place)
    const whole = await readFile(place.indexFile)
    expect(ReadIndex.load(place.indexFile, place.root)).toBeDefined()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, bits, cut) => {
          const bytes = Buffer.from(whole)
          bytes[at] = (bytes[at] ?? 0) ^ bits
          await writeFile(place.indexFile, cut ? whole.subarray(0, at) : bytes)
          expect(ReadIndex.load(place.indexFile, place.root)).toBeUndefined()
        },
      ),
      { numRuns: 60 },
    )
  })

  // Lengths differ, as two writes within one tick of the kernel's clock cannot be told apart by a clock that runs ahead.
  it('never makes a source see anything else than reading everything does', async () => {
    const name = fc.constantFrom('a.yaml', 'b.yaml', 'c.json', 'd.txt')
    const step = fc.record({
      path: name,
      text: fc.option(fc.constantFrom('', '22', '333', '4444'), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 4 }), async (lives) => {
        const place = await world({ 'a.yaml': '1', 'd.txt': '1' })
        const references = new Set(['d.txt'])
        await life(place, { references })
        for (const steps of lives) {
          for (const { path, text } of steps) {
            if (text === undefined) await rm(place.at(path), { force: true })
            else await writeFile(place.at(path), text)
          }
          const kept = await life(place, { references })
          const fresh = await life({ root: place.root, indexFile: `${place.indexFile}-none` }, { references })
          await rm(`${place.indexFile}-none`, { force: true })
          expect(kept.snapshot.revision).toBe(fresh.snapshot.revision)
          expect(texts(kept.snapshot)).toEqual(texts(fresh.snapshot))
        }
      }),
      { numRuns: 30 },
    )
  })
})
