import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Loader } from '../../src/resources/load.js'
import { declared, documents, loadAll, mattermost, slack, telegram } from './kinds/declared.js'
import { snapshotOf } from './snapshot.js'

const ann = declared('User', 'ann', { email: 'ann@example.com' })
const bob = declared('User', 'bob', { email: 'bob@example.com' })
const ops = declared('Channel', 'ops', slack)

const binding = (name: string, spec: object = {}) =>
  declared('UserBinding', name, { user: 'ann', channel: 'ops', ...spec })

async function said(...texts: readonly string[]) {
  const { problems } = await loadAll({ 'a.yaml': documents(...texts) })
  return problems.map(({ rule, severity, line, pointer, message, hint }) => ({
    rule,
    severity,
    line,
    pointer,
    text: `${message}; ${hint}`,
  }))
}

describe('references', () => {
  it('lead to a resource of the same namespace, else to a global one, else where they say', async () => {
    expect(
      await said(
        ann,
        ops,
        declared('Channel', 'shop/team', slack),
        binding('shop/own', { channel: 'team' }),
        binding('shop/global', { channel: 'ops' }),
        binding('shop/marked', { channel: '-/ops', recipient: { userId: 'U1' } }),
        binding('elsewhere', { channel: 'shop/team', recipient: { userId: 'U1' } }),
        declared('Preference', 'shop/quiet', { user: 'ann', channel: 'ops', minSeverity: 'error' }),
      ),
    ).toEqual([])
  })

  it.each([
    ['a user', [ops], binding('b'), '/spec/user', /there is no User "ann" among the global ones; declare a User/],
    ['a mistyped user', [ops, ann], binding('b', { user: 'anm' }), '/spec/user', /did you mean "ann"/],
    ['a user with a namespace', [ops, ann], binding('b', { user: 'shop/ann' }), '/spec/user', /did you mean "ann"/],
    ['a channel', [ann, ops], binding('b', { channel: 'alarms' }), '/spec/channel', /"alarms".*declared: ops/],
    [
      'a channel of another namespace',
      [ann, declared('Channel', 'shop/team', slack)],
      binding('b', { channel: 'team' }),
      '/spec/channel',
      /did you mean "shop\/team"/,
    ],
    [
      'a channel in a namespace',
      [ann, ops],
      binding('shop/b', { channel: 'opps' }),
      '/spec/channel',
      /in namespace shop or among the global ones; did you mean "ops"/,
    ],
    [
      'the channel of a preference',
      [ann],
      declared('Preference', 'p', { user: 'ann', channel: 'ops' }),
      '/spec/channel',
      /there is no Channel "ops"/,
    ],
  ])('that lead nowhere are errors: %s', async (_, others, text, pointer, words) => {
    const found = await said(text, ...others)
    expect(found).toMatchObject([{ rule: 'unknown-reference', severity: 'error', line: 1, pointer }])
    expect(found[0]?.text).toMatch(words)
  })

  it('to what has errors of its own are not called missing', async () => {
    const files = {
      'a.yaml': binding('b'),
      'b.yaml': ann,
      'c.yaml': declared('Channel', 'ops', { ...slack, events: { 'a*': true, '*b': false } }),
    }
    const rules = async (all: Record<string, string>) => (await loadAll(all)).problems.map(({ rule }) => rule)
    expect(await rules(files)).toEqual(['equal-claim'])
    expect(await rules({ ...files, 'c.yaml': declared('Channel', 'ops', { type: 'slack', confg: {} }) })).toEqual([
      'unknown-field',
    ])
  })
})

