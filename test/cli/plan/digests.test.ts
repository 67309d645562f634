import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestChanges, digestLines } from '../../../src/cli/plan/digests.js'
import { declared, documents, loadAll, mattermost } from '../../resources/kinds/declared.js'
import { Repository } from '../repository.js'
import { runCommand } from '../run-command.js'

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

describe('how digests read', () => {
  let repository: Repository
  beforeEach(() => {
    repository = new Repository()
  })
  afterEach(() => repository.remove())
  const words = (title: string, more: object = {}) =>
    declared('Template', 'short', { event: 'callboard.digest', named: true, title, body: '-', ...more })
  const read = async (before: readonly string[], after: readonly string[]) => {
    repository.commit({ 'a.yaml': documents(...people, ...before) })
    repository.write({ 'a.yaml': documents(...people, ...after) })
    const { stdout } = await runCommand(['plan', repository.path, '--base', 'main', '-o', 'json'])
    const { messages } = JSON.parse(stdout) as {
      messages: { event: string; digest: string; before: { title: string } | null; after: { title: string } }[]
    }
    return messages.map(({ event, digest, before, after }) => [event, digest, before?.title, after.title])
  }
  const own = weekly({ template: 'short', events: ['*'] })
  const plain = weekly({ events: ['*'] })

  it('by a template of their own is told where that changes, or another is used', async () => {
    const event = 'callboard.digest'
    expect(await read([own, words('Week')], [own, words('Woche')])).toEqual([[event, 'weekly', 'Week', 'Woche']])
    const [[, , before, after] = []] = await read([plain, words('Week')], [own, words('Week')])
    // As they are sent without one.
    expect([before, after]).toEqual(['Weekly summary: 16 events, 3 failures', 'Week'])
    expect(await read([], [own, words('Week')])).toEqual([[event, 'weekly', undefined, 'Week']])
    expect(await read([own, words('Week')], [words('Week')])).toEqual([])
  })

  it('is told of by the name of the digest, where one language or type of channel reads otherwise', async () => {
    repository.commit({ 'a.yaml': documents(...people, own, words('Week', { lang: 'de' })) })
    repository.write({ 'a.yaml': documents(...people, own, words('Woche', { lang: 'de' })) })
    const { stdout } = await runCommand(['plan', repository.path, '--base', 'main'])
    expect(stdout).toContain('digest weekly in de would read:\n')
    expect(stdout).toContain('    -title: Week\n    +title: Woche\n')
  })
})

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
