import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  eventsText,
  pacedLines,
  type RecipientChange,
  recipientChanges,
  recipientLines,
} from '../../../src/cli/plan/recipients.js'
import { plan } from '../../../src/reconcile/plan.js'
import type { Resource } from '../../../src/resources/resource.js'
import { Running } from '../../e2e/running.js'
import { expectGolden } from '../../golden.js'
import { declared, documents, loadAll, mattermost, slack } from '../../resources/kinds/declared.js'
import { Repository } from '../repository.js'
import { runCommand } from '../run-command.js'

const options = { catalogues: ['aegisrunner'] as const, customersEnabled: false }
const admin = (name: string) => declared('User', name, { email: `${name}@example.com`, role: 'admin' })
const direct = declared('Channel', 'direct', slack)
const ops = (spec: object = {}) => declared('Channel', 'ops', { ...mattermost, ...spec })
const bound = (user: string) => declared('UserBinding', `${user}-direct`, { user, channel: 'direct' })
const all = ['ai_generated', 'crawl_completed', 'inactive', 'run_completed', 'run_failed', 'scheduled_runs']

async function changed(before: readonly string[], after: readonly string[], strip = (one: Resource) => one) {
  const base = await loadAll({ 'a.yaml': documents(...before) }, { catalogues: ['aegisrunner'] })
  const head = await loadAll({ 'a.yaml': documents(...after) }, { catalogues: ['aegisrunner'] })
  expect([base.problems, head.problems].flat().filter(({ severity }) => severity === 'error')).toEqual([])
  const resources = new Map([...base.resources].map(([id, one]) => [id, strip(one)]))
  return recipientChanges(plan(head.resources, base.resources), resources, head.resources, options)
}

const names = (events: RecipientChange['newly']) => events.map(({ event }) => event)

