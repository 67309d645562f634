// Pieces of templates to begin with: what editors and `channel-templates/snippets` offer.

import type { Json } from '../expression/json.js'

export interface Snippet {
  readonly id: string
  readonly title: string
  readonly description: string
  /** Which of a Template's texts it is for. */
  readonly field: 'title' | 'body' | 'link'
  readonly template: string
  /** A payload, and what the template makes of it. */
  readonly payload: Json
  readonly result: string
}

export const snippets: readonly Snippet[] = [
  {
    id: 'field',
    title: 'A field of the payload',
    description: 'What an event says, and something else where it does not.',
    field: 'body',
    template: "{{ payload.run.name }} on {{ payload.run.browser | default('any browser') }}",
    payload: { run: { name: 'Checkout' } },
    result: 'Checkout on any browser',
  },
  {
    id: 'severity-title',
    title: 'Severity before the title',
    description: 'The title that the event type has, with the severity in front.',
    field: 'title',
    template: '[{{ event.severity | upper }}] {{ title }}',
    payload: {},
    result: '[ERROR] Run failed',
  },
  {
    id: 'condition',
    title: 'Only if there is something',
    description: 'A part that stands there when it has something to say.',
    field: 'body',
    template: '{{ payload.passed }} passed{% if payload.failed %}, {{ payload.failed }} failed{% endif %}',
    payload: { passed: 14, failed: 2 },
    result: '14 passed, 2 failed',
  },
  {
    id: 'list',
    title: 'A line for each',
    description: 'The first entries of a list, and how many more there are.',
    field: 'body',
    template:
      '{% for test in payload.tests -%}\n{% if loop.index <= 3 %}- {{ test.name }}: {{ test.state }}\n{% endif %}\n{%- endfor %}\n{%- if payload.tests.length > 3 %}and {{ payload.tests.length - 3 }} more{% endif %}',
    payload: {
      tests: [
        { name: 'pay by card', state: 'failed' },
        { name: 'pay later', state: 'failed' },
        { name: 'refund', state: 'failed' },
        { name: 'cancel', state: 'failed' },
      ],
    },
    result: '- pay by card: failed\n- pay later: failed\n- refund: failed\nand 1 more',
  },
  {
    id: 'joined',
    title: 'A list in one line',
    description: 'One field of each entry, with commas between them.',
    field: 'body',
    template: "Failed: {{ payload.tests | selectattr('state', 'eq', 'failed') | join(', ', 'name') }}",
    payload: {
      tests: [
        { name: 'pay', state: 'failed' },
        { name: 'refund', state: 'passed' },
        { name: 'cancel', state: 'failed' },
      ],
    },
    result: 'Failed: pay, cancel',
  },
  {
    id: 'count',
    title: 'How many, in words',
    description: 'A number with the word for one or for many.',
    field: 'title',
    template: "{{ payload.failed | pluralize('test') }} failed in {{ payload.duration_ms | duration('ms') }}",
    payload: { failed: 2, duration_ms: 93500 },
    result: '2 tests failed in 1 min 34 s',
  },
  {
    id: 'time',
    title: 'When it was',
    description: 'A time in the time zone of who reads it.',
    field: 'body',
    template: "Finished {{ payload.finished | date('yyyy-MM-dd HH:mm zzz') }}",
    payload: { finished: '2026-01-31T12:30:00Z' },
    result: 'Finished 2026-01-31 12:30 UTC',
  },
  {
    id: 'choice',
    title: 'Words for a state',
    description: 'Another text for each value of a field.',
    field: 'title',
    template:
      "{% switch payload.state %}{% case 'failed' %}It failed{% case 'passed' %}All is well{% default %}It is {{ payload.state }}{% endswitch %}",
    payload: { state: 'cancelled' },
    result: 'It is cancelled',
  },
  {
    id: 'shortened',
    title: 'The beginning of a long text',
    description: 'No more than fits, cut between words.',
    field: 'body',
    template: '{{ payload.error | truncate(40) }}',
    payload: { error: 'Expected the basket to hold two articles after the second click, and it held one' },
    result: 'Expected the basket to hold two articles…',
  },
  {
    id: 'json',
    title: 'The payload as it came',
    description: 'All of it, as JSON with lines.',
    field: 'body',
    template: '{{ payload | json(2) }}',
    payload: { run: { id: 7 } },
    result: '{\n  "run": {\n    "id": 7\n  }\n}',
  },
  {
    id: 'greeting',
    title: 'For the person',
    description: 'The name of who reads it, where the channel writes to persons.',
    field: 'body',
    template: '{% if user %}Hello {{ user.displayName }},\n\n{% endif %}{{ body }}',
    payload: {},
    result: '2 of its tests',
  },
  {
    id: 'link',
    title: 'A link with a part of the payload',
    description: 'What comes from outside is encoded, so that it stays one part of the URL.',
    field: 'link',
    template: 'https://ci.example.com/runs/{{ payload.run.id | urlencode }}',
    payload: { run: { id: 'nightly/42' } },
    result: 'https://ci.example.com/runs/nightly%2F42',
  },
]
