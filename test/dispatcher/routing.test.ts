import { describe, expect, it } from 'vitest'
import type { RoutedEvent } from '../../src/dispatcher/routing.js'
import { route } from '../../src/dispatcher/routing.js'
import { catalogues } from '../../src/resources/catalogues/index.js'
import { declared, mattermost, slack, telegram } from '../resources/kinds/declared.js'
import { noon, occurrence, routed, short, tablesOf } from './routing-world.js'

const channel = (name: string, more: object = {}) => declared('Channel', name, { ...mattermost, ...more })
const slackChannel = (name: string, more: object = {}) => declared('Channel', name, { ...slack, ...more })
const user = (name: string, more: object = {}) => declared('User', name, { email: `${name}@example.com`, ...more })
const preference = (name: string, spec: object) => declared('Preference', name, spec)
const bind = (who: string, where = 'ops', more: object = {}) =>
  declared('UserBinding', `${who}-${where}`.replace('/', '-'), { user: who, channel: where, ...more })
const silence = (name: string, match: object, more: object = {}) =>
  declared('Silence', name, { match, until: '2026-03-10T18:00:00Z', ...more })

const failed = { type: 'deploy.failure' } as const

async function answers(...input: Parameters<typeof routed>): Promise<string[]> {
  return short(await routed(...input))
}

/** Ann, bound to the channel `ops` of Slack. */
const team = [slackChannel('ops'), user('ann'), bind('ann')]

describe('where nobody says anything', () => {
  const table: Record<string, boolean> = {
    'agent.task.completed': true,
    'agent.task.failed': true,
    'test.run.completed': true,
    'test.run.failed': true,
    'perf.test.completed': true,
    'perf.test.threshold_breach': true,
    'fuzzing.finding.new': true,
    'contract.drift.detected': true,
    'system.incident.triggered': true,
    'deploy.success': true,
    'deploy.failure': true,
    'service.health.down': true,
    'service.health.recovered': true,
    'service.stopped': false,
    'service.started': false,
    'backup.success': false,
    'backup.failure': true,
    'quota.warning': true,
    'quota.exceeded': true,
    'ssl.expiring': true,
    run_completed: true,
    run_failed: true,
    crawl_completed: true,
    ai_generated: true,
    scheduled_runs: true,
  }

  it('the events of the source documents are all there', () => {
    const documented = [...catalogues.mockarty, ...catalogues['ai-admin-panel'], ...catalogues.aegisrunner]
    expect(documented.map(({ id }) => id).sort()).toEqual([...Object.keys(table), 'inactive'].sort())
  })

  it.each(Object.entries(table))('%s is sent: %s', async (type, isOn) => {
    const expected = isOn ? 'ops: send' : 'ops: suppress event_default'
    expect(await answers([channel('ops')], { type })).toEqual([expected])
  })

  it('operations of administrators are told to nobody, and an applied revision neither', async () => {
    for (const type of ['user.create', 'license.delete', 'callboard.sync.succeeded']) {
      expect(await answers([channel('ops')], { type })).toEqual(['ops: suppress event_default'])
    }
    expect(await answers([channel('ops')], { type: 'callboard.sync.failed' })).toEqual(['ops: send'])
  })

  it('an event of no known type goes nowhere', async () => {
    expect(await answers([channel('ops')], { type: 'deploy.failed' })).toEqual([])
    expect(await answers([channel('ops')], failed, { catalogues: ['mockarty'] })).toEqual([])
  })
})

