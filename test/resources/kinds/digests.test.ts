import { describe, expect, it } from 'vitest'
import type { DigestProgram } from '../../../src/resources/kinds/digest-program.js'
import type { EventTypeProgram, PreferenceProgram } from '../../../src/resources/kinds/notification-program.js'
import { declared, documents, loadAll, mattermost } from './declared.js'

const around = [
  declared('User', 'ann', { email: 'ann@example.com' }),
  declared('Channel', 'mail', { type: 'email' }),
  declared('Channel', 'shop/room', mattermost),
  declared('Template', 'short', { event: 'callboard.digest', named: true, title: 'x' }),
  declared('Template', 'other', { event: 'run_failed', title: 'x' }),
]

async function load(...texts: string[]) {
  const files = { 'a.yaml': documents(...around), 'b.yaml': documents(...texts) }
  const { resources, problems } = await loadAll(files, { catalogues: ['aegisrunner', 'callboard'] })
  const found = problems.filter(({ file }) => file === 'b.yaml')
  return {
    resources,
    problems: found.map(
      ({ severity, pointer, rule, message, hint = '' }) => `${severity} ${pointer} ${rule}: ${message} (${hint})`,
    ),
  }
}

const digest = (more: object = {}, name = 'weekly') =>
  declared('Digest', name, { schedule: '0 9 * * 1', events: ['run_*'], ...more })

describe('a Digest', () => {
  it('is compiled with what it does not say', async () => {
    const { resources, problems } = await load(digest())
    expect(problems).toEqual([])
    expect(resources.get('Digest/-/weekly')?.program).toEqual({
      displayName: 'weekly',
      schedule: '0 9 * * 1',
      timezone: 'UTC',
      events: ['run_*'],
      users: [],
      roles: [],
      namespaces: [],
      channels: [],
      template: undefined,
      groupBy: [],
      link: undefined,
      emptyToo: false,
      enabled: true,
    } satisfies DigestProgram)
  })

  it('may name people, roles, namespaces and channels, in its namespace and globally', async () => {
    const audience = { users: ['ann'], roles: ['admin'], namespaces: ['shop'], channels: ['room', 'mail'] }
    const more = { audience, template: 'short', groupBy: ['payload.run.suite_name', 'labels.team', 'service'] }
    expect((await load(digest(more, 'shop/weekly'))).problems).toEqual([])
  })

  it.each<[string, object, RegExp]>([
    [
      'a schedule that is none',
      { schedule: '0 9 * *' },
      /^error \/spec\/schedule bad-schedule: .*4 of the five fields/,
    ],
    ['seconds', { schedule: '0 0 9 * * 1' }, /\/spec\/schedule .*seconds cannot be said.*Mondays at nine/],
    ['a day that never comes', { schedule: '0 9 30 2 *' }, /\/spec\/schedule .*never comes/],
    [
      'a zone that is none',
      { timezone: 'Europe/Berlln' },
      /\/spec\/timezone unknown-timezone: .*did you mean "Europe\/Berlin"/,
    ],
    [
      'an event that there is not',
      { events: ['run_faild'] },
      /\/spec\/events\/0 unknown-event: .*did you mean "run_failed"/,
    ],
    ['a pattern for nothing', { events: ['deploy.*'] }, /^warning \/spec\/events\/0 idle-pattern/],
    ['itself', { events: ['callboard.digest'] }, /\/spec\/events\/0 digest-of-digests/],
    ['nobody', { audience: { users: ['anne'] } }, /\/spec\/audience\/users\/0 unknown-reference: .*did you mean "ann"/],
    ['no channel', { audience: { channels: ['room'] } }, /\/spec\/audience\/channels\/0 unknown-reference/],
    ['a role that is none', { audience: { roles: ['owner'] } }, /\/spec\/audience\/roles\/0/],
    ['a template of something else', { template: 'other' }, /\/spec\/template template-of-another-event: .*run_failed/],
    ['no template', { template: 'shrt' }, /\/spec\/template unknown-reference: .*did you mean "short"/],
    ['a field that is none', { groupBy: ['suite'] }, /\/spec\/groupBy\/0 unknown-field: .*write payload\.suite/],
    ['several values', { groupBy: ['payload.runs[*].name'] }, /\/spec\/groupBy\/0 bad-path: .*several values/],
    ['no link', { link: 'example.com' }, /\/spec\/link bad-link/],
    ['a field too much', { zone: 'UTC' }, /unknown-field/],
  ])('%s is refused', async (_, more, expected) => {
    const { problems } = await load(digest(more))
    expect(problems).toEqual([expect.stringMatching(expected)])
  })

  it('is switched on by name or pattern, and what there is not is said', async () => {
    const preference = (name: string, digests: object) => declared('Preference', name, { user: 'ann', digests })
    const { resources, problems } = await load(digest(), preference('one', { weekly: true, 'week*': false }))
    expect(problems).toEqual([])
    expect((resources.get('Preference/-/one')?.program as PreferenceProgram | undefined)?.digests).toEqual([
      { pattern: 'weekly', value: true },
      { pattern: 'week*', value: false },
    ])
    expect((await load(digest(), preference('one', { weakly: true, 'm*': true }))).problems).toEqual([
      expect.stringMatching(/^error \/spec\/digests\/weakly unknown-digest: .*did you mean "weekly"/),
      expect.stringMatching(/^warning \/spec\/digests\/m\* idle-pattern: .*declared: weekly/),
    ])
    const twice = await load(digest(), preference('one', { weekly: true }), preference('two', { weekly: false }))
    expect(twice.problems).toEqual([expect.stringMatching(/^error \/spec\/digests\/weekly equal-claim/)])
  })

  it('has words of its own beside those of others, and only a digest has', async () => {
    const named = (name: string, event = 'callboard.digest') =>
      declared('Template', name, { event, named: true, body: '{{ digest.counts.events }}' })
    expect((await load(named('a'), named('b'))).problems).toEqual([])
    const { problems } = await load(declared('Template', 'c', { event: 'run_completed', named: true, title: 'x' }))
    expect(problems).toEqual([expect.stringMatching(/^error \/spec\/named never-named/)])
    const missing = await load(declared('Template', 'd', { event: 'callboard.digest', body: '{{ digest.count }}' }))
    expect(missing.problems).toEqual([
      expect.stringMatching(/digest\.count is not in the sample.*did you mean "counts"/),
    ])
  })
})

