import { describe, expect, it } from 'vitest'
import { filters } from '../../src/template/filters/index.js'
import { compileTemplate } from '../../src/template/template.js'
import { written } from './write.js'

describe('filters', () => {
  it.each([...filters].map(([name, { example }]) => [name, ...example] as const))(
    '%s: %s',
    (_name, template, result) => {
      expect(written(template)).toBe(result)
    },
  )

  const odd = [null, true, -1.5, 1e300, '', 'a b', '<i>x</i>', [], [3, 'a', null, { n: 1 }], {}, { a: { b: [1] } }]

  it.each([...filters.keys()])('%s takes whatever it is given, and makes data of it', (name) => {
    for (const value of odd) {
      for (const argument of [undefined, ...odd]) {
        const call = argument === undefined || filters.get(name)?.params.length === 0 ? '' : '(payload.argument)'
        const { template, findings } = compileTemplate(`{{ payload.value | ${name}${call} | json }}`)
        expect(findings).toEqual([])
        expect(template?.render({ payload: { value, argument: argument ?? null } })).toBeTypeOf('string')
      }
    }
  })

  it.each([
    ['{{ 1 | truncate(1, 2, 3, 4) }}', 'the filter truncate takes at most 3: length, killwords, end; 4 are given'],
    ['{{ 1 | upper(1) }}', 'the filter upper takes no arguments; 1 are given'],
    ['{{ 1 | truncate(size=1) }}', 'the filter truncate takes no argument "size"'],
    ["{{ 1 | date('YYYY') }}", '"YYYY" means nothing in a format'],
    ["{{ 1 | date('date', 'Mars/Base') }}", '"Mars/Base" is no time zone'],
    ["{{ 1 | duration('parsec') }}", '"parsec" is no unit'],
    ["{{ [1] | select('prime') }}", 'there is no test "prime"'],
  ])('%s is an error before anything is rendered', (text, message) => {
    const { template, findings } = compileTemplate(text)
    expect(template).toBeUndefined()
    expect(findings.map((finding) => finding.message).join()).toContain(message)
  })

  it('take arguments by name', () => {
    expect(written("{{ 'one two three' | truncate(length=8, end='!') }}")).toBe('one two!')
  })

  it.each([
    ['12:30 in the zone of the reader', "{{ event.time | date('time') }}", '13:30'],
    [
      'a pattern with text',
      '{{ event.time | date("EEE d MMM yyyy \'at\' HH:mm:ss.SSS xxx") }}',
      'So. 1 März 2026 at 13:30:00.250 +01:00',
    ],
    ['seconds since 1970', "{{ 1772368200 | date('iso', 'UTC') }}", '2026-03-01T12:30:00Z'],
    ['milliseconds since 1970', "{{ 1772368200000 | date('yyyy', 'UTC') }}", '2026'],
    ['a time without a zone is in UTC', "{{ '2026-03-01T12:30:00' | date('HH:mm', 'UTC') }}", '12:30'],
    ['noon and midnight of twelve hours', "{{ '2026-03-01T00:05:00Z' | date('h:mm a', 'UTC') }}", '12:05 AM'],
    ['what is no time stays', "{{ 'soon' | date }}", 'soon'],
    ['nothing stays nothing', '{{ payload.nothing | default("") | date }}', ''],
    ['the zone of daylight saving', "{{ '2026-07-01T12:00:00Z' | date('HH:mm xxx') }}", '14:00 +02:00'],
  ])('date: %s', (_name, text, result) => {
    const user = { locale: 'de', timezone: 'Europe/Berlin' }
    expect(written(text, { user, event: { time: '2026-03-01T12:30:00.250Z' } })).toBe(result)
  })

  it.each([
    [0.25, '250 ms'],
    [3.25, '3.3 s'],
    [59.9, '59.9 s'],
    [61, '1 min 1 s'],
    [3600, '1 h'],
    [90_061, '1 d 1 h'],
    [-5, '-5 s'],
    ['soon', 'soon'],
    [null, ''],
  ])('duration: %j is %s', (value, result) => {
    expect(written('{{ payload.value | duration }}', { payload: { value } })).toBe(result)
  })

  it('writes numbers as the language of the reader does', () => {
    expect(written('{{ 1234567.891 | number(1) }} {{ 0.5 | percent }}', { user: { locale: 'de' } })).toBe(
      '1.234.567,9 50\u00a0%',
    )
  })

  it('never tears a character in two', () => {
    expect(written("{{ 'a😀b' | truncate(2, true, '') }}")).toBe('a')
  })
})
