import { describe, expect, it } from 'vitest'
import { digestChanges, digestLines } from '../../src/cli/plan-digests.js'
import { declared, documents, loadAll, mattermost } from '../resources/kinds/declared.js'

const now = Date.parse('2026-03-10T12:00:00Z')
const people = [
  declared('Channel', 'mail', { type: 'email' }),
  declared('Channel', 'room', mattermost),
  declared('User', 'ann', { email: 'ann@example.com' }),
  declared('UserBinding', 'ann-mail', { user: 'ann', channel: 'mail' }),
]
const asked = declared('Preference', 'ann', { user: 'ann', digests: { weekly: true } })
const weekly = (more: object = {}) =>
  declared('Digest', 'weekly', { schedule: '0 9 * * 1', timezone: 'Europe/Berlin', events: ['run_*'], ...more })

async function lines(before: readonly string[], after: readonly string[], strip = false): Promise<string[]> {
  const base = (await loadAll({ 'a.yaml': documents(...people, ...before) }, { catalogues: ['aegisrunner'] })).resources
  const head = await loadAll({ 'a.yaml': documents(...people, ...after) }, { catalogues: ['aegisrunner'] })
  expect(head.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  // A controller tells specs, and nothing that runs.
  const told = new Map([...base].map(([id, one]) => [id, strip ? { ...one, spec: one.spec, program: undefined } : one]))
  const options = { catalogues: ['aegisrunner'] as const, customersEnabled: false }
  return digestChanges(told, head.resources, options, now).flatMap(digestLines)
}

describe('what a merge does to digests', () => {
  it.each([false, true])('is said with the next run (base as a controller tells it: %s)', async (strip) => {
    expect(await lines([], [weekly(), asked], strip)).toEqual([
      '+ digest weekly would be sent by 0 9 * * 1 (Europe/Berlin), next 2026-03-16T08:00:00.000Z, about run_*, to ann on mail',
    ])
    expect(await lines([weekly(), asked], [weekly({ schedule: '0 9 * * 5' }), asked], strip)).toEqual([
      '~ digest weekly would be sent by 0 9 * * 5 (Europe/Berlin), next 2026-03-13T08:00:00.000Z; before: 0 9 * * 1 (Europe/Berlin), next 2026-03-16T08:00:00.000Z',
    ])
    expect(await lines([weekly(), asked], [weekly({ events: ['run_failed', 'crawl_*'] }), asked], strip)).toEqual([
      '~ digest weekly would be sent about run_failed, crawl_*; before: run_*',
    ])
    expect(await lines([weekly()], [], strip)).toEqual([
      '- digest weekly would not be sent any more, and what it has gathered is forgotten',
    ])
    expect(await lines([weekly(), asked], [weekly(), asked], strip)).toEqual([])
  })

  it('is said of who gets them', async () => {
    expect(await lines([weekly()], [weekly(), asked])).toEqual(['~ digest weekly would be sent newly to ann on mail'])
    expect(await lines([weekly(), asked], [weekly({ audience: { channels: ['room'] } }), asked])).toEqual([
      '~ digest weekly would be sent newly to room; no longer to ann on mail',
    ])
    expect(await lines([], [weekly({ enabled: false })])).toEqual([
      '+ digest weekly would be sent by 0 9 * * 1 (Europe/Berlin), switched off, about run_*, to nobody: no Preference switches it on',
    ])
  })
})
