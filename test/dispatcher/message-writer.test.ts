import { describe, expect, it, vi } from 'vitest'
import type { Decision } from '../../src/dispatcher/decision.js'
import { messageWriter, readershipOf } from '../../src/dispatcher/message-writer.js'
import type { JoinedFacts } from '../../src/dispatcher/revision-rules.js'
import { route } from '../../src/dispatcher/routing.js'
import { buildTables } from '../../src/dispatcher/tables.js'
import { createRenderer, type Renderer } from '../../src/template/renderer.js'
import { declared, documents, loadAll, mattermost, slack } from '../resources/kinds/declared.js'
import { everyCatalogue, noon, occurrence } from './routing-world.js'

const here = createRenderer({ worker: new URL('./no-such-file.js', import.meta.url) })

interface World {
  readonly renderer?: Pick<Renderer, 'render'>
  readonly event?: object
}

/** The messages that an event of type `run.failed` becomes, one for each decision. */
async function messages(texts: readonly string[], { renderer = here, event: more = {} }: World = {}) {
  const options = { catalogues: everyCatalogue, customersEnabled: false }
  const { resources, problems } = await loadAll({ 'a.yaml': documents(...texts) }, options)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const tables = buildTables(resources, options)
  const event = occurrence({ type: 'run.failed', payload: { run: { name: 'Checkout', failed: 2 } }, ...more })
  const type = tables.eventTypes.get(event.type, event.namespace ?? '')
  if (type === undefined) throw new Error('no such event type')
  const onWarning = vi.fn()
  const writer = messageWriter({ renderer, onWarning }, resources, readershipOf(tables))
  const decisions = route(event, tables, noon).filter(({ outcome }) => outcome === 'send')
  return {
    written: await writer.write(event, type, decisions),
    severity: () => writer.severityOf(event, type),
    joinedBy: (group: JoinedFacts) => writer.writeJoined?.(event, type, decisions[0] as Decision, group),
    onWarning,
  }
}

const sample = { run: { name: 'Sample', failed: 1 } }
const channel = declared('Channel', 'ops', mattermost)
const eventType = (more: object = {}) =>
  declared('EventType', 'run.failed', {
    description: 'A run failed',
    sample,
    title: '{{ payload.run.name }} failed',
    body: '{{ payload.run.failed }} of its tests',
    link: 'https://example.com/{{ payload.run.name }}',
    ...more,
  })
const template = (name: string, spec: object) => declared('Template', name, { event: 'run.failed', ...spec })

async function one(...texts: readonly string[]) {
  const { written } = await messages([channel, ...texts])
  expect(written).toHaveLength(1)
  return written[0]
}

