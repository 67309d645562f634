import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FileMap } from '../../src/source/file-map.js'
import type { SourceFile } from '../../src/source/source.js'

function file(path: string, hash: string): SourceFile {
  return { path, hash, bytes: new Uint8Array() }
}

const change = fc.tuple(fc.constantFrom(...'abcdefgh'), fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }))

it('behaves as a sorted Map after any changes, and leaves the maps before as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 })), (rounds) => {
      let map = FileMap.empty
      const model = new Map<string, SourceFile>()
      const kept: [FileMap, [string, SourceFile][]][] = []
      for (const round of rounds) {
        const changes = new Map(round.map(([path, hash]) => [path, hash === undefined ? undefined : file(path, hash)]))
        map = map.with(changes)
        for (const [path, to] of changes) {
          if (to === undefined) model.delete(path)
          else model.set(path, to)
        }
        kept.push([map, [...model].sort(([a], [b]) => (a < b ? -1 : 1))])
      }
      for (const [held, want] of kept) {
        expect([...held]).toEqual(want)
        expect([...held.keys()]).toEqual(want.map(([path]) => path))
        expect([...held.values()]).toEqual(want.map(([, value]) => value))
        expect(held.size).toBe(want.length)
        const visited: string[] = []
        held.forEach((value, path) => {
          expect(held.get(path)).toBe(value)
          visited.push(path)
        })
        expect(visited).toEqual([...held.keys()])
        for (const path of 'abcdefgh') expect(held.has(path)).toBe(want.some(([known]) => known === path))
      }
    }),
  )
})

it('keeps no more than a bounded number of replacements apart', () => {
  const paths = Array.from({ length: 1_000 }, (_, i) => `f${String(i).padStart(4, '0')}`)
  let map = FileMap.empty.with(new Map(paths.map((path) => [path, file(path, 'old')])))
  for (const path of paths) map = map.with(new Map([[path, file(path, 'new')]]))
  expect([...map.values()].every(({ hash }) => hash === 'new')).toBe(true)
  expect([...map.keys()]).toEqual(paths)
})
