import { describe, expect, it } from 'vitest'
import { ask } from './ask.js'
import { Folder, plain } from './folder.js'
import { Load } from './load.js'
import { Running, shared } from './running.js'

const head =
  'apiVersion: callboard/v1\nkind: Mock\nmetadata: {name: x}\nspec:\n  http: {route: /x}\n  response:\n    payload:\n'

function laughs(levels: number): string {
  let text = `${head}      a0: &a0 [${Array(10).fill('"lol"').join(', ')}]\n`
  for (let level = 1; level < levels; level += 1) {
    text += `      a${level}: &a${level} [${Array(10)
      .fill(`*a${level - 1}`)
      .join(', ')}]\n`
  }
  return text
}

interface Case {
  readonly name: string
  readonly content: string | Uint8Array
  readonly file?: string
  readonly problem: RegExp
}

const cases: readonly Case[] = [
  { name: 'a billion laughs', content: laughs(12), problem: /alias/i },
  { name: 'anchors that hold themselves', content: `${head}      a: &a {b: *a}\n`, problem: /./ },
  {
    name: 'a long text by many aliases',
    content: `${head}      a: &a "${'x'.repeat(90_000)}"\n      b: [${Array(9_000).fill('*a').join(', ')}]\n`,
    problem: /alias/i,
  },
  { name: '100,000 brackets', content: `${head}      ${'['.repeat(100_000)}`, problem: /deep|nest/i },
  {
    name: '100,000 brackets in JSON',
    file: 'x.json',
    content: `{"callboard/": ${'['.repeat(100_000)}`,
    problem: /deep|nest/i,
  },
  {
    name: 'nesting by indentation',
    content: `${head}${Array.from({ length: 1_000 }, (_, level) => `${' '.repeat(level + 6)}a:`).join('\n')}`,
    problem: /deep|nest/i,
  },
  { name: 'a key of 900 KB', content: `${head}      ? ${'k'.repeat(900_000)}\n      : 1\n`, problem: /./ },
  { name: '__proto__ as a key', content: `${head}      __proto__: {polluted: true}\n`, problem: /__proto__/ },
  { name: '__proto__ by a merge', content: `${head}      <<: {__proto__: {polluted: true}}\n`, problem: /__proto__/ },
  {
    name: 'constructor.prototype',
    content: `${head.replace('    payload:\n', '')}    constructor: {prototype: {polluted: true}}\n`,
    problem: /constructor/,
  },
  { name: 'a tag that makes functions', content: `${head}      f: !!js/function "function () {}"\n`, problem: /tag/i },
  { name: "a tag of one's own", content: `${head}      f: !include /etc/passwd\n`, problem: /tag/i },
  { name: 'binary', content: Uint8Array.from({ length: 4_096 }, (_, at) => (at * 31) % 256), problem: /NUL|UTF-8/ },
  { name: 'Latin-1', content: Buffer.from(`${head}      "Zürich"\n`, 'latin1'), problem: /UTF-8|Latin-1/ },
  { name: 'UTF-16', content: Buffer.from(`\ufeff${head}      1\n`, 'utf16le'), problem: /UTF-16/ },
  { name: 'more than a file may hold', content: `${head}      "${'x'.repeat(1_100_000)}"\n`, problem: /large|bytes/i },
  { name: '1,001 documents', content: '---\na: 1\n'.repeat(1_001), problem: /documents/i },
  {
    name: 'a number of 100,000 digits as priority',
    content: `${head.replace('  response:', `  priority: ${'9'.repeat(100_000)}\n  response:`)}      1\n`,
    problem: /./,
  },
  {
    name: 'a payload outside the source',
    content: `${head.replace('    payload:\n', '    payloadTemplatePath: ../../../etc/passwd\n')}`,
    problem: /\.\.|leads out|outside/i,
  },
  {
    name: 'an absolute payload',
    content: `${head.replace('    payload:\n', '    payloadTemplatePath: /etc/passwd\n')}`,
    problem: /absolute|outside/i,
  },
  {
    name: 'a pattern that cannot be linear',
    content: `${head.replace('{route: /x}', '{routePattern: "(a)\\\\1"}')}      1\n`,
    problem: /./,
  },
  {
    name: 'a pattern that is huge once compiled',
    content: `${head.replace('{route: /x}', '{routePattern: "((((a{1,100}){1,100}){1,100}){1,100})"}')}      1\n`,
    problem: /./,
  },
  {
    name: 'a route of 10,000 segments',
    content: `${head.replace('/x}', `${'/x'.repeat(10_000)}}`)}      1\n`,
    problem: /./,
  },
  {
    name: 'an expression nested 5,000 times',
    content: `${head}      "${'$.sum('.repeat(5_000)}1${')'.repeat(5_000)}"\n`,
    problem: /./,
  },
  {
    name: 'a schema that refers to itself',
    content: `${head.replace('{route: /x}', '{route: /x, conditions: [{assertAction: jsonSchema, value: {$ref: "#/nowhere"}}]}')}      1\n`,
    problem: /./,
  },
  {
    name: 'a schema elsewhere',
    content: `${head.replace('{route: /x}', '{route: /x, conditions: [{assertAction: jsonSchema, value: {$ref: "http://127.0.0.1:9/x"}}]}')}      1\n`,
    problem: /./,
  },
  {
    name: 'a header with a line break',
    content: `${head.replace('    payload:\n', '    headers: {X-A: "b\\r\\nSet-Cookie: c=d"}\n')}`,
    problem: /./,
  },
  {
    name: 'a mistake without an end',
    content: `apiVersion: callboard/v1\nkind: Mock\nmetadata: {name: x\n`,
    problem: /./,
  },
]