describe('the examples of the source documents', () => {
  it('Slack hears of deployments and health, e-mail of failures and quotas, a webhook of everything', async () => {
    const texts = [
      channel('email', { events: { '*': false, '*.failure': true, 'quota.*': true } }),
      channel('slack', { events: { '*': false, 'deploy.*': true, 'service.health.*': true } }),
      channel('webhook', { events: { '*': true } }),
    ]
    const hears = async (type: string) =>
      (await answers(texts, { type })).flatMap((answer) => (answer.endsWith('send') ? [answer.split(':')[0]] : []))
    expect(await hears('deploy.success')).toEqual(['slack', 'webhook'])
    expect(await hears('deploy.failure')).toEqual(['email', 'slack', 'webhook'])
    expect(await hears('backup.failure')).toEqual(['email', 'webhook'])
    expect(await hears('service.health.down')).toEqual(['slack', 'webhook'])
    expect(await hears('quota.warning')).toEqual(['email', 'webhook'])
    expect(await hears('service.started')).toEqual(['webhook'])
  })

  it('flags for all, and what a type of channel overrides; a missing key inherits', async () => {
    const flags = preference('flags', {
      events: {
        notify_crawl_completed: false,
        slack: { run_completed: false, run_failed: true },
        mattermost: { crawl_completed: true },
      },
    })
    const texts = [
      channel('dashboard'),
      slackChannel('engineers', { config: { ...slack.config, channel: '#e' } }),
      flags,
    ]
    const about = (type: string) => answers(texts, { type })
    expect(await about('run_completed')).toEqual(['dashboard: send', 'engineers: suppress global_flag'])
    expect(await about('run_failed')).toEqual(['dashboard: send', 'engineers: send'])
    expect(await about('crawl_completed')).toEqual(['dashboard: send', 'engineers: suppress global_flag'])
    expect(await about('ai_generated')).toEqual(['dashboard: send', 'engineers: send'])
  })
})

describe('of those who say something', () => {
  const levels: readonly [name: string, text: (wanted: boolean) => string, reason: string][] = [
    [
      'a person for a channel',
      (wanted) => preference('p1', { user: 'ann', channel: 'ops', events: { 'deploy.failure': wanted } }),
      'preference',
    ],
    ['the channel', (wanted) => slackChannel('ops', { events: { 'deploy.failure': wanted } }), 'channel_filter'],
    ['a person', (wanted) => preference('p2', { user: 'ann', events: { 'deploy.failure': wanted } }), 'preference'],
    ['the namespace', (wanted) => preference('shop/p3', { events: { 'deploy.failure': wanted } }), 'global_flag'],
    ['everybody', (wanted) => preference('p4', { events: { 'deploy.failure': wanted } }), 'global_flag'],
    [
      'the event type',
      (wanted) => declared('EventType', 'own', { id: 'deploy.failure', default: wanted }),
      'event_default',
    ],
  ]

  it.each(levels.map(([name], index) => [name, index] as const))('%s wins over all that follow', async (_, index) => {
    for (const wanted of [true, false]) {
      const texts = levels.slice(index).map(([, text], below) => text(below === 0 ? wanted : !wanted))
      const base = [user('ann', { namespaces: ['shop'] }), bind('ann'), ...(index > 1 ? [slackChannel('ops')] : [])]
      const [answer] = await answers([...base, ...texts], { ...failed, namespace: 'shop' })
      expect(answer).toBe(wanted ? 'ops ann: send' : `ops ann: suppress ${levels[index]?.[2]}`)
    }
  })

  it('what holds in the namespace of the event wins over the same person’s other wishes', async () => {
    const texts = [
      slackChannel('ops'),
      user('ann', { role: 'admin' }),
      bind('ann'),
      preference('everywhere', { user: 'ann', events: { 'deploy.failure': false } }),
      preference('shop/here', { user: 'ann', events: { 'deploy.*': true } }),
    ]
    expect(await answers(texts, { ...failed, namespace: 'shop' })).toEqual(['ops ann: send'])
    expect(await answers(texts, { ...failed, namespace: 'bank' })).toEqual(['ops ann: suppress preference'])
    expect(await answers(texts, failed)).toEqual(['ops ann: suppress preference'])
  })

  it.each([
    [{ '*': false, 'deploy.*': true, 'deploy.failure': false }, 'suppress channel_filter'],
    [{ '*': false, 'deploy.*': true }, 'send'],
    [{ '*': true, 'deploy.*': false }, 'suppress channel_filter'],
    [{ '*failure': false, '*ure': true }, 'suppress channel_filter'],
  ])('within %j the id wins, then the longer pattern', async (events, expected) => {
    expect(await answers([channel('ops', { events })], failed)).toEqual([`ops: ${expected}`])
  })

  it('several preferences of the same right are as one', async () => {
    const texts = [
      channel('ops'),
      preference('a', { events: { 'deploy.*': false } }),
      preference('b', { events: { '*': true, 'deploy.failure': true } }),
    ]
    expect(await answers(texts, failed)).toEqual(['ops: send'])
    expect(await answers(texts, { type: 'deploy.success' })).toEqual(['ops: suppress global_flag'])
    expect(await answers(texts, { type: 'service.started' })).toEqual(['ops: send'])
  })
})

