import { describe, expect, it } from 'vitest'
import { event, info } from '../../src/resources/catalogues/event.js'
import { catalogues } from '../../src/resources/catalogues/index.js'
import { channelTypeNames } from '../../src/resources/channel-types.js'
import type { EventTypeProgram, TemplateProgram } from '../../src/resources/kinds/notification-program.js'
import { Loader } from '../../src/resources/load.js'
import { eventTypeFindings, templateFindings } from '../../src/resources/message-check.js'
import { messageRoots } from '../../src/template/roots.js'
import { compileTemplate } from '../../src/template/template.js'
import { declared } from './kinds/declared.js'
import { snapshotOf } from './snapshot.js'

const sample = { run: { id: 'r-1', name: 'Checkout', failed: 2, url: 'https://example.com/r-1' }, tags: ['a'] }

function type(said: Partial<EventTypeProgram>): EventTypeProgram {
  return event({ id: 'run.failed', description: 'A run failed', default: true, severity: info, sample, ...said })
}

function template(said: Partial<TemplateProgram>): TemplateProgram {
  return {
    event: 'run.failed',
    channelType: '',
    lang: '',
    title: undefined,
    body: undefined,
    link: undefined,
    format: 'rich',
    ...said,
  }
}

const brief = (findings: ReturnType<typeof eventTypeFindings>) =>
  findings.map(({ rule, severity, pointer, message, hint }) => `${severity} ${rule} ${pointer}: ${message} (${hint})`)

describe('the words of event types', () => {
  it.each(Object.entries(catalogues).flatMap(([name, types]) => types.map((each) => [name, each.id, each] as const)))(
    'are as they should be in the catalogue %s: %s',
    (_name, _id, each) => {
      expect(eventTypeFindings(each, channelTypeNames())).toEqual([])
    },
  )

  it.each<[string, Partial<EventTypeProgram>, string]>([
    [
      'a name that was mistyped',
      { title: '{{ payload.run.nam }}x' },
      'warning template-missing-value /spec/title: payload.run.nam is not in the sample (did you mean "name"?)',
    ],
    [
      'a name that nothing is like',
      { body: 'one\n {{ payload.owner }}' },
      "warning template-missing-value /spec/body: payload.owner is not in the sample (line 2 of the text, column 13) (add it to the sample of run.failed, or write payload.owner | default('…'))",
    ],
    [
      'a field of a text',
      { body: '{{ payload.run.name.first }}' },
      'payload.run.name.first is not in the sample: payload.run.name is a text',
    ],
    [
      'an empty title',
      { title: '{{ payload.tags[1] }} ' },
      'error template-empty /spec/title: with the sample there is nothing',
    ],
    [
      'a link that is none',
      { link: 'run/{{ payload.run.id }}' },
      'error template-link /spec/link: with the sample it reads "run/r-1", which is no link (it has to be a URL with http:// or https://)',
    ],
    [
      'a script for a link',
      { link: 'javascript:alert({{ payload.run.failed }})' },
      'error template-link /spec/link: with the sample it reads "javascript:alert(2)"',
    ],
    [
      'a severity that is none',
      { severity: { expression: "'bad' if payload.run.failed else 'info'" } },
      'error unknown-value /spec/severity: with the sample it gives "bad", which is no severity (it has to give one of info, warning, error, critical)',
    ],
    [
      'too much work',
      { body: '{% for a in range(999) %}{% for b in range(999) %}{{ b }}{% endfor %}{% endfor %}' },
      'error template-failed /spec/body: with the sample of run.failed it cannot be rendered: the template does too much: it was stopped',
    ],
    [
      'a title that channels cut',
      { title: `{{ payload.run.name }} ${'long '.repeat(40)}` },
      'warning template-too-long /spec/title: with the sample of run.failed it has 208 characters; opsgenie takes 130 (what is over is cut: shorten it, or use truncate)',
    ],
    [
      'no sample',
      { title: '{{ payload.x }}', sample: {} },
      'warning missing-sample /spec: there is no sample, so nobody knows how messages read',
    ],
  ])('are told of %s', (_name, said, expected) => {
    expect(brief(eventTypeFindings(type(said), ['opsgenie', 'webhook'])).join('\n')).toContain(expected)
  })

  it.each<[string, Partial<EventTypeProgram>]>([
    ['nothing at all', {}],
    ['what needs no sample', { title: 'Run failed', sample: {} }],
    [
      'what the schema knows',
      {
        body: '{{ payload.owner.name }}{{ payload.list[0].x }}',
        schema: { properties: { owner: { properties: { name: {} } }, list: { items: { properties: { x: {} } } } } },
        sample: { owner: {}, list: [{}] },
      },
    ],
    ['labels, which may be there', { body: '{{ event.labels.team }}{{ user.displayName }}' }],
    ['what it asks about first', { body: '{% if payload.owner %}{{ payload.owner.name }}{% endif %}' }],
    ['a link that is empty this time', { link: '{{ payload.nothing | default("") }}' }],
    ['a severity that depends', { severity: { expression: "'error' if payload.run.failed > 1 else 'info'" } }],
  ])('may have %s', (_name, said) => {
    expect(brief(eventTypeFindings(type(said), ['opsgenie', 'webhook']))).toEqual([])
  })

  it('are measured against the channels they reach, and no others', () => {
    const title = `{{ payload.run.name }} ${'long '.repeat(40)}`
    expect(eventTypeFindings(type({ title }), ['webhook'])).toEqual([])
    expect(eventTypeFindings(type({ title }), [])).toEqual([])
  })
})