describe('bindings', () => {
  it('of one user to one channel at one address are errors that name both places', async () => {
    const found = await said(ann, ops, binding('one'), binding('two', { recipient: { email: 'Ann@example.com' } }))
    expect(found).toMatchObject([{ rule: 'duplicate-binding', severity: 'error', line: 7, pointer: '/spec' }])
    expect(found[0]?.text).toMatch(/by UserBinding\/-\/one already, declared in a.yaml:5/)
  })

  it('at two addresses, of two users, or to two channels are none', async () => {
    expect(
      await said(
        ann,
        bob,
        ops,
        declared('Channel', 'shop/ops', slack),
        binding('one'),
        binding('two', { recipient: { userId: 'U1' } }),
        binding('three', { user: 'bob' }),
        binding('shop/four'),
      ),
    ).toEqual([])
  })

  it('need an address that the channel can use', async () => {
    const found = await said(ann, ops, binding('one', { recipient: { chatId: '42' } }))
    expect(found).toMatchObject([{ rule: 'unusable-recipient', severity: 'error', pointer: '/spec/recipient' }])
    expect(found[0]?.text).toMatch(/slack cannot reach anybody by chatId; give email or userId/)
  })

  it('may leave it out where it is learned', async () => {
    expect(await said(ann, declared('Channel', 'ops', telegram), binding('one'))).toEqual([])
  })

  it('need none for what is one recipient itself', async () => {
    const hook = declared('Channel', 'ops', mattermost)
    expect(await said(ann, hook, binding('one'))).toEqual([])
    expect(await said(ann, hook, binding('one', { recipient: { email: 'a@b.c' } }))).toMatchObject([
      { rule: 'unusable-recipient', severity: 'warning' },
    ])
  })
})

describe('preferences', () => {
  const preference = (name: string, spec: object) => declared('Preference', name, spec)

  it.each([
    [
      'an event',
      { user: 'ann', events: { run_failed: true } },
      { user: 'ann', events: { run_failed: true } },
      '/spec/events/run_failed',
    ],
    ['patterns', { events: { 'deploy.*': true } }, { events: { '*failure': false } }, '/spec/events/*failure'],
    [
      'a type',
      { events: { slack: { run_failed: true } } },
      { events: { slack: { run_failed: false } } },
      '/spec/events/slack/run_failed',
    ],
    [
      'a flag',
      { events: { run_failed: true } },
      { events: { notify_run_failed: false } },
      '/spec/events/notify_run_failed',
    ],
    ['the least severity', { minSeverity: 'info' }, { minSeverity: 'error' }, '/spec/minSeverity'],
    [
      'one channel, written in two ways',
      { user: 'ann', channel: 'ops', minSeverity: 'info' },
      { user: 'ann', channel: '-/ops', minSeverity: 'error' },
      '/spec/minSeverity',
    ],
  ])('that say %s with the same right are errors that name both places', async (_, first, second, pointer) => {
    const found = await said(ann, ops, preference('one', first), preference('two', second))
    expect(found).toMatchObject([{ rule: 'equal-claim', severity: 'error', line: 7, pointer }])
    expect(found[0]?.text).toMatch(/by Preference\/-\/one, declared in a.yaml:5/)
  })

  it('with different rights may say the same', async () => {
    expect(
      await said(
        ann,
        bob,
        ops,
        preference('one', { events: { run_failed: true }, minSeverity: 'info' }),
        preference('two', { user: 'ann', events: { run_failed: false }, minSeverity: 'error' }),
        preference('three', { user: 'bob', events: { run_failed: false } }),
        preference('four', { user: 'ann', channel: 'ops', events: { run_failed: true } }),
        preference('shop/five', { events: { run_failed: false } }),
        preference('shop/six', { user: 'ann', events: { run_failed: false } }),
        preference('seven', { events: { 'run_*': false, slack: { run_failed: true } } }),
      ),
    ).toEqual([])
  })

  it('for a channel of another type than they speak of have no effect', async () => {
    const events = { telegram: { run_failed: true } }
    expect(await said(ann, ops, preference('one', { user: 'ann', channel: 'ops', events }))).toMatchObject([
      { rule: 'idle-channel-type', severity: 'warning', pointer: '/spec/events/telegram' },
    ])
  })
})

