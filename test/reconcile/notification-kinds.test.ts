import { expect, it } from 'vitest'
import { budgetExcesses } from '../../src/reconcile/deletion-budget.js'
import { plan } from '../../src/reconcile/plan.js'
import { declared, loadAll, mattermost } from '../resources/kinds/declared.js'

async function applied(...texts: readonly string[]) {
  return (await loadAll(Object.fromEntries(texts.map((text, index) => [`${index}.yaml`, text])))).resources
}

const channels = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    declared('Channel', `c${index}`, { ...mattermost, displayName: `${index}` }),
  )

it('a channel that moves into a namespace is a move, and needs no budget', async () => {
  const before = await applied(declared('Channel', 'ops', mattermost))
  const changes = plan(await applied(declared('Channel', 'shop/ops', mattermost)), before)
  expect(changes).toMatchObject({ create: [], prune: [], update: [] })
  expect(changes.move.map(({ from, to }) => [from.id, to.id])).toEqual([['Channel/-/ops', 'Channel/shop/ops']])
})

it('channels count for the budget of deletions like everything else', async () => {
  const before = await applied(...channels(12))
  const changes = plan(await applied(...channels(5)), before)
  expect(changes.prune).toHaveLength(7)
  expect(budgetExcesses(changes, before, 0.5)).toMatchObject([{ pruned: 7, applied: 12, allowed: 6 }])
})

it('what a preference says is what is compared, not where it stands', async () => {
  const before = await applied(declared('Preference', 'p', { events: { run_failed: false } }))
  const same = await applied(`# moved\n${declared('Preference', 'p', { events: { run_failed: false } })}`)
  const other = await applied(declared('Preference', 'p', { events: { run_failed: true } }))
  expect(plan(same, before)).toMatchObject({ update: [], unchanged: 1 })
  expect(plan(other, before).update.map(({ after }) => after.id)).toEqual(['Preference/-/p'])
})