describe('namespaces', () => {
  const texts = [channel('all'), channel('shop/own'), channel('bank/own')]

  it.each([
    ['shop', ['all: send', 'shop/own: send']],
    ['bank', ['all: send', 'bank/own: send']],
    ['other', ['all: send']],
    [undefined, ['all: send']],
  ])('an event of %s is heard by its own channels and the global ones', async (namespace, expected) => {
    expect(await answers(texts, { ...failed, ...(namespace && { namespace }) })).toEqual(expected)
  })

  it('an event type of a namespace is known there, and wins there', async () => {
    const own = declared('EventType', 'shop/own', { id: 'deploy.failure', default: false })
    const more = declared('EventType', 'shop/order.placed', {})
    expect(await answers([channel('ops'), own, more], { ...failed, namespace: 'shop' })).toEqual([
      'ops: suppress event_default',
    ])
    expect(await answers([channel('ops'), own, more], failed)).toEqual(['ops: send'])
    expect(await answers([channel('ops'), own, more], { type: 'order.placed', namespace: 'shop' })).toEqual([
      'ops: send',
    ])
    expect(await answers([channel('ops'), own, more], { type: 'order.placed' })).toEqual([])
  })
})

describe('a channel that is one recipient', () => {
  it('gets one message, whoever is bound and whatever they want', async () => {
    const texts = [
      channel('ops'),
      user('ann'),
      user('bob'),
      bind('ann'),
      bind('bob', 'ops', { enabled: false }),
      preference('p', { user: 'ann', channel: 'ops', events: { '*': false }, minSeverity: 'critical' }),
      preference('q', { user: 'ann', quietHours: { from: '00:00', to: '24:00', days: ['tue'] } }),
    ]
    expect(await answers(texts, failed)).toEqual(['ops: send'])
  })

  it('is held to what holds for everybody', async () => {
    const all = preference('all', { minSeverity: 'critical' })
    expect(await answers([channel('ops'), all], failed)).toEqual(['ops: suppress min_severity'])
    const quiet = preference('all', { quietHours: { from: '11:00', to: '13:00' } })
    expect(await answers([channel('ops'), quiet], failed)).toEqual(['ops: hold quiet_hours'])
  })

  it('is what events with a place of their own make of a channel to people', async () => {
    const texts = [
      slackChannel('ops', { events: { 'deploy.*': { channel: '#deployments' } } }),
      user('ann'),
      user('bob'),
      bind('ann'),
      bind('bob'),
    ]
    const [decision, ...more] = await routed(texts, failed)
    expect(more).toEqual([])
    expect(decision).toMatchObject({ outcome: 'send', override: { channel: '#deployments' }, recipient: {} })
    expect(decision).not.toHaveProperty('user')
    expect(await answers(texts, { type: 'quota.warning' })).toEqual(['ops ann: send', 'ops bob: send'])
  })
})

describe('bindings', () => {
  it('without an address mean the user’s e-mail address, where that will do', async () => {
    const texts = [...team, user('bob'), bind('bob', 'ops', { recipient: { userId: 'U1' } })]
    expect((await routed(texts, failed)).map(({ recipient }) => recipient)).toEqual([
      { email: 'ann@example.com' },
      { userId: 'U1' },
    ])
  })

  it('wait for an address that has to be learned', async () => {
    const texts = [declared('Channel', 'ops', telegram), user('ann'), user('bob'), bind('ann'), bind('bob')]
    const known = {
      recipientOf: (_: unknown, { name }: { name: string }) => (name === 'bob' ? { chatId: '7' } : undefined),
    }
    const decisions = await routed(texts, failed, { known })
    expect(short(decisions)).toEqual(['ops ann: suppress binding_pending', 'ops bob: send'])
    expect(decisions[1]?.recipient).toEqual({ chatId: '7' })
  })

  it('may be switched off, and so may the channel', async () => {
    const off = bind('ann', 'ops', { enabled: false })
    expect(await answers([slackChannel('ops'), user('ann'), off], failed)).toEqual([
      'ops ann: suppress binding_disabled',
    ])
    expect(await answers([slackChannel('ops', { enabled: false }), user('ann'), bind('ann')], failed)).toEqual([
      'ops: suppress channel_disabled',
    ])
  })

  it('are missed by name where somebody said what they want to hear', async () => {
    const wish = preference('p', { user: 'bob', channel: 'ops', minSeverity: 'info' })
    expect(await answers([...team, user('bob'), wish], failed)).toEqual([
      'ops ann: send',
      'ops bob: suppress no_binding',
    ])
    expect(await answers([slackChannel('ops'), user('ann')], failed)).toEqual(['ops: suppress no_binding'])
  })

  it('one person at two addresses is told twice', async () => {
    const second = declared('UserBinding', 'second', { user: 'ann', channel: 'ops', recipient: { userId: 'U1' } })
    expect(await answers([...team, second], failed)).toEqual(['ops ann: send', 'ops ann: send'])
  })

  it('a suspended channel is told: its deliveries wait', async () => {
    expect(await answers([channel('ops', { suspend: true })], failed)).toEqual(['ops: send'])
  })
})