describe('event types', () => {
  const type = (name: string, spec: object) => declared('EventType', name, spec)

  it('have an id of their own in their namespace', async () => {
    const found = await said(type('a', { id: 'x' }), type('x', {}), type('shop/x', {}))
    expect(found).toMatchObject([{ rule: 'duplicate-value', severity: 'error', line: 3, pointer: '/metadata/name' }])
  })

  it('must not include one another in a circle', async () => {
    const found = await said(type('a', { includes: ['b'], key: 'id' }), type('b', { includes: ['a'], key: 'id' }))
    expect(found.map(({ rule, line }) => [rule, line])).toEqual([
      ['includes-itself', 1],
      ['includes-itself', 3],
    ])
  })

  it('of one namespace are not known to another, but to what is global', async () => {
    const order = type('shop/order.placed', {})
    const events = { 'order.placed': true }
    expect(await said(order, declared('Preference', 'shop/p', { events }))).toEqual([])
    expect(await said(order, declared('Preference', 'p', { events }))).toEqual([])
    expect(await said(order, declared('Preference', 'bank/p', { events }))).toMatchObject([{ rule: 'unknown-event' }])
  })

  it('with errors do not make every mention of them one more', async () => {
    const events = { 'order.placed': true }
    expect(
      await said(type('order.placed', { severity: 'eror' }), declared('Preference', 'p', { events })),
    ).toMatchObject([{ rule: 'unknown-value' }])
  })

  it('have one template for each channel type and language', async () => {
    const template = (name: string, more: object = {}) =>
      declared('Template', name, { event: 'run_failed', body: 'x', ...more })
    expect(
      await said(
        template('a'),
        template('b', { lang: 'de' }),
        template('c', { channelType: 'slack' }),
        template('s/a'),
      ),
    ).toEqual([])
    const found = await said(template('a', { lang: 'de-at' }), template('b', { lang: 'de-AT' }))
    expect(found).toMatchObject([{ rule: 'duplicate-value', line: 3, pointer: '/spec' }])
  })
})

describe('from revision to revision', () => {
  it('what is missing and what comes is noticed by those who name it, although they have not changed', async () => {
    const loader = new Loader({ defaultNamespace: 'sandbox' })
    const rules = async (files: Record<string, string>) =>
      (await loader.load(snapshotOf(files))).problems.map(({ rule, file }) => `${file} ${rule}`)
    const files = { 'ann.yaml': ann, 'ops.yaml': ops, 'b.yaml': binding('shop/b') }
    expect(await rules(files)).toEqual([])
    const { 'ops.yaml': _, ...without } = files
    expect(await rules(without)).toEqual(['b.yaml unknown-reference'])
    expect(await rules({ ...without, 'own.yaml': declared('Channel', 'shop/ops', telegram) })).toEqual([])
    expect(await rules(files)).toEqual([])
  })

  const documentOf = fc.oneof(
    fc.constantFrom(
      ann,
      bob,
      ops,
      declared('Channel', 'shop/ops', telegram),
      declared('Channel', 'ops', { type: 'x' }),
    ),
    fc
      .record({
        name: fc.constantFrom('one', 'two', 'shop/one'),
        user: fc.constantFrom('ann', 'bob', 'eve'),
        channel: fc.constantFrom('ops', 'shop/ops', '-/ops'),
        recipient: fc.constantFrom({}, { recipient: { chatId: '1' } }, { recipient: { userId: 'U' } }),
      })
      .map(({ name, user, channel, recipient }) => declared('UserBinding', name, { user, channel, ...recipient })),
    fc
      .record({
        name: fc.constantFrom('one', 'two', 'shop/one'),
        who: fc.constantFrom({}, { user: 'ann' }, { user: 'ann', channel: 'ops' }),
        event: fc.constantFrom('order.placed', 'run_failed', '*failed', 'run_fa*'),
      })
      .map(({ name, who, event }) => declared('Preference', name, { ...who, events: { [event]: true } })),
    fc
      .record({
        name: fc.constantFrom('order.placed', 'shop/order.placed'),
        spec: fc.constantFrom({}, { severity: 'eror' }, { id: 'order' }, { resolves: ['order.placed'] }),
      })
      .map(({ name, spec }) => declared('EventType', name, spec)),
  )

  it('a long series of changes says the same as loading the last of them alone', async () => {
    const revision = fc.dictionary(
      fc.constantFrom('a.yaml', 'b.yaml', 'c.yaml', 'd.yaml'),
      fc.array(documentOf, { maxLength: 4 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(revision, { minLength: 2, maxLength: 5 }), async (revisions) => {
        const loader = new Loader({ defaultNamespace: 'sandbox' })
        for (const revision of revisions) {
          const files = Object.fromEntries(Object.entries(revision).map(([path, texts]) => [path, documents(...texts)]))
          const { problems } = await loader.load(snapshotOf(files))
          expect(problems).toEqual((await loadAll(files)).problems)
        }
      }),
      { numRuns: 60 },
    )
  })
})