describe('Templates', () => {
  it('use what the event type says', () => {
    const base = type({ title: '{{ payload.run.name }} failed', link: '{{ payload.run.url }}' })
    expect(templateFindings(template({ title: '{{ title | upper }}', link: '{{ link }}#x' }), base, [])).toEqual([])
  })

  it('are told of their own mistakes alone', () => {
    const base = type({ title: '{{ payload.run.nam }}x' })
    const [finding, ...others] = templateFindings(template({ body: '{{ payload.run.idd }}' }), base, [])
    expect(others).toEqual([])
    expect(finding).toMatchObject({ pointer: '/spec/body', message: 'payload.run.idd is not in the sample' })
  })

  it('are measured against their own type of channel', () => {
    const long = template({ title: 'a'.repeat(140), channelType: 'opsgenie' })
    expect(templateFindings(long, type({}), ['webhook']).map(({ rule }) => rule)).toEqual(['template-too-long'])
    expect(templateFindings({ ...long, channelType: 'webhook' }, type({}), ['opsgenie'])).toEqual([])
  })

  it('in the markup of a channel must not be cut', () => {
    const native = template({ body: `<b>${'a'.repeat(9000)}</b>`, channelType: 'telegram', format: 'native' })
    expect(templateFindings(native, type({}), [])).toMatchObject([{ rule: 'template-too-long', severity: 'error' }])
  })

  it('in the markup of a channel have a body', () => {
    const native = template({ title: 'x', format: 'native' })
    expect(templateFindings(native, type({}), [])).toMatchObject([{ rule: 'native-without-body', severity: 'error' }])
  })
})

describe('words for events that were joined', () => {
  const told = (said: Partial<TemplateProgram>) => brief(templateFindings(template(said), type({}), ['slack']))

  it('are read with a sample of them, and without', () => {
    expect(told({ title: '{% if group %}{{ group.count }} runs{% else %}{{ title }}{% endif %} failed' })).toEqual([])
    expect(told({ body: '{% for event in group.events %}{{ event.title }}\n{% endfor %}' })).toEqual([])
  })

  it.each([
    ['nothing where none were joined', '{{ group.first }}', 'error template-empty /spec/title'],
    ['nothing where some were', '{% if not group %}x{% endif %}', 'error template-empty /spec/title'],
    ['a field that there is not', '{{ group.cuont }}x', 'unknown'],
  ])('are refused for %s', (_, title, expected) => {
    const found = [...told({ title }), ...compileTemplate(title, messageRoots).findings.map(({ rule }) => rule)]
    expect(found.join()).toContain(expected)
  })
})

describe('declarations that make messages', () => {
  const eventType = (sample: object) => declared('EventType', 'run.failed', { sample, title: '{{ payload.name }}' })
  const template = declared('Template', 't', {
    event: 'run.failed',
    title: `{{ payload.name }}${' and more'.repeat(20)}`,
  })
  const opsgenie = declared('Channel', 'alerts', { type: 'opsgenie', config: { apiKey: { env: 'KEY' } } })

  it('are checked again when the sample changes, or a channel comes that they reach', async () => {
    const loader = new Loader({ defaultNamespace: 'sandbox' })
    const found = async (files: Readonly<Record<string, string>>) =>
      (await loader.load(snapshotOf(files))).problems.map(({ rule, file, pointer }) => `${file} ${rule} ${pointer}`)
    const files = { 'type.yaml': eventType({ name: 'x' }), 'template.yaml': template }
    expect(await found(files)).toEqual([])
    expect(await found({ ...files, 'channel.yaml': opsgenie })).toEqual(['template.yaml template-too-long /spec/title'])
    expect(await found(files)).toEqual([])
    const renamed = { ...files, 'type.yaml': eventType({ nam: 'x' }) }
    expect(await found(renamed)).toEqual([
      'template.yaml template-missing-value /spec/title',
      'type.yaml template-empty /spec/title',
      'type.yaml template-missing-value /spec/title',
    ])
    expect(await found(files)).toEqual([])
  })
})