describe('an EventType that waits for silence', () => {
  const type = (inactivity: object, more: object = {}) => declared('EventType', 'silent', { inactivity, ...more })

  it('is compiled, the shortest silence first, with a sample for its texts', async () => {
    const { resources, problems } = await load(
      type(
        { subject: 'customer', after: ['30d', '12h', '2w'] },
        { title: '{{ payload.subject }} {{ payload.last.link }}' },
      ),
    )
    expect(problems).toEqual([])
    const hour = 3600_000
    expect((resources.get('EventType/-/silent')?.program as EventTypeProgram | undefined)?.inactivity).toEqual({
      subject: 'customer',
      afterMs: [12 * hour, 14 * 24 * hour, 30 * 24 * hour],
      events: [],
    })
  })

  it.each<[string, object, RegExp]>([
    [
      'a subject that is none',
      { subject: 'custommer', after: ['7d'] },
      /\/spec\/inactivity\/subject unknown-field: .*did you mean "customer"/,
    ],
    ['a length that is none', { subject: 'customer', after: ['week'] }, /\/spec\/inactivity\/after\/0/],
    ['the same twice', { subject: 'customer', after: ['7d', '1w'] }, /\/spec\/inactivity\/after\/1 said-twice/],
    ['too long', { subject: 'customer', after: ['9999w'] }, /\/spec\/inactivity\/after\/0 too-long/],
    [
      'no event',
      { subject: 'customer', after: ['7d'], events: ['run_faild'] },
      /\/spec\/inactivity\/events\/0 unknown-event/,
    ],
  ])('%s is refused', async (_, inactivity, expected) => {
    expect((await load(type(inactivity))).problems).toEqual([expect.stringMatching(expected)])
  })
})
