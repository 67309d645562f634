import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { version } from '../../src/version.js'
import { execute, type Step } from './action-runner.js'
import { startController } from './controller.js'
import { FakeForge } from './fake-forge.js'
import { Folder, mock, Repository } from './repository.js'
import { runCommand } from './run-command.js'

const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))

let repository: Repository
let tools: Folder
beforeEach(() => {
  repository = new Repository()
  tools = new Folder()
})
afterEach(() => {
  repository.remove()
  tools.remove()
})

const init = (...args: string[]) => runCommand(['init', repository.path, ...args])

describe('init', () => {
  it('writes what validates without a warning', async () => {
    const { code, stdout, stderr } = await init()
    expect([code ?? 0, stdout]).toEqual([0, ''])
    expect(stderr).toContain(`callboard run ${repository.path}\n`)
    expect(await runCommand(['validate', repository.path, '--strict'])).toEqual({
      code: 0,
      stdout: '0 errors in 3 documents of 2 files\n',
      stderr: '',
    })
  })

  it('writes what answers as the comments say', async () => {
    await init()
    const controller = await startController(repository.path)
    try {
      const ask = async (path: string, request: RequestInit = {}) =>
        (await fetch(controller.addresses.resolver + path, request)).json()
      for (const path of ['/hello/world', '/stubs/sandbox/hello/world']) {
        expect(await ask(path)).toEqual({ greeting: 'Hello, world!', at: expect.any(String) })
      }
      expect(await ask('/hello/Welt', { headers: { 'accept-language': 'de' } })).toEqual({ greeting: 'Hallo, Welt!' })
      for (const number of [1, 2]) {
        const order = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"item": "tea"}' }
        expect(await ask('/stubs/shop/orders', order)).toEqual({ number, item: 'tea' })
      }
    } finally {
      await controller.close()
    }
  })

  it('writes a schema for editors that accepts its documents, where their comments say', async () => {
    await init()
    const schema = JSON.parse(readFileSync(join(repository.path, '.callboard.schema.json'), 'utf8'))
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    for (const name of ['hello', 'orders']) {
      const text = readFileSync(join(repository.path, `mocks/${name}.yaml`), 'utf8')
      const [, path = ''] = /^# yaml-language-server: \$schema=(.+)/.exec(text) ?? []
      expect(existsSync(join(repository.path, 'mocks', path))).toBe(true)
      for (const document of parseAllDocuments(text)) {
        expect([validate(document.toJS()), validate.errors]).toEqual([true, null])
      }
    }
  })

  it('writes into a folder that has files only with --force, and keeps them', async () => {
    repository.write({ 'README.md': 'mine' })
    const refused = await init()
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('is not empty')])
    expect(readdirSync(repository.path).sort()).toEqual(['.git', 'README.md'])
    const forced = await init('--force')
    expect([forced.code ?? 0, forced.stderr]).toEqual([0, expect.stringContaining(`kept ${repository.path}/README.md`)])
    expect(readFileSync(join(repository.path, 'README.md'), 'utf8')).toBe('mine')
  })

  it('does not take a file for a folder', async () => {
    repository.write({ file: '' })
    const { code, stderr } = await runCommand(['init', `${repository.path}/file`])
    expect([code, stderr]).toEqual([3, `error: ${repository.path}/file is a file; name a folder\n`])
  })
})

describe('the workflow that init writes', { timeout: 120_000 }, () => {
  let forge: FakeForge
  let api: string
  beforeEach(async () => {
    forge = new FakeForge()
    api = await forge.listen()
  })
  afterEach(() => forge.close())

  /** npx runs the program built here. */
  const npx = `#!/bin/sh\n[ "$1 $2" = "--yes callboard@${version}" ] || exit 90\nshift 2\nexec node '${program}' "$@"\n`
  const summary = () => readFileSync(`${tools.path}/summary.md`, 'utf8')

  async function runSteps(base: string) {
    tools.write({ 'bin/npx': npx, 'summary.md': '' })
    chmodSync(join(tools.path, 'bin/npx'), 0o755)
    const file = readFileSync(join(repository.path, '.github/workflows/callboard.yml'), 'utf8')
    const steps: readonly Step[] = parse(file).jobs.check.steps
    const values: Readonly<Record<string, string>> = {
      'github.event.pull_request.base.sha': base,
      'github.token': 'secret-token',
    }
    const filled = (text: string) =>
      text.replace(/\$\{\{ (.+?) \}\}/g, (_, name: string) => {
        const value = values[name]
        if (value === undefined) throw new Error(`the workflow asks for ${name}`)
        return value
      })
    const ran: { name: string | undefined; code: number | null; output: string }[] = []
    for (const { name, run, env = {} } of steps) {
      if (run === undefined) continue
      const given = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, filled(value)]))
      const { code, stdout, stderr } = await execute('bash', ['-e', '-c', run], repository.path, {
        PATH: `${tools.path}/bin:${process.env.PATH}`,
        HOME: tools.path,
        RUNNER_TEMP: tools.path,
        GITHUB_STEP_SUMMARY: `${tools.path}/summary.md`,
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: api,
        GITHUB_REPOSITORY: 'team/mocks',
        GITHUB_REF: 'refs/pull/7/merge',
        ...given,
      })
      ran.push({ name, code, output: stdout + stderr })
    }
    return ran
  }

  it('comments what a good change does, and replaces the comment at the next push', async () => {
    await init()
    const base = repository.commit({})
    repository.commit({ 'mocks/more.yaml': mock('more') })
    forge.add('<!-- callboard-plan: . -->\nmine', 'mallory')
    expect((await runSteps(base)).map(({ name, code, output }) => [name, code, output])).toEqual([
      ['Validate', 0, ''],
      ['Plan', 0, ''],
      ['Summary', 0, ''],
      ['Comment', 0, 'created https://forge.test/comments/1001\n'],
    ])
    expect(forge.own()).toEqual([expect.stringContaining('| create | `Mock shop/more` | `mocks/more.yaml:1` |')])
    expect(summary()).toBe(forge.own()[0])
    repository.commit({ 'mocks/yet-more.yaml': mock('yet-more') })
    expect((await runSteps(base)).map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(forge.own()).toEqual([expect.stringContaining('2 to create')])
    expect(forge.comments[0]?.body).toContain('mine')
  })

  it('fails for a bad change, with annotations, and still comments', async () => {
    await init()
    const base = repository.commit({})
    repository.commit({ 'mocks/more.yaml': mock('more').replace('httpMethod', 'httpMetod') })
    const steps = await runSteps(base)
    expect(steps.map(({ code }) => code)).toEqual([1, 1, 0, 0])
    expect(steps[0]?.output).toMatch(/^::error file=mocks\/more\.yaml,line=9,/)
    expect(summary()).toContain('1 error, all of them new')
    expect(forge.own()).toEqual([summary()])
  })

  it('says that there is no plan where none could be computed, in place of the one before', async () => {
    await init()
    const base = repository.commit({})
    await runSteps(base)
    expect((await runSteps('0123456789012345678901234567890123456789')).map(({ code }) => code)).toEqual([0, 4, 0, 0])
    expect(forge.own()).toEqual([
      '<!-- callboard-plan: . -->\n### Callboard plan: could not be computed\n\nThe job says why.\n',
    ])
  })
})
