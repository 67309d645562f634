import { describe, expect, it } from 'vitest'
import { declared, loadAll, mattermost, slack } from './declared.js'

async function compile(kind: string, spec: object | undefined, name = 'one') {
  const { resources, problems } = await loadAll({ 'a.yaml': declared(kind, name, spec) })
  return { program: [...resources.values()][0]?.program, problems }
}

const silence = { match: { event: 'deploy.*' }, until: '2026-03-29T16:30:00+02:00' }

describe('a document of each kind, with the least it needs,', () => {
  it.each([
    [
      'Channel',
      mattermost,
      {
        ...mattermost,
        displayName: 'one',
        enabled: true,
        suspend: false,
        events: [],
        retry: { maxRetries: 5, baseDelayMs: 1000, maxDelayMs: 300_000 },
        rateLimit: undefined,
        flood: { group: undefined, threshold: undefined, storm: undefined, remind: undefined },
        timeoutMs: 30_000,
      },
    ],
    [
      'Preference',
      {},
      {
        user: undefined,
        channel: undefined,
        events: [],
        eventsByType: new Map(),
        digests: [],
        minSeverity: undefined,
        quietHours: undefined,
        scope: undefined,
      },
    ],
    [
      'EventType',
      undefined,
      {
        id: 'one',
        description: '',
        default: true,
        severity: { fixed: 'info' },
        schema: undefined,
        sample: {},
        title: undefined,
        body: undefined,
        link: undefined,
        critical: false,
        includes: [],
        key: undefined,
        resolves: [],
        standsAlone: false,
        remind: undefined,
      },
    ],
    [
      'Template',
      { event: 'deploy.failure', body: 'It failed' },
      {
        event: 'deploy.failure',
        channelType: '',
        lang: '',
        title: undefined,
        body: 'It failed',
        link: undefined,
        format: 'rich',
      },
    ],
    [
      'Silence',
      silence,
      {
        events: ['deploy.*'],
        severities: [],
        labels: {},
        from: 0,
        until: Date.UTC(2026, 2, 29, 14, 30),
        comment: '',
      },
    ],
  ])('compiles: %s', async (kind, spec, program) => {
    expect(await compile(kind, spec)).toEqual({ program, problems: [] })
  })

  it.each(['Channel', 'UserBinding', 'Preference', 'EventType', 'Template', 'Silence', 'Digest'])(
    '%s is global without a namespace, and in it with one',
    async (kind) => {
      const specs: Record<string, object> = {
        Channel: mattermost,
        UserBinding: { user: 'ann', channel: 'ops' },
        Template: { event: 'deploy.failure', body: 'x' },
        Silence: silence,
        Digest: { schedule: '@daily', events: ['*'] },
      }
      const { resources, problems } = await loadAll({
        'a.yaml': declared(kind, 'one', specs[kind] ?? {}),
        'b.yaml': declared(kind, 'shop/one', specs[kind] ?? {}),
        'c.yaml': declared('User', 'ann', { email: 'ann@example.com' }),
        'd.yaml': declared('Channel', 'ops', slack),
      })
      expect(problems.filter(({ rule }) => rule !== 'duplicate-binding')).toEqual([])
      expect([...resources.keys()]).toEqual(expect.arrayContaining([`${kind}/-/one`, `${kind}/shop/one`]))
    },
  )
})

describe('events of a Channel', () => {
  it('are asked in order: ids, longer patterns, shorter patterns', async () => {
    const events = {
      '*': false,
      'deploy.*': true,
      '*.recovered': { severity: 'info' },
      'deploy.failure': { channel: 'alarms' },
    }
    const { program, problems } = await compile('Channel', { ...mattermost, events })
    expect(problems).toEqual([])
    expect(program).toMatchObject({
      events: [
        { pattern: 'deploy.failure', value: { channel: 'alarms' } },
        { pattern: '*.recovered', value: { severity: 'info' } },
        { pattern: 'deploy.*', value: {} },
        { pattern: '*', value: false },
      ],
    })
  })
})

describe('events of a Preference', () => {
  it('may be flags, and may be sorted by type of channel', async () => {
    const events = {
      notify_run_failed: true,
      notify_crawl_completed: false,
      slack: { run_completed: false, run_failed: true },
      telegram: { notify_scheduled_runs: true },
    }
    const { program, problems } = await compile('Preference', { events })
    expect(problems).toEqual([])
    expect(program).toMatchObject({
      events: [
        { pattern: 'crawl_completed', value: false },
        { pattern: 'run_failed', value: true },
      ],
      eventsByType: new Map([
        [
          'slack',
          [
            { pattern: 'run_completed', value: false },
            { pattern: 'run_failed', value: true },
          ],
        ],
        ['telegram', [{ pattern: 'scheduled_runs', value: true }]],
      ]),
    })
  })

  it('quiet hours are minutes, and days are numbers', async () => {
    const quietHours = { from: '22:30', to: '7:00', timezone: 'Europe/Berlin', days: ['sun', 'fri'], mode: 'drop' }
    const { program } = await compile('Preference', { quietHours })
    expect(program).toMatchObject({
      quietHours: { fromMinute: 1350, toMinute: 420, timezone: 'Europe/Berlin', days: [0, 5], mode: 'drop' },
    })
  })
})