describe('a hostile file in a running source', () => {
  const started = shared({ 'good.yaml': plain('good', 'before') })

  it.each(cases.map((one, index) => ({ ...one, index })))('is told and changes nothing: $name', async (hostile) => {
    const { content, problem, index } = hostile
    const file = `${index}-${hostile.file ?? 'hostile.yaml'}`
    const running = started()
    const before = (await running.ask('/good')).text
    running.folder.write(file, content)
    const status = await running.statusOnce('it is told', ({ problems }) => problems.some((one) => one.file === file))
    const mine = status.problems.filter((one) => one.file === file)
    for (const { line, column, message } of mine) {
      expect(line).toBeGreaterThan(0)
      expect(column).toBeGreaterThan(0)
      expect(message.length).toBeLessThan(2_000)
    }
    expect(mine.map(({ message, hint }) => `${message} ${hint ?? ''}`).join('\n')).toMatch(problem)
    expect((await running.ask('/good')).text).toBe(before)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    running.folder.remove(file)
    running.folder.write('good.yaml', plain('good', `after ${index}`))
    await running.answerOnce('/good', ({ text }) => text === `after ${index}`)
  })
})

it('memory stays flat and others go on being served while hostile files come and go', async () => {
  const running = await Running.start(new Folder({ 'good.yaml': plain('good', 'before') }))
  const load = new Load(2, async (agent) => {
    expect((await ask(`${running.resolver}/good`, { agent })).status).toBe(200)
  })
  const round = async () => {
    for (const [index, { name, content, file: given = 'hostile.yaml' }] of cases.entries()) {
      // Each by a name of its own, so that none is taken for the one before.
      const file = `${index}-${given}`
      running.folder.write(file, content)
      await running.statusOnce(`${name} is told`, ({ problems }) => problems.some((one) => one.file === file))
      expect((await running.ask('/good')).text).toBe('before')
      running.folder.remove(file)
    }
    await running.statusOnce('nothing is wrong', ({ counts }) => counts.errors === 0)
    globalThis.gc?.()
    return process.memoryUsage().rss
  }
  const settled = await round()
  const after = await round()
  await load.stop()
  expect(load.failures).toEqual([])
  expect((after - settled) / 2 ** 20).toBeLessThan(80)
})
