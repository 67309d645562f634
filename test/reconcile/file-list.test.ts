import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileChanges } from '../../src/reconcile/file-list.js'

describe('the difference between the files of two revisions', () => {
  const files = (given: Record<string, string>) => Object.entries(given).map(([path, hash]) => ({ path, hash }))
  const cases: [
    name: string,
    before: Record<string, string>,
    after: Record<string, string>,
    put: string[],
    gone: string[],
  ][] = [
    ['nothing', { a: '1', b: '1' }, { a: '1', b: '1' }, [], []],
    ['one changed', { a: '1', b: '1', c: '1' }, { a: '1', b: '2', c: '1' }, ['b'], []],
    ['one added in front', { b: '1', c: '1' }, { a: '1', b: '1', c: '1' }, ['a'], []],
    ['one gone in front', { a: '1', b: '1', c: '1' }, { b: '1', c: '2' }, ['c'], ['a']],
    ['one for another', { a: '1' }, { b: '1' }, ['b'], ['a']],
    ['everything', {}, { a: '1' }, ['a'], []],
    ['everything gone', { a: '1' }, {}, [], ['a']],
    ['another order', { a: '1', b: '1', c: '1' }, { c: '1', a: '1', b: '2' }, ['b'], []],
  ]
  for (const [name, before, after, put, gone] of cases) {
    it(`is found: ${name}`, () => {
      const changes = fileChanges(files(before), files(after))
      expect([...changes.put.keys()]).toEqual(put)
      expect(changes.delete).toEqual(gone)
    })
  }

  it('leads from any list to any other, whatever their order', () => {
    const lists = fc.uniqueArray(fc.record({ path: fc.constantFrom(...'abcdefgh'), hash: fc.constantFrom('1', '2') }), {
      selector: ({ path }) => path,
    })
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const changes = fileChanges(before, after)
        const kept = new Map<string, string>(before.map(({ path, hash }) => [path, hash]))
        for (const [path, hash] of changes.put) {
          expect(kept.get(path)).not.toBe(hash)
          kept.set(path, hash)
        }
        for (const path of changes.delete) expect(kept.delete(path)).toBe(true)
        expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(after.map(({ path, hash }) => [path, hash])))
      }),
    )
  })
})