describe('whose business it is', () => {
  const shop = { ...failed, namespace: 'shop', service: 'api', customer: 'acme' }
  it.each<[string, object, Partial<RoutedEvent>, object, string]>([
    ['an admin hears of everything', { role: 'admin' }, shop, {}, 'send'],
    ['a member hears of all services of their namespaces', { namespaces: ['shop'] }, shop, {}, 'send'],
    [
      'a member does not hear of other namespaces',
      { namespaces: ['bank'], services: ['api'] },
      shop,
      {},
      'suppress scope',
    ],
    ['a member hears of what belongs to no namespace', {}, { service: 'api' }, {}, 'send'],
    [
      'a customer hears nothing unless that is switched on',
      { role: 'customer', services: ['api'] },
      shop,
      {},
      'suppress scope',
    ],
    [
      'a customer hears of the services named for them',
      { role: 'customer', services: ['api'] },
      shop,
      { customersEnabled: true },
      'send',
    ],
    [
      'a customer hears of no other service',
      { role: 'customer', services: ['web'] },
      shop,
      { customersEnabled: true },
      'suppress scope',
    ],
    [
      'a customer hears of nothing that names no service',
      { role: 'customer', services: ['api'] },
      { namespace: 'shop' },
      { customersEnabled: true },
      'suppress scope',
    ],
    [
      'a customer of one namespace does not hear of a like-named service of another',
      { role: 'customer', services: ['api'], namespaces: ['bank'] },
      shop,
      { customersEnabled: true },
      'suppress scope',
    ],
  ])('%s', async (_, role, event, options, expected) => {
    const texts = [slackChannel('ops'), user('ann', role), bind('ann')]
    expect(await answers(texts, { ...failed, ...event }, options)).toEqual([`ops ann: ${expected}`])
  })

  it.each<[string, object, Partial<RoutedEvent>, string]>([
    ['a service that is listed', { services: ['api'] }, { service: 'api' }, 'send'],
    ['a service that is not', { services: ['api'] }, { service: 'web' }, 'suppress scope'],
    ['no service', { services: ['api'] }, {}, 'send'],
    ['a customer that is not listed', { customers: ['acme'] }, { customer: 'other' }, 'suppress scope'],
    [
      'a listed customer, but another service',
      { customers: ['acme'], services: ['api'] },
      { customer: 'acme', service: 'web' },
      'suppress scope',
    ],
  ])('a scope that the person set, and %s', async (_, scope, event, expected) => {
    const texts = [
      slackChannel('ops'),
      user('ann', { role: 'admin' }),
      bind('ann'),
      preference('p', { user: 'ann', scope }),
    ]
    expect(await answers(texts, { ...failed, ...event })).toEqual([`ops ann: ${expected}`])
  })

  it('the nearest scope holds alone', async () => {
    const texts = [
      ...team,
      preference('all', { scope: { services: ['web'] } }),
      preference('p', { user: 'ann', scope: { services: ['api'] } }),
    ]
    expect(await answers(texts, { ...failed, service: 'api' })).toEqual(['ops ann: send'])
  })
})

describe('severity', () => {
  it.each([
    ['info', 'suppress min_severity'],
    ['warning', 'send'],
    ['critical', 'send'],
  ] as const)('%s, where warning is the least', async (severity, expected) => {
    const least = preference('p', { user: 'ann', minSeverity: 'warning' })
    expect(await answers([...team, least], { ...failed, severity })).toEqual([`ops ann: ${expected}`])
  })

  it('is what the channel makes of it', async () => {
    const texts = [
      channel('ops', { events: { 'deploy.*': { severity: 'critical' } } }),
      preference('p', { minSeverity: 'critical' }),
    ]
    expect(await routed(texts, { ...failed, severity: 'info' })).toMatchObject([
      { outcome: 'send', severity: 'critical' },
    ])
  })

  it('the nearest least holds alone', async () => {
    const texts = [
      ...team,
      preference('all', { minSeverity: 'critical' }),
      preference('p', { user: 'ann', minSeverity: 'info' }),
    ]
    expect(await answers(texts, { ...failed, severity: 'info' })).toEqual(['ops ann: send'])
  })
})

