// What explain says of an event is what was done with it: worlds at random, applied by the whole program, and events posted.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DeliverySummary } from '../../src/status/delivery-views.js'
import type { DecisionView, EventReceipt } from '../../src/status/event-views.js'
import type { EventExplanationView } from '../../src/status/explanation-views.js'
import { filesOf, occurrences, world } from '../dispatcher/arbitrary-worlds.js'
import type { EventDeclaration, World } from '../dispatcher/routing-reference.js'
import { Running } from './running.js'

const worlds = 50

const bare = ({ delivery: _, ...decision }: DecisionView) => decision
const byPlace = (a: DecisionView, b: DecisionView) => (keyOf(a) < keyOf(b) ? -1 : 1)
const keyOf = ({ channel, user }: Pick<DecisionView, 'channel' | 'user'>) => `${channel} ${user}`

/** Undefined when what is declared is refused: preferences that happen to claim the same. */
async function start(parts: World): Promise<{ running: Running; end: () => Promise<void> } | undefined> {
  const ends: (() => void | Promise<void>)[] = []
  const flags = { catalogues: [], customers: { enabled: parts.customersEnabled } }
  const running = await Running.start(filesOf(parts), flags, (end) => ends.push(end))
  const end = async () => {
    for (const one of ends.reverse()) await one()
  }
  const { problems, lastAppliedRevision } = await running.status()
  if (lastAppliedRevision !== null) return { running, end }
  await end()
  const errors = problems.filter(({ severity }) => severity === 'error')
  expect(new Set(errors.map(({ rule }) => rule))).toEqual(new Set(['equal-claim']))
  return undefined
}

async function compare(running: Running, declaration: EventDeclaration, number: number): Promise<readonly string[]> {
  const event = { ...declaration, id: `e-${number}`, source: 'test', payload: {} }
  const posted = await running.operate('/api/v1/events', event)
  expect([posted.status, posted.text]).toEqual([202, expect.any(String)])
  const receipt = posted.json as EventReceipt
  const asked = await running.operate('/api/v1/explain/event', { event: { ...event, time: receipt.accepted } })
  const explained = asked.json as EventExplanationView
  expect(explained.decisions.map(bare).sort(byPlace as never)).toEqual(
    receipt.decisions.map(bare).sort(byPlace as never),
  )
  expect([explained.counts, explained.reasons]).toEqual([receipt.deliveries, receipt.reasons])
  const { items } = await running.see<{ items: DeliverySummary[] }>(`/api/v1/deliveries?eventId=e-${number}&limit=500`)
  const recorded = new Map(items.map((item) => [item.id, item]))
  expect(recorded.size).toBe(explained.decisions.length)
  for (const { delivery, channel, user, outcome, reason, because, decidedBy } of receipt.decisions) {
    const found = recorded.get(delivery ?? '')
    expect(found).toMatchObject({ notification: { channel, user, because, decidedBy, eventId: `e-${number}` } })
    if (outcome === 'suppress') expect(found).toMatchObject({ status: 'suppressed', reason, attemptsMade: 0 })
    else expect(found?.status).not.toBe('suppressed')
    if (outcome === 'hold') expect([found?.status, found?.attemptsMade]).toEqual(['pending', 0])
  }
  return receipt.decisions.map(({ outcome, reason }) => `${outcome} ${reason ?? ''}`.trim())
}

it('explain says what is then done and recorded, whatever is declared and posted', { timeout: 120_000 }, async () => {
  const answers = new Set<string>()
  await fc.assert(
    fc.asyncProperty(world, occurrences, async (parts, events) => {
      const started = await start(parts)
      fc.pre(started !== undefined)
      try {
        for (const [number, event] of events.entries()) {
          for (const answer of await compare(started?.running as Running, event, number)) answers.add(answer)
        }
      } finally {
        await started?.end()
      }
    }),
    { numRuns: worlds },
  )
  // Nothing would be compared if nothing were decided.
  expect(answers.size).toBeGreaterThan(3)
})