describe('the words of an event', () => {
  it('are those of its type', async () => {
    expect(await one(eventType())).toEqual({
      message: {
        event: expect.objectContaining({ id: 'e-1', type: 'run.failed' }),
        severity: 'error',
        title: 'Checkout failed',
        body: '2 of its tests',
        link: 'https://example.com/Checkout',
        format: 'rich',
        action: 'trigger',
        key: 'e-1',
      },
    })
  })

  it('are the description of its type where it has none', async () => {
    const rendered = await one(declared('EventType', 'run.failed', { description: 'A run failed' }))
    expect(rendered?.message).toMatchObject({ title: 'A run failed', body: '' })
    expect(rendered?.message.link).toBeUndefined()
    expect((await one(declared('EventType', 'run.failed', {})))?.message.title).toBe('run.failed')
  })

  it('that it says itself win over its type, and are what templates are given', async () => {
    const event = { title: 'Own title', body: 'Own body', link: 'https://example.com/own' }
    const plain = await messages([channel, eventType()], { event })
    expect(plain.written[0]?.message).toMatchObject(event)
    const templated = await messages([channel, eventType(), template('t', { title: '{{ title | upper }}!' })], {
      event,
    })
    expect(templated.written[0]?.message).toMatchObject({ ...event, title: 'OWN TITLE!' })
  })

  it('are those of a Template, which is given those of the type', async () => {
    const texts = {
      title: '[{{ event.severity }}] {{ title }}',
      body: '{{ body }} on {{ channel.type }}/{{ channel.displayName }}{{ user.name }}',
      link: '{{ link }}?from=mail',
    }
    expect(await one(eventType(), template('t', texts))).toMatchObject({
      message: {
        title: '[error] Checkout failed',
        body: '2 of its tests on mattermost/ops',
        link: 'https://example.com/Checkout?from=mail',
      },
      template: 'Template/-/t',
    })
  })

  it('are each in the language and the time zone of who reads them, and made once for those who read the same', async () => {
    const user = (name: string, locale: string, timezone: string) =>
      declared('User', name, { email: `${name}@example.com`, locale, timezone })
    const bind = (name: string) => declared('UserBinding', name, { user: name, channel: 'team' })
    const render = vi.fn((job) => here.render(job))
    const { written } = await messages(
      [
        declared('Channel', 'team', slack),
        eventType(),
        template('any', { body: "{{ event.time | date('HH:mm') }}" }),
        template('german', { lang: 'de', body: "{{ event.time | date('HH:mm') }} Uhr" }),
        ...[user('ann', 'en', 'UTC'), user('bob', 'de-AT', 'Europe/Vienna'), user('cid', 'en', 'UTC')],
        ...['ann', 'bob', 'cid'].map(bind),
      ],
      { renderer: { render } },
    )
    expect(written.map(({ message, template }) => [message.body, template])).toEqual([
      ['12:00', 'Template/-/any'],
      ['13:00 Uhr', 'Template/-/german'],
      ['12:00', 'Template/-/any'],
    ])
    expect(render).toHaveBeenCalledTimes(2)
  })

  it('are made for each person when they name the person', async () => {
    const { written } = await messages([
      declared('Channel', 'team', slack),
      eventType({ body: 'Hello {{ user.displayName }}' }),
      ...['ann', 'bob'].flatMap((name) => [
        declared('User', name, { email: `${name}@example.com` }),
        declared('UserBinding', name, { user: name, channel: 'team' }),
      ]),
    ])
    expect(written.map(({ message }) => message.body)).toEqual(['Hello ann@example.com', 'Hello bob@example.com'])
  })

  it('have a title of one line, and no empty lines around the text', async () => {
    const rendered = await one(
      eventType({ title: 'a\n  b {{ "\t" }}c ', body: '\n{% if true %}\n\n  x\n y \n\n{% endif %}\n' }),
    )
    expect(rendered?.message).toMatchObject({ title: 'a b c', body: '  x\n y' })
  })

  it('have a title that is no page', async () => {
    const rendered = await one(eventType({ title: 'long '.repeat(1000) }))
    expect(rendered?.message.title).toHaveLength(1000)
    expect(rendered?.message.title.endsWith('…')).toBe(true)
  })

  it('in the markup of a channel are a Template’s alone', async () => {
    const markup = { format: 'native', body: '**{{ payload.run.name }}**', channelType: 'mattermost' }
    expect((await one(eventType(), template('t', markup)))?.message).toMatchObject({
      format: 'native',
      body: '**Checkout**',
    })
  })

  it('tell what ended, and what they are about', async () => {
    const rendered = await one(
      eventType({ key: 'run.name', resolves: ['run.failed.before'] }),
      declared('EventType', 'run.failed.before', {}),
    )
    expect(rendered?.message).toMatchObject({ action: 'resolve', key: 'Checkout' })
  })
})

