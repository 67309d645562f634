import { describe, expect, it } from 'vitest'
import { goFindings } from '../../src/template/go-template.js'
import { compileTemplate } from '../../src/template/template.js'

/** Each tag of Go in the text, as it would be in nunjucks; undefined where that is not known. */
function hints(text: string): (string | undefined)[] {
  return goFindings(text).map(({ hint }) => (hint?.startsWith('in nunjucks: ') ? hint.slice(13) : undefined))
}

describe('templates of Go', () => {
  it.each([
    ['{{ .Payload.fieldName }}', ['{{ payload.fieldName }}']],
    ['{{.Title}} {{- .Body -}} {{ .Link }}', ['{{ title }}', '{{- body -}}', '{{ link }}']],
    ['{{ if .Payload.x }}a{{ else }}b{{ end }}', ['{% if payload.x %}', '{% else %}', '{% endif %}']],
    ['{{ if eq .Payload.s "failed" }}{{ end }}', ['{% if payload.s == "failed" %}', '{% endif %}']],
    [
      '{{ if and (gt .Payload.n 3) (not .Payload.ok) }}{{ else if .Payload.b }}{{ end }}',
      ['{% if (payload.n > 3) and (not payload.ok) %}', '{% elif payload.b %}', '{% endif %}'],
    ],
    [
      '{{ range .Payload.items }}{{ .Name }} {{ . }} {{ $.Title }}{{ end }}',
      ['{% for item in payload.items %}', '{{ item.Name }}', '{{ item }}', '{{ title }}', '{% endfor %}'],
    ],
    [
      '{{ range $i, $t := .Payload.tests }}{{ $t.name }}{{ end }}',
      ['{% for t in payload.tests %}', '{{ t.name }}', '{% endfor %}'],
    ],
    ['{{ len .Payload.items }}', ['{{ payload.items | length }}']],
    ['{{ index .Payload "some-key" }}', ['{{ payload["some-key"] }}']],
    ['{{ printf "%d of %s" .Payload.a .Payload.b }}', ['{{ payload.a ~ " of " ~ payload.b }}']],
    ['{{ .Payload.name | upper }}', ['{{ payload.name | upper }}']],
    ['{{ .Payload.name | default "x" }}', ['{{ payload.name | default("x") }}']],
    ['{{ $x := .Payload.n }}{{ $x }}', ['{% set x = payload.n %}', '{{ x }}']],
    ['{{ with .Payload.e }}{{ end }}', ['{% if payload.e %}', '{% endif %}']],
    ['{{ template "x" . }}{{ .Payload.a | frobnicate }}', [undefined, undefined]],
  ])('%s', (text, expected) => {
    expect(hints(text)).toEqual(expected)
  })

  it('that are said in nunjucks can be used as they are', () => {
    for (const hint of hints('{{ .Payload.a }}{{ len .Payload.items }}{{ printf "%d of %s" .Payload.a .Payload.b }}')) {
      expect(compileTemplate(hint ?? '').findings).toEqual([])
    }
  })

  it('are found where they stand', () => {
    const [finding] = goFindings('first\n  {{ .Title }}')
    expect(finding).toMatchObject({
      line: 2,
      column: 3,
      severity: 'error',
      message: '{{ .Title }} is a template of Go',
    })
  })

  it.each([
    '{{ payload.name }}',
    '{{ range(3) | join }}',
    '{{ not payload.x }}',
    '{{ "{{ .Title }}" }}',
    '{{ payload.items | length }}',
    '{% raw %}{{ .Title }}{% endraw %}',
    '{# {{ .Title }} #}',
    '{{ "a . b" }} {{ index }} {{ len }} {{ title }}',
    '{{ payload["if x"] }} {{ 0.5 }} {{ -1 }}',
    'a text about .Title and $x',
    '{{ "text .with dots" if payload.x else "$y" }}',
    '{{ not (payload.a or payload.b) }}',
  ])('%s is none', (text) => {
    expect(goFindings(text)).toEqual([])
  })
})
