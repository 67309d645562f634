import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { version } from '../../src/version.js'
import { startController } from './controller.js'
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

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
}

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

describe('the workflow that init writes', () => {
  /** Commands that answer for what is not on this machine: npx runs the program built here, gh notes what it is told. */
  const bin = (comments: string) => ({
    'bin/npx': `#!/bin/sh\n[ "$1 $2" = "--yes callboard@${version}" ] || exit 90\nshift 2\nexec node '${program}' "$@"\n`,
    'bin/gh': `#!/bin/sh\necho "$@" >> '${tools.path}/gh.log'\ncase "$*" in *--paginate*) cat '${tools.path}/comments' ;; esac\n`,
    comments,
  })

  function runSteps(
    base: string,
    comments = '',
  ): { name: string | undefined; status: number | null; output: string }[] {
    tools.write(bin(comments))
    spawnSync('chmod', ['-R', '+x', `${tools.path}/bin`])
    const file = readFileSync(join(repository.path, '.github/workflows/callboard.yml'), 'utf8')
    const steps: readonly Step[] = parse(file).jobs.check.steps
    const values: Readonly<Record<string, string>> = {
      'github.event.pull_request.base.sha': base,
      'github.token': 'token',
      'github.repository': 'team/mocks',
      'github.event.pull_request.number': '7',
    }
    const filled = (text: string) =>
      text.replace(/\$\{\{ (.+?) \}\}/g, (_, name: string) => {
        const value = values[name]
        if (value === undefined) throw new Error(`the workflow asks for ${name}`)
        return value
      })
    return steps.flatMap(({ name, run, env = {} }) => {
      if (run === undefined) return []
      const given = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, filled(value)]))
      const path = `${tools.path}/bin:${process.env.PATH}`
      const summary = `${tools.path}/summary.md`
      const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', run], {
        cwd: repository.path,
        env: { ...process.env, PATH: path, RUNNER_TEMP: tools.path, GITHUB_STEP_SUMMARY: summary, ...given },
        encoding: 'utf8',
      })
      return [{ name, status, output: stdout + stderr }]
    })
  }

  it('passes and comments what a good change does', async () => {
    await init()
    const base = repository.commit({})
    repository.commit({ 'mocks/more.yaml': mock('more') })
    const steps = runSteps(base)
    expect(steps.map(({ name, status, output }) => [name, status, output])).toEqual([
      ['Validate', 0, ''],
      ['Plan', 0, ''],
      ['Summary', 0, ''],
      ['Comment', 0, ''],
    ])
    const summary = readFileSync(`${tools.path}/summary.md`, 'utf8')
    expect(summary).toContain('| create | `Mock shop/more` | `mocks/more.yaml:1` |')
    const said = readFileSync(`${tools.path}/gh.log`, 'utf8')
    expect(said).toContain(`--method POST repos/team/mocks/issues/7/comments --field body=@${tools.path}/plan.md`)
  })

  it('fails for a bad change, with annotations, and still comments', async () => {
    await init()
    const base = repository.commit({})
    repository.commit({ 'mocks/more.yaml': mock('more').replace('httpMethod', 'httpMetod') })
    const steps = runSteps(base)
    expect(steps.map(({ status }) => status)).toEqual([1, 1, 0, 0])
    expect(steps[0]?.output).toMatch(/^::error file=mocks\/more\.yaml,line=9,/)
    expect(readFileSync(`${tools.path}/summary.md`, 'utf8')).toContain('1 error, all of them new')
  })

  it('replaces the comment of an earlier run, found by its mark', async () => {
    await init()
    const base = repository.commit({})
    expect(runSteps(base, '4711\n').map(({ status }) => status)).toEqual([0, 0, 0, 0])
    const said = readFileSync(`${tools.path}/gh.log`, 'utf8')
    expect(said).toContain('startswith("<!-- callboard-plan: . -->")')
    expect(said).toContain('--method PATCH repos/team/mocks/issues/comments/4711')
    expect(readFileSync(`${tools.path}/plan.md`, 'utf8')).toMatch(/^<!-- callboard-plan: . -->\n/)
  })
})
