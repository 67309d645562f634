import { describe, expect, it } from 'vitest'
import type { Hint, Snapshot, Source } from '../../src/source/source.js'

/** What a source reads, as its users change it. */
export interface Origin {
  /** Opens a source on it; the suite closes it. */
  open(): Source
  /** Writes and deletes (undefined) files as one change, by path. */
  change(files: Readonly<Record<string, string | undefined>>): Promise<void>
  /** Takes away what the source reads, so that there is no root any more. */
  destroy(): Promise<void>
  remove(): Promise<void>
}

const none: ReadonlySet<string> = new Set()

/** Paths and contents of a snapshot, in its order. */
export function contents({ files }: Snapshot): [string, string][] {
  return [...files].map(([path, { bytes }]) => [path, Buffer.from(bytes).toString('utf8')])
}

/** What every source owes the reconciler. `create` makes an origin without any files. */
export function describeSource(name: string, create: () => Promise<Origin>): void {
  async function using(test: (source: Source, origin: Origin) => Promise<void>): Promise<void> {
    const origin = await create()
    const source = origin.open()
    try {
      await test(source, origin)
    } finally {
      await source.close()
      await origin.remove()
    }
  }

  describe(`${name} as a source`, () => {
    it('reads documents at any depth, sorted by path, and nothing else', () =>
      using(async (source, origin) => {
        await origin.change({
          'b.yml': 'b',
          'a/deep/er.json': '{}',
          'a.yaml': 'a',
          'notes.txt': 'n',
          'a/x.yaml.bak': 'x',
        })
        const snapshot = await source.fetch(none)
        expect(contents(snapshot)).toEqual([
          ['a.yaml', 'a'],
          ['a/deep/er.json', '{}'],
          ['b.yml', 'b'],
        ])
        expect(snapshot.refusals).toEqual([])
      }))

    it('leaves out hidden files and folders', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a', '.b.yaml': 'b', '.github/c.yaml': 'c', 'd/.e/f.yaml': 'f' })
        expect([...(await source.fetch(none)).files.keys()]).toEqual(['a.yaml'])
      }))

    it('leaves out what .callboardignore names', () =>
      using(async (source, origin) => {
        await origin.change({
          '.callboardignore': 'drafts/\n*.tmp.yaml\n',
          'a.yaml': 'a',
          'drafts/b.yaml': 'b',
          'c.tmp.yaml': 'c',
        })
        expect([...(await source.fetch(none)).files.keys()]).toEqual(['a.yaml'])
      }))

    it('reads referenced files whatever they are called, and leaves out those that are not there', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a', 'payloads/x.txt': 'x', 'payloads/y.txt': 'y' })
        const snapshot = await source.fetch(new Set(['payloads/x.txt', 'payloads/gone.txt']))
        expect([...snapshot.files.keys()]).toEqual(['a.yaml', 'payloads/x.txt'])
        expect(snapshot.refusals).toEqual([])
      }))

    it.each(['../outside.txt', '/etc/hostname', 'a/../../outside.txt', '.secret/x', 'a/.x', ''])(
      'refuses the reference %j',
      (reference) =>
        using(async (source, origin) => {
          await origin.change({ 'a.yaml': 'a', '.secret/x': 'x', 'a/.x': 'x' })
          const snapshot = await source.fetch(new Set([reference]))
          expect([...snapshot.files.keys()]).toEqual(['a.yaml'])
          expect(snapshot.refusals.map(({ path }) => path)).toEqual([reference])
        }),
    )

    it('gives the same revision for the same files, and another for other paths or contents', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a', 'b.yaml': 'b' })
        const first = await source.fetch(none)
        expect((await source.fetch(none)).revision).toBe(first.revision)
        await origin.change({ 'b.yaml': 'c' })
        const second = await source.fetch(none)
        expect(second.revision).not.toBe(first.revision)
        await origin.change({ 'b.yaml': undefined, 'c.yaml': 'c' })
        expect((await source.fetch(none)).revision).not.toBe(second.revision)
      }))

    it('returns the same object for a file as long as its content is the same', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a', 'b.yaml': 'b' })
        const first = await source.fetch(none)
        await origin.change({ 'b.yaml': 'changed' })
        const second = await source.fetch(none)
        expect(second.files.get('a.yaml')).toBe(first.files.get('a.yaml'))
        expect(second.files.get('b.yaml')).not.toBe(first.files.get('b.yaml'))
      }))

    it('leaves a snapshot as it was when the source moves on', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a', 'b.yaml': 'b' })
        const first = await source.fetch(none)
        await origin.change({ 'a.yaml': 'new', 'b.yaml': undefined, 'c.yaml': 'c' })
        await source.fetch(none)
        expect(contents(first)).toEqual([
          ['a.yaml', 'a'],
          ['b.yaml', 'b'],
        ])
      }))

    it('names the SHA-256 of each content', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'abc' })
        expect((await source.fetch(none)).files.get('a.yaml')?.hash).toBe(
          'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        )
      }))

    it('gives a snapshot without files when there are none', () =>
      using(async (source, origin) => {
        await origin.change({ 'notes.txt': 'n' })
        expect((await source.fetch(none)).files.size).toBe(0)
      }))

    it('rejects with SourceError when there is no root', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a' })
        await source.fetch(none)
        await origin.destroy()
        await expect(source.fetch(none)).rejects.toMatchObject({ name: 'SourceError' })
      }))

    it('looks again once watching begins, and at every change from then on', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a' })
        await source.fetch(none)
        const looks = new Looks()
        await source.watch(looks.look)
        expect(await looks.next()).toBe('anywhere')
        for (const text of ['b', 'c', 'd']) {
          await origin.change({ 'a.yaml': text })
          await looks.until(async (hint) => contents(await source.fetch(none, hint))[0]?.[1] === text)
        }
      }))

    it('says nothing any more once closed', () =>
      using(async (source, origin) => {
        await origin.change({ 'a.yaml': 'a' })
        await source.fetch(none)
        const looks = new Looks()
        await source.watch(looks.look)
        await source.close()
        await expect(source.fetch(none)).rejects.toMatchObject({ name: 'SourceError' })
        const other = origin.open()
        const others = new Looks()
        await other.watch(others.look)
        await origin.change({ 'a.yaml': 'b' })
        await others.until(async (hint) => contents(await other.fetch(none, hint))[0]?.[1] === 'b')
        await other.close()
        expect(looks.waiting).toEqual([])
      }))
  })
}

/** Collects hints, and hands them out one by one. */
export class Looks {
  readonly waiting: Hint[] = []
  #wake: () => void = () => {}

  readonly look = (hint: Hint): void => {
    this.waiting.push(hint)
    this.#wake()
  }

  async next(withinMs = 5_000): Promise<Hint> {
    const hint = this.waiting.shift()
    if (hint !== undefined) return hint
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing seen within ${withinMs} ms`)), withinMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    return this.next(withinMs)
  }

  /** Joins the hints that have gathered, as a reconciler does, and hands them to `done` until it says so. */
  async until(done: (hint: Hint) => Promise<boolean>, withinMs = 5_000): Promise<void> {
    const end = Date.now() + withinMs
    for (;;) {
      const hints = [await this.next(Math.max(1, end - Date.now())), ...this.waiting.splice(0)]
      const paths = hints.flatMap((hint) => (hint === 'anywhere' ? [] : [...hint]))
      if (await done(hints.includes('anywhere') ? 'anywhere' : new Set(paths))) return
    }
  }
}