describe('silences', () => {
  it.each<[string, string, Partial<RoutedEvent>, boolean]>([
    ['an event', silence('s', { event: 'deploy.failure' }), {}, true],
    ['a pattern of several', silence('s', { event: ['quota.*', 'deploy.*'] }), {}, true],
    ['other events', silence('s', { event: 'quota.*' }), {}, false],
    ['a severity', silence('s', { severity: ['error', 'warning'] }), {}, true],
    ['another severity', silence('s', { severity: 'info' }), {}, false],
    ['labels', silence('s', { labels: { zone: 'a' } }), { labels: { zone: 'a', team: 'b' } }, true],
    ['labels with other values', silence('s', { labels: { zone: 'a' } }), { labels: { zone: 'b' } }, false],
    ['labels that the event lacks', silence('s', { labels: { zone: 'a' } }), {}, false],
    ['its namespace', silence('shop/s', { event: '*' }), { namespace: 'shop' }, true],
    ['another namespace', silence('bank/s', { event: '*' }), { namespace: 'shop' }, false],
    ['a time to come', silence('s', { event: '*' }, { from: '2026-03-10T12:00:01Z' }), {}, false],
    ['a time that begins now', silence('s', { event: '*' }, { from: '2026-03-10T12:00:00Z' }), {}, true],
    ['a time that ends now', silence('s', { event: '*' }, { until: '2026-03-10T12:00:00Z' }), {}, false],
  ])('of %s', async (_, text, event, isSilent) => {
    const expected = isSilent ? 'ops: suppress silence' : 'ops: send'
    expect(await answers([channel('ops'), text], { ...failed, ...event })).toEqual([expected])
  })
})

describe('quiet hours', () => {
  const quiet = (more: object = {}) =>
    preference('p', { user: 'ann', quietHours: { from: '11:00', to: '13:00', ...more } })

  it('hold what comes until they end', async () => {
    expect(await routed([...team, quiet()], failed)).toMatchObject([
      { outcome: 'hold', reason: 'quiet_hours', until: Date.UTC(2026, 2, 10, 13), decidedBy: 'Preference/-/p' },
    ])
  })

  it('drop it where that is wanted', async () => {
    const [decision] = await routed([...team, quiet({ mode: 'drop' })], failed)
    expect(decision).toMatchObject({ outcome: 'suppress', reason: 'quiet_hours' })
    expect(decision).not.toHaveProperty('until')
  })

  it.each([
    ['their own time zone', { timezone: 'Asia/Tokyo', from: '20:00', to: '22:00' }, 'UTC'],
    ['that of the person', { from: '20:00', to: '22:00' }, 'Asia/Tokyo'],
    ['UTC', {}, undefined],
  ])('are those of %s', async (_, hours, timezone) => {
    const texts = [slackChannel('ops'), user('ann', { ...(timezone && { timezone }) }), bind('ann'), quiet(hours)]
    expect(await routed(texts, failed)).toMatchObject([{ outcome: 'hold', until: Date.UTC(2026, 2, 10, 13) }])
  })

  it('over the night in which clocks are put forward end an hour sooner', async () => {
    const hours = quiet({ from: '22:00', to: '07:00', timezone: 'Europe/Berlin' })
    const now = Date.UTC(2026, 2, 28, 22)
    expect(await routed([...team, hours], failed, { now })).toMatchObject([{ until: Date.UTC(2026, 2, 29, 5) }])
  })

  it('asked again when they are over, it is sent', async () => {
    const tables = await tablesOf([...team, quiet()])
    const [held] = route(occurrence(failed), tables, noon)
    expect(short(route(occurrence(failed), tables, held?.until ?? 0))).toEqual(['ops ann: send'])
  })
})