describe('words that cannot be made', () => {
  const endless = "{{ 'x' if payload.run.failed < 2 else range(999999) }}"

  it('are those of the type instead', async () => {
    const rendered = await one(eventType(), template('t', { title: endless, body: 'fine' }))
    expect(rendered).toMatchObject({
      message: { title: 'Checkout failed', body: 'fine' },
      failure: 'title: the template does too much: it was stopped',
    })
  })

  it('are plain ones when the type has none that work', async () => {
    const rendered = await one(eventType({ title: endless, body: endless }))
    expect(rendered?.message).toMatchObject({ title: 'A run failed', body: '' })
    expect(rendered?.failure).toBe(
      'base title: the template does too much: it was stopped; base body: the template does too much: it was stopped',
    )
  })

  it('in the markup of a channel are not taken for it', async () => {
    const rendered = await one(
      eventType(),
      template('t', { format: 'native', body: endless, channelType: 'mattermost' }),
    )
    expect(rendered?.message).toMatchObject({ format: 'rich', body: '2 of its tests' })
  })

  it('are not an empty title or a link that is none', async () => {
    const rendered = await one(
      eventType(),
      template('t', {
        title: "{{ 'x' if payload.run.failed < 2 }}",
        link: "{{ 'https://example.com' if payload.run.failed < 2 else 'javascript:alert(1)' }}",
      }),
    )
    expect(rendered).toMatchObject({
      message: { title: 'Checkout failed', link: 'https://example.com/Checkout' },
      failure: 'link: "javascript:alert(1)" cannot be used; title: "" cannot be used',
    })
  })

  it('are plain ones when the whole rendering fails', async () => {
    const renderer = { render: async () => ({ texts: {}, failures: { 'base title': 'out of memory' } }) }
    const { written } = await messages([channel, eventType()], { renderer })
    expect(written[0]).toMatchObject({
      message: { title: 'A run failed', body: '' },
      failure: 'base title: out of memory',
    })
  })
})

it.each(['slack', 'discord', 'teams', 'mattermost', 'googlechat', 'opsgenie', 'pagerduty', 'webhook', 'email'])(
  'is as severe as the channel takes the event to be, for %s as for all',
  async (type) => {
    const config: Readonly<Record<string, object>> = {
      opsgenie: { apiKey: { env: 'KEY' } },
      pagerduty: { routing_key: { env: 'KEY' } },
      webhook: { url: 'https://example.com' },
      email: { host: 'mail.example.com', from: 'a@example.com', to: 'b@example.com' },
    }
    const events = { 'run.*': { severity: 'critical' } }
    const spec = { type, config: config[type] ?? { webhookUrl: { env: 'URL' } }, events }
    const { written } = await messages([
      declared('Channel', 'loud', spec),
      eventType({ title: '{{ event.severity }}' }),
      declared('Preference', 'all', { minSeverity: 'critical' }),
    ])
    expect(written.map(({ message }) => [message.severity, message.title])).toEqual([['critical', 'critical']])
  },
)

describe('the severity of an event', () => {
  it.each([
    ["'critical' if payload.run.failed > 1 else 'info'", 'critical'],
    ['payload.run.failed > 99 and "error" or "info"', 'info'],
  ])('is what %s gives', async (severity, expected) => {
    const world = await messages([channel, eventType({ severity })])
    expect(await world.severity()).toBe(expected)
    expect(world.onWarning).not.toHaveBeenCalled()
  })

  it('is a warning, and a person is told, when it gives none', async () => {
    const world = await messages([channel, eventType({ severity: "'info' if payload.run.failed < 2 else 'awful'" })])
    expect(await world.severity()).toBe('warning')
    expect(world.onWarning).toHaveBeenCalledWith(
      'severity of run.failed (event e-1): it gave "awful"; taken for warning',
    )
  })
})

describe('the words of events that were joined', () => {
  const group = {
    count: 37,
    counts: { 'run.failed': 37 },
    severities: { error: 37 },
    services: ['a', 'b'],
    first: '2026-01-01T00:00:00Z',
    last: '2026-01-01T00:05:00Z',
    events: [{ title: 'one' }, { title: 'two' }],
    ended: 0,
    withheld: 2,
    by: {},
  }
  const joined = async (...texts: readonly string[]) => {
    const { joinedBy } = await messages([channel, eventType(), ...texts])
    return joinedBy(group)
  }

  it('are those of a template that speaks of them', async () => {
    const title = '{% if group %}{{ group.count }} runs{% else %}{{ title }}{% endif %}'
    const body = '{{ group.events | map(attribute="title") | join(", ") }}'
    expect((await joined(template('t', { title, body })))?.message).toMatchObject({
      title: '37 runs',
      body: 'one, two',
    })
    expect(await one(eventType(), template('t', { title }))).toMatchObject({ message: { title: 'Checkout failed' } })
  })

  it('are left to others where no template does', async () => {
    expect(await joined(template('t', { title: 'Run failed' }))).toBeUndefined()
  })
})
