import { maxText, RenderFailure, type Run, type Value, whole } from '../run.js'
import { isNumber, isTrue, jsonOf, numberOf, textOf } from '../value.js'
import type { Filters } from './filter.js'

type Change = (text: string) => string

/** A filter that makes another text of a text. */
function change(apply: Change): (value: Value, args: readonly Value[], run: Run) => string {
  return (value, _args, run) => run.made(apply(run.made(textOf(value, run))))
}

const html: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml: Change = (text) => text.replace(/[&<>"']/g, (character) => html[character] ?? character)
const capitalise: Change = (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()

/** A count that somebody wrote: never absurd. */
function count(value: Value, otherwise: number, most = 10_000): number {
  const number = Math.floor(numberOf(value ?? otherwise))
  return Number.isNaN(number) ? otherwise : Math.min(Math.max(number, 0), most)
}

const escaping = {
  params: [],
  description: 'Escapes for HTML: for messages with `format: native` where the channel takes HTML.',
  example: ["{{ 'a < b' | escape }}", 'a &lt; b'],
  apply: change(escapeHtml),
} as const

export const textFilters: Filters = {
  upper: {
    params: [],
    description: 'In capital letters.',
    example: ["{{ 'ok' | upper }}", 'OK'],
    apply: change((text) => text.toUpperCase()),
  },
  lower: {
    params: [],
    description: 'In small letters.',
    example: ["{{ 'OK' | lower }}", 'ok'],
    apply: change((text) => text.toLowerCase()),
  },
  capitalize: {
    params: [],
    description: 'The first letter large, the others small.',
    example: ["{{ 'failed' | capitalize }}", 'Failed'],
    apply: change(capitalise),
  },
  title: {
    params: [],
    description: 'The first letter of each word large.',
    example: ["{{ 'nightly run' | title }}", 'Nightly Run'],
    apply: change((text) => text.split(' ').map(capitalise).join(' ')),
  },
  trim: {
    params: [],
    description: 'Without spaces and line ends around it.',
    example: ["{{ '  a ' | trim }}", 'a'],
    apply: change((text) => text.trim()),
  },
  truncate: {
    params: ['length', 'killwords', 'end'],
    description: 'At most so many characters (255), cut between words, or anywhere with `killwords`; then `end` (…).',
    example: ["{{ 'one two three' | truncate(8) }}", 'one two…'],
    apply(value, [length, killwords, end], run) {
      const text = textOf(value, run)
      const most = count(length, 255, maxText)
      if (text.length <= most) return text
      const space = isTrue(killwords) ? -1 : text.lastIndexOf(' ', most)
      return run.made(whole(text.slice(0, space === -1 ? most : space)) + textOf(end ?? '…', run))
    },
  },
  replace: {
    params: ['old', 'new', 'count'],
    description: 'Each `old` becomes `new`; only the first `count` when given.',
    example: ["{{ 'a-b-c' | replace('-', '/') }}", 'a/b/c'],
    apply(value, [old, by, most], run) {
      const text = run.made(textOf(value, run))
      const from = textOf(old, run)
      if (from === '') return text
      const limit = most === undefined ? Number.POSITIVE_INFINITY : numberOf(most)
      run.search(text, from)
      const parts = text.split(from)
      run.spend(parts.length)
      const to = textOf(by, run)
      const replaced = Math.min(parts.length - 1, limit >= 0 ? limit : parts.length)
      run.expect(text.length + replaced * to.length)
      const rest = parts.slice(replaced).join(from)
      return replaced === 0 ? text : `${parts.slice(0, replaced).join(to)}${to}${rest}`
    },
  },
  split: {
    params: ['separator'],
    description: 'The parts of a text between separators (a space).',
    example: ["{{ ('a/b' | split('/'))[1] }}", 'b'],
    apply(value, [separator], run) {
      const [text, between] = [run.made(textOf(value, run)), textOf(separator ?? ' ', run)]
      run.search(text, between)
      const parts = text.split(between)
      run.spend(parts.length)
      return parts
    },
  },
  lines: {
    params: [],
    description: 'The lines of a text.',
    example: ["{{ 'a\\nb' | lines | length }}", '2'],
    apply(value, _args, run) {
      const lines = run.made(textOf(value, run)).split(/\r?\n/)
      run.spend(lines.length)
      return lines
    },
  },
  indent: {
    params: ['width', 'first'],
    description: 'So many spaces (4) before each line; before the first as well with `first`.',
    example: ["{{ 'a\\nb' | indent(2) }}", 'a\n  b'],
    apply(value, [width, first], run) {
      const lines = run.made(textOf(value, run)).split('\n')
      const spaces = ' '.repeat(count(width, 4, 100))
      run.spend(lines.length)
      run.expect(lines.length * spaces.length)
      return run.made((isTrue(first) ? spaces : '') + lines.join(`\n${spaces}`))
    },
  },
  center: {
    params: ['width'],
    description: 'In the middle of so many characters (80).',
    example: ["[{{ 'a' | center(3) }}]", '[ a ]'],
    apply(value, [width], run) {
      const text = textOf(value, run)
      const room = Math.max(0, count(width, 80) - text.length)
      return run.made(' '.repeat(Math.floor(room / 2)) + text + ' '.repeat(Math.ceil(room / 2)))
    },
  },
  wordcount: {
    params: [],
    description: 'How many words it has.',
    example: ["{{ 'one two' | wordcount }}", '2'],
    apply(value, _args, run) {
      const words = run.made(textOf(value, run)).match(/\w+/g) ?? []
      run.spend(words.length)
      return words.length
    },
  },
  striptags: {
    params: [],
    description: 'Without HTML tags; runs of spaces become one.',
    example: ["{{ '<b>a</b> b' | striptags }}", 'a b'],
    apply(value, _args, run) {
      const text = run.made(textOf(value, run))
      run.spend(text.length / 16)
      return run.made(withoutTags(text).replace(/\s+/g, ' ').trim())
    },
  },
  nl2br: {
    params: [],
    description: 'Line ends become `<br />`: for messages with `format: native` where the channel takes HTML.',
    example: ["{{ 'a\\nb' | nl2br }}", 'a<br />\nb'],
    apply: change((text) => text.replace(/\r?\n/g, '<br />\n')),
  },
  escape: escaping,
  e: escaping,
  forceescape: escaping,
  safe: {
    params: [],
    description: 'Changes nothing: channels escape by themselves.',
    example: ["{{ '<b>' | safe }}", '<b>'],
    apply: (value) => value,
  },
  urlencode: {
    params: [],
    description: 'As part of a URL; an object as a query.',
    example: ["{{ 'a b&c' | urlencode }}", 'a%20b%26c'],
    apply(value, _args, run) {
      if (typeof value !== 'object' || value === null || isNumber(value)) return encoded(textOf(value, run), run)
      const pairs = Array.isArray(value) ? value : Object.entries(value)
      run.spend(pairs.length)
      return run.made(
        pairs
          .map((pair) => (Array.isArray(pair) ? pair.slice(0, 2) : [pair]))
          .map((pair) => pair.map((part) => encoded(textOf(part, run), run)).join('='))
          .join('&'),
      )
    },
  },
  string: {
    params: [],
    description: 'As a text.',
    example: ['{{ (1 | string) + 1 }}', '11'],
    apply: (value, _args, run) => textOf(value, run),
  },
  json: {
    params: ['indent'],
    description: 'As JSON, with line ends and so many spaces when `indent` is given.',
    example: ['{{ {a: 1} | json }}', '{"a":1}'],
    apply: (value, [indent], run) => jsonOf(value, run, count(indent, 0, 8)),
  },
  dump: {
    params: ['indent'],
    description: 'As `json`.',
    example: ['{{ [1, 2] | dump }}', '[1,2]'],
    apply: (value, [indent], run) => jsonOf(value, run, count(indent, 0, 8)),
  },
}

function encoded(text: string, run: Run): string {
  run.expect(text.length * 9)
  try {
    return encodeURIComponent(text)
  } catch {
    throw new RenderFailure('urlencode: the text has half a character in it')
  }
}

/** Linear, unlike a pattern for it: from each `<` that begins a tag to the next `>`. */
function withoutTags(text: string): string {
  let result = ''
  let at = 0
  for (;;) {
    const open = text.indexOf('<', at)
    if (open === -1) return result + text.slice(at)
    const isComment = text.startsWith('<!--', open)
    const isTag = isComment || /^<\/?[a-z]/i.test(text.slice(open, open + 3))
    const closed = isTag ? text.indexOf(isComment ? '-->' : '>', open) : -1
    // What is never closed is no tag, and nothing after it is looked for again.
    if (isTag && closed === -1) return result + text.slice(at)
    result += text.slice(at, isTag ? open : open + 1)
    at = isTag ? closed + (isComment ? 3 : 1) : open + 1
  }
}