const type = (more: object) => ['EventType', more] as const
const preference = (more: object) => ['Preference', more] as const
const quiet = (more: object) => preference({ quietHours: { from: '22:00', to: '07:00', ...more } })
const channel = (more: object) => ['Channel', { ...mattermost, ...more }] as const
const silent = (more: object) => ['Silence', { ...silence, ...more }] as const
const template = (more: object) => ['Template', { event: 'deploy.failure', body: 'x', ...more }] as const

describe('what is refused, and what is said about it', () => {
  it.each<[string, readonly [string, object], string, string, string, (RegExp | undefined)?]>([
    ['an unknown type', channel({ type: 'mattermots' }), 'unknown-value', 'error', '/spec/type', /"mattermost"/],
    ['no configuration', ['Channel', { type: 'slack' }], 'missing-field', 'error', '/spec', undefined],
    [
      'an unknown setting',
      channel({ config: { webhookUrl: { env: 'U' }, iconURL: 'http://a' } }),
      'unknown-field',
      'error',
      '/spec/config/iconURL',
      /"iconUrl"/,
    ],
    [
      'a literal secret',
      channel({ config: { webhookUrl: 'https://a/hooks/x' } }),
      'literal-secret',
      'warning',
      '/spec/config/webhookUrl',
      /env: WEBHOOK_URL/,
    ],
    [
      'a pattern that cannot be one',
      channel({ events: { 'deploy .*': true } }),
      'bad-format',
      'error',
      '/spec/events/deploy .*',
      undefined,
    ],
    [
      'two patterns with the same right',
      channel({ events: { 'deploy.*': true, '*failure': false } }),
      'equal-claim',
      'error',
      '/spec/events/deploy.*',
      /longer/,
    ],
    [
      'another recipient where there is none',
      channel({ events: { 'deploy.*': { to: 'ops' } } }),
      'unusable-override',
      'error',
      '/spec/events/deploy.*/to',
      /telegram/,
    ],
    [
      'an event that there is not',
      channel({ events: { 'deploy.succes': true } }),
      'unknown-event',
      'error',
      '/spec/events/deploy.succes',
      /"deploy.success"/,
    ],
    [
      'a type of channel in place of an event',
      channel({ events: { slack: false } }),
      'unknown-event',
      'error',
      '/spec/events/slack',
      /Preference/,
    ],
    [
      'a pattern that nothing fits',
      channel({ events: { 'deployment.*': true } }),
      'idle-pattern',
      'warning',
      '/spec/events/deployment.*',
      undefined,
    ],
    [
      'a first delay above the last',
      channel({ retry: { baseDelay: 10, maxDelay: 5 } }),
      'delays',
      'error',
      '/spec/retry/baseDelay',
      undefined,
    ],
    [
      'a channel without a user',
      preference({ channel: 'ops', minSeverity: 'error' }),
      'channel-without-user',
      'error',
      '/spec/channel',
      /add user/,
    ],
    [
      'a type of channel that there is not',
      preference({ events: { slak: { run_failed: true } } }),
      'unknown-channel-type',
      'error',
      '/spec/events/slak',
      /"slack"/,
    ],
    [
      'a flag beside its event',
      preference({ events: { notify_run_failed: true, run_failed: false } }),
      'equal-claim',
      'error',
      '/spec/events/run_failed',
      undefined,
    ],
    [
      'an unknown event for a type',
      preference({ events: { slack: { run_faild: true } } }),
      'unknown-event',
      'error',
      '/spec/events/slack/run_faild',
      /"run_failed"/,
    ],
    ['a time of day that is none', quiet({ to: '25:00' }), 'bad-format', 'error', '/spec/quietHours/to', /HH:MM/],
    ['quiet hours without length', quiet({ to: '22:00' }), 'quiet-hours', 'error', '/spec/quietHours/to', /24:00/],
    [
      'quiet hours without end',
      quiet({ from: '00:00', to: '24:00' }),
      'quiet-hours',
      'error',
      '/spec/quietHours',
      /days/,
    ],
    [
      'a mistyped time zone',
      quiet({ timezone: 'Europe/Berlln' }),
      'unknown-timezone',
      'error',
      '/spec/quietHours/timezone',
      /"Europe\/Berlin"/,
    ],
    ['a day that is none', quiet({ days: ['monday'] }), 'unknown-value', 'error', '/spec/quietHours/days/0', undefined],
    ['a time without a zone', silent({ until: '2026-03-29T16:30:00' }), 'bad-time', 'error', '/spec/until', /\+02:00/],
    [
      'a day that does not exist',
      silent({ until: '2026-02-30T16:30:00Z' }),
      'bad-time',
      'error',
      '/spec/until',
      undefined,
    ],
    [
      'a silence that ends before it begins',
      silent({ from: '2026-03-30T00:00:00Z' }),
      'silence-times',
      'error',
      '/spec/until',
      /later/,
    ],
    ['a silence of everything by mistake', silent({ match: {} }), 'wrong-size', 'error', '/spec/match', undefined],
    [
      'a silence of an event that there is not',
      silent({ match: { event: ['deploy.*', 'deploi'] } }),
      'unknown-event',
      'error',
      '/spec/match/event/1',
      undefined,
    ],
    [
      'an expression that is none',
      type({ severity: "'error' if" }),
      'template-syntax',
      'error',
      '/spec/severity',
      undefined,
    ],
    [
      'an unknown name in an expression',
      type({ severity: "'error' if paylod.x else 'info'" }),
      'template-unknown-name',
      'error',
      '/spec/severity',
      /payload/,
    ],
    ['a title of Go', type({ title: '{{ .Payload.x }}' }), 'template-go-syntax', 'error', '/spec/title', /payload\.x/],
    [
      'a template of Go',
      template({ body: 'a\n{{ .Payload.x }}' }),
      'template-go-syntax',
      'error',
      '/spec/body',
      /payload\.x/,
    ],
    [
      'a text of the event in the event itself',
      type({ body: '{{ title }}' }),
      'template-unknown-name',
      'error',
      '/spec/body',
      undefined,
    ],
    ['no severity', type({ severity: 'eror' }), 'unknown-value', 'error', '/spec/severity', /"error"/],
    [
      'the name of a field for a severity',
      type({ severity: 'level' }),
      'unknown-value',
      'error',
      '/spec/severity',
      /payload\.level/,
    ],
    [
      'a sample that does not fit',
      type({ schema: { properties: { n: { type: 'number' } } }, sample: { n: 'x' } }),
      'sample-unfit',
      'error',
      '/spec/sample/n',
      undefined,
    ],
    [
      'no sample for a demanding schema',
      type({ schema: { required: ['n'] } }),
      'missing-sample',
      'warning',
      '/spec/schema',
      /sample/,
    ],
    [
      'a schema that is none',
      type({ schema: { type: 'nummer' } }),
      'bad-json-schema',
      'error',
      '/spec/schema',
      undefined,
    ],
    ['a key that is no path', type({ key: 'run..' }), 'bad-path', 'error', '/spec/key', /run\.id/],
    [
      'a key that the sample lacks',
      type({ key: 'run.id', sample: { run: {} } }),
      'key-not-in-sample',
      'warning',
      '/spec/key',
      undefined,
    ],
    [
      'includes without a key',
      type({ includes: ['run_failed'] }),
      'includes-without-key',
      'error',
      '/spec/includes',
      undefined,
    ],
    [
      'an event that includes itself',
      type({ includes: ['one'], key: 'id' }),
      'includes-itself',
      'error',
      '/spec/includes/0',
      undefined,
    ],
    [
      'an included event that there is not',
      type({ includes: ['run_faild'], key: 'id' }),
      'unknown-event',
      'error',
      '/spec/includes/0',
      /"run_failed"/,
    ],
    [
      'a resolved event that there is not',
      type({ resolves: ['run_faild'] }),
      'unknown-event',
      'error',
      '/spec/resolves/0',
      /"run_failed"/,
    ],
    ['an id that reads as a flag', type({ id: 'notify_me' }), 'reserved-id', 'error', '/spec/id', undefined],
    ['an id that nobody may post', type({ id: 'callboard.mine' }), 'reserved-id', 'warning', '/spec/id', undefined],
    [
      'an event that there is not',
      template({ event: 'deploy.failur' }),
      'unknown-event',
      'error',
      '/spec/event',
      /"deploy.failure"/,
    ],
    [
      'an unknown type of channel',
      template({ channelType: 'slak' }),
      'unknown-channel-type',
      'error',
      '/spec/channelType',
      /"slack"/,
    ],
    ['no language', template({ lang: 'english_uk' }), 'unknown-locale', 'error', '/spec/lang', /BCP 47/],
    ['nothing at all', ['Template', { event: 'deploy.failure' }], 'missing-field', 'error', '/spec', undefined],
    [
      'an address that is none',
      ['UserBinding', { user: 'ann', channel: 'ops', recipient: { email: 'ann' } }],
      'bad-format',
      'error',
      '/spec/recipient/email',
      undefined,
    ],
  ])('%s', async (_, [kind, spec], rule, severity, pointer, hint) => {
    const { problems } = await compile(kind, spec)
    expect(problems).toMatchObject([{ rule, severity, pointer, file: 'a.yaml', line: 1 }])
    if (hint !== undefined) expect(problems[0]?.hint).toMatch(hint)
  })

  it('names an event that is built in but switched off', async () => {
    const files = { 'a.yaml': declared('Preference', 'one', { events: { run_failed: false } }) }
    const { problems } = await loadAll(files, { catalogues: ['mockarty'] })
    expect(problems).toMatchObject([
      { rule: 'unknown-event', hint: expect.stringContaining('"aegisrunner"') as string },
    ])
  })
})