describe('a critical event', () => {
  const critical = declared('EventType', 'own', { id: 'deploy.failure', critical: true })
  const wishes = preference('p', {
    user: 'ann',
    events: { '*': false },
    minSeverity: 'critical',
    quietHours: { from: '11:00', to: '13:00', mode: 'drop' },
  })

  it('passes preferences and quiet hours', async () => {
    const flags = preference('flags', { events: { '*': false } })
    expect(await answers([...team, critical, wishes, flags], failed)).toEqual(['ops ann: send'])
  })

  it('does not pass the filter of a channel, scopes, or silences', async () => {
    expect(await answers([channel('ops', { events: { '*': false } }), critical], failed)).toEqual([
      'ops: suppress channel_filter',
    ])
    const scope = preference('s', { user: 'ann', scope: { services: ['web'] } })
    expect(await answers([...team, critical, scope], { ...failed, service: 'api' })).toEqual([
      'ops ann: suppress scope',
    ])
    expect(await answers([...team, critical, silence('s', { event: '*' })], failed)).toEqual([
      'ops ann: suppress silence',
    ])
  })
})

describe('an event that another includes', () => {
  const payload = { run: { id: 'r-7' } }

  it.each([
    [{ run_failed: true, run_completed: false }, 'send', 'suppress channel_filter'],
    [{ run_failed: false, run_completed: true }, 'send', 'send'],
    [{ run_failed: true, run_completed: true }, 'send', 'send'],
    [{ run_failed: false, run_completed: false }, 'suppress channel_filter', 'suppress channel_filter'],
  ])('with %j: the part is wanted by whoever wants one of the two', async (events, part, whole) => {
    const texts = [channel('ops', { events })]
    expect(await answers(texts, { type: 'run_failed', payload })).toEqual([`ops: ${part}`])
    expect(await answers(texts, { type: 'run_completed', payload })).toEqual([`ops: ${whole}`])
  })

  it('is one matter with it, by what the payload is about', async () => {
    const keyOf = async (event: Partial<RoutedEvent> & Pick<RoutedEvent, 'type'>) =>
      (await routed([channel('ops')], { payload, ...event }))[0]?.key
    const key = await keyOf({ type: 'run_failed' })
    expect(key).toBeDefined()
    expect(await keyOf({ type: 'run_completed' })).toBe(key)
    expect(await keyOf({ type: 'run_completed', payload: { run: { id: 'r-8' } } })).not.toBe(key)
    expect(await keyOf({ type: 'run_completed', source: 'other' })).not.toBe(key)
    expect(await keyOf({ type: 'run_completed', namespace: 'shop' })).not.toBe(key)
    expect(await keyOf({ type: 'run_completed', payload: {} })).toBeUndefined()
    expect(await keyOf({ type: 'crawl_completed', payload: { crawl: { id: 'r-7' } } })).toBeUndefined()
  })
})

describe('every answer', () => {
  it('says which declaration it comes from, where that stands, and what it says', async () => {
    const texts = [
      slackChannel('ops', { events: { 'deploy.success': false } }),
      user('ann', { namespaces: ['shop'] }),
      bind('ann'),
      preference('nights', { user: 'ann', events: { 'quota.*': false }, minSeverity: 'warning' }),
      silence('mending', { event: 'backup.*' }, { comment: 'new disks' }),
    ]
    const because = async (type: string, more: Partial<RoutedEvent> = {}) => {
      const [decision] = await routed(texts, { type, ...more })
      return [decision?.because, decision?.decidedBy]
    }
    expect(await because('deploy.success')).toEqual([
      'Channel "ops" (a.yaml:1) says deploy.success: false',
      'Channel/-/ops',
    ])
    expect(await because('quota.warning')).toEqual([
      'Preference "nights" (a.yaml:7) says quota.*: false',
      'Preference/-/nights',
    ])
    expect(await because('deploy.failure', { severity: 'info' })).toEqual([
      'Preference "nights" (a.yaml:7) says minSeverity: warning, and this is info',
      'Preference/-/nights',
    ])
    expect(await because('backup.failure')).toEqual([
      'Silence "mending" (a.yaml:9) is in force until 2026-03-10T18:00:00.000Z: new disks',
      'Silence/-/mending',
    ])
    expect(await because('service.started')).toEqual([
      'built-in event type service.started (catalogue ai-admin-panel) is off by default, and nothing else says anything of it',
      undefined,
    ])
    expect(await because('deploy.failure', { namespace: 'bank' })).toEqual([
      'User "ann" (a.yaml:3) is no member of namespace bank',
      'User/-/ann',
    ])
  })
})
