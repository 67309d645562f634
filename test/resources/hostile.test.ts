import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../../src/resources/limits.js'
import { parseFile } from '../../src/resources/parse.js'
import { encodeParsedFile } from '../../src/resources/parsed-file.js'
import { mockYaml } from './snapshot.js'

const head =
  'apiVersion: callboard/v1\nkind: Mock\nmetadata: {name: x}\nspec:\n  http: {route: /x}\n  response:\n    payload:\n'

function laughs(levels: number, width: number): string {
  let text = `${head}      a0: &a0 [${Array(width).fill('"lol"').join(', ')}]\n`
  for (let level = 1; level < levels; level++) {
    text += `      a${level}: &a${level} [${Array(width)
      .fill(`*a${level - 1}`)
      .join(', ')}]\n`
  }
  return text
}

const blocks = Array.from({ length: 3_000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')

interface Case {
  readonly name: string
  readonly content: string | Uint8Array
  readonly path?: string
  /** The only rules among the problems, in order, each once. Empty: no problem. */
  readonly rules: readonly string[]
  readonly line?: number
  readonly message?: RegExp
}

const cases: readonly Case[] = [
  { name: 'a billion laughs', content: laughs(10, 10), rules: ['alias-expansion'], message: /more than 20000 values/ },
  {
    name: 'a long text repeated by aliases',
    content: `${head}      a: &a "${'x'.repeat(100_000)}"\n      b: [${Array(1_000).fill('*a').join(', ')}]\n`,
    rules: ['alias-expansion'],
  },
  { name: 'a modest use of aliases', content: `${head}      a: &a {b: 1}\n      c: [*a, *a]\n`, rules: [] },
  { name: '10,000 open brackets', content: `# callboard/\n${'['.repeat(10_000)}`, rules: ['too-deep'], line: 2 },
  {
    name: '10,000 brackets, closed',
    content: `${head}      ${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    rules: ['too-deep'],
    line: 8,
  },
  { name: '100,000 brackets', content: '['.repeat(100_000), rules: ['too-deep'] },
  { name: '10,000 list items in one line', content: '- '.repeat(10_000), rules: ['too-deep'] },
  { name: '10,000 question marks', content: '? '.repeat(10_000), rules: ['too-deep'] },
  { name: '5,000 open braces', content: '{a: '.repeat(5_000), rules: ['too-deep'] },
  { name: '3,000 indented mappings', content: blocks, rules: ['file-too-large'] },
  { name: '1,000 indented mappings', content: blocks.split('\n').slice(0, 1_000).join('\n'), rules: ['too-deep'] },
  { name: 'JSON with 100,000 brackets', path: 'x.json', content: '['.repeat(100_000), rules: ['too-deep'] },
  { name: 'nesting at the limit', content: `${head}      ${'['.repeat(90)}1${']'.repeat(90)}`, rules: [] },
  { name: 'a key of 1 MB', content: `${head}      ${'k'.repeat(1_000_000)}: 1\n`, rules: ['yaml-syntax'], line: 8 },
  {
    name: 'a quoted key of 1 MB in braces',
    content: `${head}      {"${'k'.repeat(1_000_000)}": 1}\n`,
    rules: ['key-too-long'],
    line: 8,
  },
  {
    name: 'a key of 1 MB in JSON',
    path: 'x.json',
    content: `{"apiVersion":"callboard/v1","kind":"Mock","metadata":{"name":"x"},"spec":{"http":{"route":"/"},"response":{"payload":{"${'k'.repeat(1_000_000)}":1}}}}`,
    rules: ['key-too-long'],
  },
  {
    name: 'the key __proto__',
    content: `${head}      __proto__: {polluted: true}\n`,
    rules: ['forbidden-key'],
    line: 8,
  },
  {
    name: 'the key __proto__ in JSON',
    path: 'x.json',
    content:
      '{"apiVersion":"callboard/v1","kind":"Mock","metadata":{"name":"x"},"spec":{"http":{"route":"/"},"response":{"payload":{"__proto__":{"polluted":true}}}}}',
    rules: ['forbidden-key'],
  },
  {
    name: 'the key __proto__ by a merge',
    content: `${head}      <<: {"__proto__": {polluted: true}}\n`,
    rules: ['forbidden-key'],
  },
  {
    name: 'the key constructor, which is a word like any other',
    content: `${head}      constructor: Ferrari\n`,
    rules: [],
  },
  {
    name: 'the tag !!js/function',
    content: `${head}      f: !!js/function "function () { return 1 }"\n`,
    rules: ['yaml-tag'],
    line: 8,
    message: /!!js\/function/,
  },
  {
    name: 'a tag of its own',
    content: `${head}      f: !foo bar\n      g: !bar {a: 1}\n`,
    rules: ['yaml-tag', 'yaml-tag'],
  },
  { name: '!!binary', content: `${head}      f: !!binary aGVsbG8=\n`, rules: ['yaml-tag'] },
  { name: '!!set', content: `${head}      f: !!set {a, b}\n`, rules: ['yaml-tag'] },
  { name: '!!str, which is known', content: `${head}      f: !!str 12\n`, rules: [] },
  {
    name: 'a binary file',
    content: Uint8Array.from({ length: 2_000 }, (_, at) => (at * 7919) % 256),
    rules: ['encoding'],
    message: /NUL/,
  },
  {
    name: 'a PNG',
    content: Buffer.from('89504e470d0a1a0a', 'hex'),
    rules: ['encoding'],
    message: /not UTF-8: byte 1 is 0x89/,
  },
  { name: 'a NUL in a document', content: mockYaml('x').replace('ok', 'o\0k'), rules: ['encoding'], message: /NUL/ },
  {
    name: 'Latin-1',
    content: Buffer.from(mockYaml('x').replace('ok: true', 'ok: "Zürich"'), 'latin1'),
    rules: ['encoding'],
    message: /0xFC.*Latin-1/,
  },
  {
    name: 'UTF-16 with a mark',
    content: Buffer.from(`\ufeff${mockYaml('x')}`, 'utf16le'),
    rules: ['encoding'],
    message: /UTF-16/,
  },
  {
    name: 'UTF-16 without a mark',
    content: Buffer.from(mockYaml('x'), 'utf16le'),
    rules: ['encoding'],
    message: /UTF-16/,
  },
  { name: 'a byte order mark', content: `\ufeff${mockYaml('x')}`, rules: [] },
  { name: 'CRLF', content: mockYaml('x').replaceAll('\n', '\r\n'), rules: [] },
  { name: 'tabs as indentation', content: mockYaml('x').replaceAll('  ', '\t'), rules: ['yaml-syntax'], line: 4 },
  {
    name: 'a text that is not closed',
    content: mockYaml('x').replace('ok: true', 'ok: "true'),
    rules: ['yaml-syntax'],
  },
  {
    name: 'brackets that are not closed',
    content: mockYaml('x').replace('ok: true', 'ok: [1, 2'),
    rules: ['yaml-syntax'],
  },
  {
    name: 'an anchor declared twice: the last one counts',
    content: `${head}      a: &a 1\n      b: &a 2\n      c: *a\n`,
    rules: [],
  },
  { name: 'an alias to itself', content: `${head}      a: &a [*a]\n`, rules: ['recursive-alias'], line: 8 },
  {
    name: 'an alias to itself by a merge',
    content: `${head}      a: &a\n        <<: *a\n`,
    rules: ['recursive-alias'],
  },
  { name: 'an alias to nothing', content: `${head}      a: *nothing\n`, rules: ['unknown-anchor'], line: 8 },
  { name: 'a merge of a text', content: `${head}      <<: text\n`, rules: ['merge-not-a-mapping'] },
  { name: 'a list as a key', content: `${head}      ? [a, b]\n      : 1\n`, rules: ['key-not-text'] },
  {
    name: 'not a number',
    content: `${head}      a: .nan\n      b: -.inf\n`,
    rules: ['number-not-finite', 'number-not-finite'],
  },
  {
    name: 'more documents than allowed',
    content: '---\na: 1\n'.repeat(1_001),
    rules: ['too-many-documents'],
    line: 2001,
  },
  { name: '100,000 documents', content: '---\na: 1\n'.repeat(100_000), rules: ['too-many-documents'] },
  { name: 'an empty file', content: '', rules: [] },
  { name: 'an empty JSON file', path: 'x.json', content: '', rules: [] },
  { name: 'a file of white space', content: ' \n\n\t\n', rules: [] },
  { name: 'only comments', content: '# one\n# two\n', rules: [] },
  { name: 'only separators', content: '---\n---\n---\n', rules: [] },
  {
    name: 'a file that is too large',
    content: `a: "${'x'.repeat(3_000_000)}"`,
    rules: ['file-too-large'],
    message: /3000005 bytes/,
  },

  { name: '100,000 keys', content: Array.from({ length: 100_000 }, (_, at) => `k${at}: 1`).join('\n'), rules: [] },
  {
    name: '100,000 equal keys',
    content: `${head}${'      k: 1\n'.repeat(100_000)}`,
    rules: Array(100).fill('duplicate-key'),
  },
  {
    name: '100,000 unknown fields',
    content: `${mockYaml('x')}${Array.from({ length: 100_000 }, (_, at) => `  k${at}: 1\n`).join('')}`,
    rules: [...Array(100).fill('unknown-field'), 'more-problems'],
  },
  {
    name: 'a YAML 1.1 directive',
    content: `%YAML 1.1\n---\n${mockYaml('x').replace('ok: true', 'ok: yes')}`,
    rules: [],
  },
  { name: 'nothing but a scalar', content: 'hello', rules: [] },
]

describe('a hostile file is a clear problem, in bounded time', () => {
  for (const { name, content, path = 'x.yaml', rules, line, message } of cases) {
    it(`${name}: ${rules.length > 3 ? `${rules[0]} …` : rules.join(', ') || 'no problem'}`, { timeout: 10_000 }, () => {
      const file = parseFile(path, typeof content === 'string' ? Buffer.from(content) : content)
      const problems = [...file.broken, ...file.problems]
      expect(problems.map(({ rule }) => rule).sort()).toEqual([...rules].sort())
      for (const problem of problems) {
        expect(problem.line).toBeGreaterThan(0)
        expect(problem.column).toBeGreaterThan(0)
        expect(problem.endColumn).toBeGreaterThan(problem.column)
        expect(problem.message.length).toBeLessThan(400)
      }
      if (line !== undefined) expect(problems[0]?.line).toBe(line)
      if (message !== undefined) expect(problems[0]?.message).toMatch(message)
      expect(encodeParsedFile(file).length).toBeLessThan(10_000_000)
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    })
  }

  it('a broken document does not hide the problems of the next', () => {
    const text = `${mockYaml('a').replace('ok: true', 'ok: *none')}---\n${mockYaml('b').replace('httpMethod', 'httpMetod')}`
    const { broken, problems } = parseFile('x.yaml', Buffer.from(text))
    expect(broken.map(({ rule }) => rule)).toEqual(['unknown-anchor'])
    expect(problems.map(({ rule }) => rule)).toEqual(['unknown-field'])
  })

  it('limits can be set', () => {
    const limits = { ...defaultLimits, depth: 4 }
    expect(parseFile('x.yaml', Buffer.from('a: [[[[[[1]]]]]]'), limits).broken[0]?.message).toMatch(/deeper than 4/)
  })
})
