import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RevisionHash } from '../../src/source/revision.js'

const digest = fc.constantFrom('0', '1', '2').map((digit) => digit.repeat(64))
const pairs = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 4 }).filter((path) => !path.includes('\0')),
  digest,
)

function revisionOf(files: Readonly<Record<string, string>>): string {
  const revision = new RevisionHash()
  for (const [path, hash] of Object.entries(files)) revision.set(path, hash)
  return revision.value([])
}

it('does not depend on the order or the history of changes', () => {
  fc.assert(
    fc.property(pairs, pairs, (before, after) => {
      const revision = new RevisionHash()
      for (const [path, hash] of Object.entries(before)) revision.set(path, hash)
      revision.value([])
      for (const path of Object.keys(before)) if (!Object.hasOwn(after, path)) revision.delete(path)
      for (const [path, hash] of Object.entries(after).reverse()) revision.set(path, hash)
      expect(revision.value([])).toBe(revisionOf(after))
    }),
  )
})

it('differs when paths or contents do', () => {
  fc.assert(
    fc.property(pairs, pairs, (a, b) => {
      const same = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())
      expect(revisionOf(a) === revisionOf(b)).toBe(same)
    }),
  )
})

it('is the same in every version, so that a restart finds the revision it had applied', () => {
  expect(revisionOf({})).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(revisionOf({ 'a.yaml': '0'.repeat(64), 'b/c.yaml': '1'.repeat(64) })).toMatchInlineSnapshot(
    `"sha256:7d967dc20d6fe60b6be366a8afbc0c97a196eb151dad2c2089cff15f8c92e728"`,
  )
})
