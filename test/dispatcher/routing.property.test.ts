import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Known, RoutedEvent } from '../../src/dispatcher/routing.js'
import { reconsider, route } from '../../src/dispatcher/routing.js'
import { buildTables } from '../../src/dispatcher/tables.js'
import { writeReference } from '../../src/resources/kinds/reference.js'
import { loadAll } from '../resources/kinds/declared.js'
import { filesOf, now, occurrences, world } from './arbitrary-worlds.js'
import { type EventDeclaration, type ReferenceDecision, routeByTheBook, type World } from './routing-reference.js'

const byPlace = (a: ReferenceDecision, b: ReferenceDecision) =>
  `${a.channel} ${a.user} ${a.reason}` < `${b.channel} ${b.user} ${b.reason}` ? -1 : 1

/** Routes the events and holds the answers against the book. Gives `send`, `suppress scope`, … as they come up. */
async function compare(parts: World, events: readonly EventDeclaration[], time: number): Promise<readonly string[]> {
  const { resources, problems } = await loadAll(filesOf(parts), { catalogues: [] })
  const errors = problems.filter((one) => one.severity === 'error')
  // Preferences that happen to claim the same are for another test.
  expect(errors.filter(({ rule }) => rule !== 'equal-claim')).toEqual([])
  fc.pre(errors.length === 0)
  const tables = buildTables(resources, { catalogues: [], customersEnabled: parts.customersEnabled })
  const known: Known = {
    recipientOf: (channel, user) =>
      parts.learned.includes(`${writeReference(channel)} ${user.name}`) ? { chatId: '1' } : undefined,
  }
  const answers: string[] = []
  for (const declaration of events) {
    const routed: RoutedEvent = { id: 'e', time: '2026-01-01T00:00:00Z', source: 's', payload: {}, ...declaration }
    const decisions = route(routed, tables, time, known)
    const found = decisions.map((one) => ({
      channel: writeReference(one.channel),
      user: one.user?.name,
      outcome: one.outcome,
      reason: one.reason,
      until: one.until,
    }))
    for (const { outcome, reason } of found) answers.push(`${outcome} ${reason ?? ''}`.trim())
    expect(found.sort(byPlace)).toEqual(routeByTheBook(parts, declaration, time).sort(byPlace))
    for (const one of decisions) {
      expect(one.because).not.toBe('')
      const { user, ...asked } = one
      expect(reconsider(routed, { ...asked, ...(user && { user: user.name }) }, tables, time, known)).toEqual(one)
    }
  }
  return answers
}

it('routing is what the rules of precedence say, whatever is declared', async () => {
  await fc.assert(
    fc.asyncProperty(world, occurrences, now, async (parts, events, time) => {
      await compare(parts, events, time)
    }),
    { numRuns: 200 },
  )
})

it('the worlds that routing is tried in give every answer', async () => {
  const found = new Set<string>()
  // Always the same worlds: a rare answer must not be missed by chance.
  const samples = fc.sample(fc.tuple(world, occurrences, now), { numRuns: 600, seed: 9 })
  for (const [parts, events, time] of samples) {
    try {
      for (const answer of await compare(parts, events, time)) found.add(answer)
    } catch (error) {
      if (!fc.PreconditionFailure.isFailure(error)) throw error
    }
  }
  expect([...found].sort()).toEqual([
    'hold quiet_hours',
    'send',
    'suppress binding_disabled',
    'suppress binding_pending',
    'suppress channel_disabled',
    'suppress channel_filter',
    'suppress event_default',
    'suppress global_flag',
    'suppress min_severity',
    'suppress no_binding',
    'suppress preference',
    'suppress quiet_hours',
    'suppress scope',
    'suppress silence',
  ])
})
