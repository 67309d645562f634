import { describe, expect, it } from 'vitest'
import { budgetExcesses, describeExcess } from '../../src/reconcile/deletion-budget.js'
import { plan } from '../../src/reconcile/plan.js'
import { matchesRevision } from '../../src/reconcile/revision-reference.js'
import { type Declared, names, setOf } from './resources.js'

/** `count` mocks of a namespace, each with a spec of its own. */
function mocks(namespace: string, count: number): Declared[] {
  return names(count).map((name) => ({ namespace, name, spec: { namespace, name } }))
}

describe('the deletion budget', () => {
  const cases: { name: string; applied: Declared[]; desired: Declared[]; share?: number; want: string[] }[] = [
    { name: 'does not hold below ten resources', applied: mocks('a', 9), desired: [], want: [] },
    { name: 'lets exactly half of ten go', applied: mocks('a', 10), desired: mocks('a', 5), want: [] },
    {
      name: 'holds one more than half, and says so once where there is one namespace',
      applied: mocks('a', 10),
      desired: mocks('a', 4),
      want: ['6 of 10 resources would be pruned, at most 5 may be'],
    },
    { name: 'lets half of eleven, rounded down, go', applied: mocks('a', 11), desired: mocks('a', 6), want: [] },
    {
      name: 'holds six of eleven',
      applied: mocks('a', 11),
      desired: mocks('a', 5),
      want: ['6 of 11 resources would be pruned, at most 5 may be'],
    },
    {
      name: 'holds for one namespace what it would let go over all',
      applied: [...mocks('a', 10), ...mocks('b', 30)],
      desired: [...mocks('a', 2), ...mocks('b', 30)],
      want: ['8 of 10 resources in namespace a would be pruned, at most 5 may be'],
    },
    {
      name: 'lets a namespace of fewer than ten go',
      applied: [...mocks('a', 9), ...mocks('b', 30)],
      desired: mocks('b', 30),
      want: [],
    },
    {
      name: 'names the whole and each namespace that is beyond its budget',
      applied: [...mocks('a', 10), ...mocks('b', 10)],
      desired: mocks('b', 9),
      want: [
        '11 of 20 resources would be pruned, at most 10 may be',
        '10 of 10 resources in namespace a would be pruned, at most 5 may be',
      ],
    },
    {
      name: 'names global resources as such',
      applied: [...mocks('', 10), ...mocks('b', 10)],
      desired: mocks('b', 10),
      want: ['10 of 10 resources among the global resources would be pruned, at most 5 may be'],
    },
    {
      name: 'counts no move, not even of a whole namespace',
      applied: mocks('a', 20),
      desired: mocks('a', 20).map((declared) => ({ ...declared, namespace: 'b' })),
      want: [],
    },
    {
      name: 'counts no update',
      applied: mocks('a', 20),
      desired: mocks('a', 20).map(({ name, namespace }) => ({ name, namespace: namespace ?? '', spec: 'new' })),
      want: [],
    },
    { name: 'never holds with a share of 1', applied: mocks('a', 20), desired: [], share: 1, want: [] },
    {
      name: 'holds every prune with a share of 0',
      applied: mocks('a', 20),
      desired: mocks('a', 19),
      share: 0,
      want: ['1 of 20 resources would be pruned, at most 0 may be'],
    },
    {
      name: 'lets 29 of 100 go with a share of 0.29',
      applied: mocks('a', 100),
      desired: mocks('a', 71),
      share: 0.29,
      want: [],
    },
  ]
  for (const { name, applied, desired, share = 0.5, want } of cases) {
    it(name, () => {
      const before = setOf(applied)
      expect(budgetExcesses(plan(setOf(desired), before), before, share).map(describeExcess)).toEqual(want)
    })
  }
})

describe('a permission to prune', () => {
  const revision = 'sha256:3f2a91c07bd1e55a'
  const cases: [given: string, allows: boolean][] = [
    [revision, true],
    ['3f2a91c', true],
    ['sha256:3f2a91c', true],
    ['3f2a91', false],
    ['sha256:', false],
    ['sha256:3f2a91', false],
    ['sha256', false],
    ['', false],
    ['3f2a91d', false],
    ['2a91c07bd1', false],
    [`${revision}0`, false],
  ]
  for (const [given, allows] of cases) {
    it(`${allows ? 'holds' : 'does not hold'} for ${revision} when "${given}" is given`, () => {
      expect(matchesRevision(revision, given)).toBe(allows)
    })
  }

  it('holds for a Git revision by its commit', () => {
    expect(matchesRevision('main@sha1:8d1c3f0a55', '8d1c3f0')).toBe(true)
    expect(matchesRevision('main@sha1:8d1c3f0a55', 'main@sha1:8d1c3f0')).toBe(true)
    expect(matchesRevision('main@sha1:8d1c3f0a55', 'main@sha1:')).toBe(false)
  })
})