describe('who would hear of other events', () => {
  it('is everybody who is bound, and nobody who was', async () => {
    const { recipients, notComputed } = await changed(
      [direct, admin('ann'), bound('ann'), admin('ben')],
      [direct, admin('ann'), admin('ben'), bound('ben')],
    )
    expect(
      recipients.map(({ channel, user, newly, noLonger }) => [channel, user, names(newly), names(noLonger)]),
    ).toEqual([
      ['direct', 'ann', [], all],
      ['direct', 'ben', all, []],
    ])
    expect(notComputed).toEqual([])
  })

  it.each<[string, string[], string[], string[]]>([
    [
      'a filter',
      [ops()],
      [ops({ events: { 'run_*': false } })],
      ['- ops (mattermost) would no longer hear of run_completed, run_failed'],
    ],
    [
      'a channel that is off',
      [ops()],
      [ops({ enabled: false })],
      [
        '- ops (mattermost) would no longer hear of ai_generated, crawl_completed, inactive, run_completed, run_failed and 1 more',
      ],
    ],
    [
      'a preference of one person',
      [direct, admin('ann'), bound('ann')],
      [
        direct,
        admin('ann'),
        bound('ann'),
        declared('Preference', 'ann', { user: 'ann', events: { '*': false, run_failed: true } }),
      ],
      [
        '- ann on direct (slack) would no longer hear of ai_generated, crawl_completed, inactive, run_completed, scheduled_runs',
      ],
    ],
    [
      'a flag of a namespace',
      [ops(), declared('Channel', 'shop/alerts', mattermost)],
      [
        ops(),
        declared('Channel', 'shop/alerts', mattermost),
        declared('Preference', 'shop/flags', { events: { ai_generated: false } }),
      ],
      [
        '- ops (mattermost) would no longer hear of ai_generated in shop',
        '- shop/alerts (mattermost) would no longer hear of ai_generated in shop',
      ],
    ],
    [
      'a new type of event',
      [ops()],
      [ops(), declared('EventType', 'order.failed', { description: 'An order failed', severity: 'payload.level' })],
      ['+ ops (mattermost) would newly hear of order.failed'],
    ],
    [
      'what is done against floods, although all hear of the same',
      [ops({ group: {} }), declared('Channel', 'more', mattermost)],
      [
        ops({ group: { wait: '1m' }, storm: { count: 5, per: '1h' } }),
        declared('Channel', 'more', { ...mattermost, group: {} }),
      ],
      [
        '~ more (mattermost) would do this against floods: it joins events by event: first after 30s, then every 5m',
        '~ ops (mattermost) would pace otherwise: it joins events by event: first after 1m, then every 5m; sends each recipient at most 5 messages in 1h; before: it joins events by event: first after 30s, then every 5m',
      ],
    ],
    [
      'an end of what is done against floods',
      [ops({ group: {} })],
      [ops()],
      [
        '~ ops (mattermost) would send each event by itself; before: it joins events by event: first after 30s, then every 5m',
      ],
    ],
    [
      'quiet hours, which pass',
      [ops()],
      [ops(), declared('Preference', 'night', { quietHours: { from: '00:00', to: '23:59' } })],
      [],
    ],
    [
      'a user who is called otherwise',
      [admin('ann')],
      [declared('User', 'ann', { email: 'ann@example.com', role: 'admin', displayName: 'A' })],
      [],
    ],
  ])('by %s', async (_, before, after, lines) => {
    const { recipients } = await changed(before, after)
    expect(recipients.flatMap((one) => [...recipientLines(one), ...pacedLines(one)])).toEqual(lines)
  })

  it('is known of what a controller tells, which is nothing that runs', async () => {
    const before = [ops(), direct, admin('ann'), bound('ann')]
    const after = [ops({ events: { run_completed: false, run_failed: false } }), direct, admin('ann'), bound('ann')]
    // What is the same on both sides comes without a spec.
    const told = await changed(before, after, ({ program: _, spec, ...one }) => ({
      ...one,
      spec: one.name === 'ops' ? spec : undefined,
    }))
    expect(told).toEqual(await changed(before, after))
    expect(told.recipients).toHaveLength(1)
    const unread = await changed(before, after, ({ program: _, spec: __, ...one }) => ({ ...one, spec: undefined }))
    expect(unread).toEqual({ recipients: [], notComputed: ['who would hear of what: Channel ops cannot be read here'] })
  })

  it('names a few events and counts the rest', () => {
    const events = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((event) => ({ event, namespace: '' }))
    expect(eventsText([...events, { event: 'a', namespace: 'shop' }])).toBe('a, b, c, d, e and 2 more')
    expect(
      eventsText([
        { event: 'a', namespace: 'shop' },
        { event: 'a', namespace: 'web' },
      ]),
    ).toBe('a in shop, web')
  })
})

describe('a plan', () => {
  let repository: Repository
  beforeEach(() => {
    repository = new Repository()
  })
  afterEach(() => repository.remove())

  it.each(['text', 'json', 'markdown'])('says as %s who would hear of other events', async (format) => {
    repository.commit({ 'team.yaml': documents(direct, admin('ann'), bound('ann'), admin('ben')) })
    repository.write({ 'team.yaml': documents(direct, admin('ann'), admin('ben'), bound('ben')) })
    const args = ['plan', repository.path, '--base', 'main', '-o', format]
    const { code, stdout } = await runCommand(args)
    expect(code).toBe(0)
    const steady = stdout.replaceAll(repository.path, '.').replace(/main \([0-9a-f]{7}\)/g, 'main (1a2b3c4)')
    expectGolden(`cli/plan-recipients.${format}`, steady)
  })

  it('says the same against a controller', async () => {
    const running = await Running.start({ 'team.yaml': documents(direct, admin('ann'), bound('ann'), admin('ben')) })
    repository.write({ 'team.yaml': documents(direct, admin('ann'), admin('ben'), bound('ben')) })
    const { stdout } = await runCommand(['plan', repository.path, '--against', running.control])
    expect(stdout).toContain('- ann on direct (slack) would no longer hear of ')
    expect(stdout).toContain('+ ben on direct (slack) would newly hear of ')
  })
})
