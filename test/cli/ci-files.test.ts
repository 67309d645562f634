import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { version } from '../../src/version.js'
import { execute, readAction, runAction } from './action-runner.js'
import { FakeForge } from './fake-forge.js'
import { Folder, mock, Repository } from './repository.js'

// Each runs the program a few times, on machines that do other things as well.
const timeout = 120_000

const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))
const action = readAction('config/ci/action.yml')
const gitlab: {
  readonly callboard: {
    readonly variables: Readonly<Record<string, string>>
    readonly script: readonly string[]
    readonly artifacts: { readonly paths: readonly string[]; readonly reports: Readonly<Record<string, string>> }
  }
} = parse(readFileSync('config/ci/gitlab.yml', 'utf8'))

let repository: Repository
let tools: Folder
let forge: FakeForge
let api: string
beforeEach(async () => {
  repository = new Repository()
  tools = new Folder()
  forge = new FakeForge()
  api = await forge.listen()
})
afterEach(async () => {
  repository.remove()
  tools.remove()
  await forge.close()
})

/** What jobs have, and nothing of the machine's that would say where they are. */
const surroundings = () => ({
  PATH: process.env.PATH,
  HOME: tools.path,
  PLAN_COMMAND: `${process.execPath} ${program}`,
})

const broken = (name: string) => mock(name).replace('httpMethod', 'httpMetod')

describe('the action for GitHub', { timeout }, () => {
  const event = (base: string) => ({
    pull_request: { number: 7, base: { sha: base }, head: { repo: { full_name: 'team/mocks' } } },
  })
  const run = (base: string, inputs: Readonly<Record<string, string>> = {}, github: object = { event: event(base) }) =>
    runAction(action, {
      workspace: repository.path,
      temp: join(tools.path, 'temp'),
      inputs,
      github: { token: 'secret-token', repository: 'team/mocks', ...github },
      env: { ...surroundings(), GITHUB_ACTIONS: 'true', GITHUB_API_URL: api, GITHUB_REPOSITORY: 'team/mocks' },
    })
  const codes = ({ steps }: Awaited<ReturnType<typeof run>>) => steps.map(({ name, code }) => [name, code])
  const passed = ['Validate', 'Plan', 'Comment', 'Verdict'].map((name) => [name, 0])

  it('comments what a change does, and replaces the comment at the next push', async () => {
    const base = repository.commit({ 'mocks/a.yaml': mock('a') })
    repository.commit({ 'mocks/b.yaml': mock('b') })
    const first = await run(base, { dir: 'mocks' })
    expect(codes(first)).toEqual(passed)
    expect(first.outputs).toMatchObject({ valid: 'true', changes: 'true' })
    expect(JSON.parse(readFileSync(first.outputs.json ?? '', 'utf8')).counts).toMatchObject({ create: 1, unchanged: 1 })
    expect(forge.own()).toEqual([expect.stringContaining('| create | `Mock shop/b` | `b.yaml:1` |')])
    expect(forge.own()[0]).toMatch(/^<!-- callboard-plan: mocks -->\n/)
    expect(first.summary).toBe(forge.own()[0])

    repository.commit({ 'mocks/c.yaml': mock('c') })
    expect(codes(await run(base, { dir: 'mocks' }))).toEqual(passed)
    expect(forge.own()).toEqual([expect.stringContaining('2 to create')])
    expect(forge.asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST', 'GET', 'GET', 'PATCH'])
  })

  it('keeps a comment for each plan, and away from what others have written', async () => {
    const base = repository.commit({ 'one/a.yaml': mock('a'), 'two/a.yaml': mock('a') })
    for (let at = 0; at < 130; at += 1) forge.add(`comment ${at}`, 'ann')
    forge.add('<!-- callboard-plan: one -->\nmine', 'mallory')
    await run(base, { dir: 'one' })
    await run(base, { dir: 'two' })
    await run(base, { dir: 'two', id: 'other' })
    await run(base, { dir: 'one' })
    const marks = forge.own().map((body) => body.split('\n')[0])
    expect(marks).toEqual(['one', 'two', 'other'].map((id) => `<!-- callboard-plan: ${id} -->`))
    expect(forge.comments[130]?.body).toContain('mine')
  })

  it('fails for errors, with annotations in the files, and still comments', async () => {
    const base = repository.commit({ 'mocks/a.yaml': mock('a') })
    repository.commit({ 'mocks/b.yaml': broken('b') })
    const ran = await run(base, { dir: 'mocks' })
    expect(codes(ran)).toEqual([...passed.slice(0, 3), ['Verdict', 1]])
    expect(ran.steps[0]?.stdout).toMatch(/^::error file=mocks\/b\.yaml,line=9,/)
    expect(ran.outputs).toMatchObject({ valid: 'false', changes: '' })
    expect(forge.own()).toEqual([expect.stringContaining('1 error, all of them new')])
    expect(codes(await run(base, { dir: 'mocks', 'fail-on': 'never' }))).toEqual(passed)
  })

  it('fails for warnings when it is strict', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    repository.commit({ 'b.yaml': mock('b', { spec: '  useCounter: 3\n' }) })
    expect(codes(await run(base))).toEqual(passed)
    expect(codes(await run(base, { strict: 'true' })).at(-1)).toEqual(['Verdict', 1])
  })

  it('says that there is no plan where none could be computed, in place of the one before', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    await run(base)
    const ran = await run('0123456789012345678901234567890123456789')
    expect(codes(ran)).toEqual([...passed.slice(0, 3), ['Verdict', 4]])
    expect(ran.outputs.changes).toBe('')
    expect(forge.own()).toEqual([
      expect.stringMatching(/could not be computed\n\n```text\nerror: no plan could be made/),
    ])
  })

  it('fails when the comment cannot be written', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    const ran = await run(base, { token: 'another' })
    expect(codes(ran).at(-1)).toEqual(['Comment', 4])
    expect(ran.steps.at(-1)?.stderr).toContain('error: nothing was commented: GET /user was answered 401')
  })

  it('writes no comment for forks, for pushes, and where none is wanted', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    repository.commit({ 'b.yaml': mock('b') })
    const fork = { pull_request: { ...event(base).pull_request, head: { repo: { full_name: 'mallory/mocks' } } } }
    const without = passed.filter(([name]) => name !== 'Comment')
    expect(codes(await run(base, {}, { event: fork }))).toEqual(without)
    expect(codes(await run(base, { comment: 'false' }))).toEqual(without)
    const push = await run(base, {}, { event: { before: base } })
    expect([codes(push), push.outputs.changes]).toEqual([without, 'true'])
    expect(push.summary).toContain('1 to create')
    expect(forge.asked).toEqual([])
  })

  const hostile = '$(touch owned)`touch owned`"; touch owned; \'\n--help'
  it('runs nothing of a hostile branch or input', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    const names = ['dir', 'id', 'config', 'fail-on', 'strict']
    await run(base, Object.fromEntries(names.map((name) => [name, hostile])))
    await run(hostile)
    expect(existsSync(join(repository.path, 'owned'))).toBe(false)
    expect(forge.own().length).toBe(2)
    for (const body of forge.own()) expect(body).toMatch(/^<!-- callboard-plan: [\w./-]+ -->\n/)
  })

  it('fills no expression into a script', () => {
    for (const { run: script = '' } of action.runs.steps) expect(script).not.toContain('${{')
  })

  it('runs the version that it belongs to', () => {
    expect([action.inputs.version?.default, gitlab.callboard.variables.PLAN_VERSION]).toEqual([version, version])
  })
})

describe('the include for GitLab', { timeout }, () => {
  const { callboard } = gitlab
  const run = (base: string, more: Readonly<Record<string, string>> = {}) =>
    execute('sh', ['-e', '-c', callboard.script.join('\n')], repository.path, {
      ...surroundings(),
      ...callboard.variables,
      GITLAB_CI: 'true',
      CI_API_V4_URL: `${api}/api/v4`,
      CI_PROJECT_ID: '42',
      CI_MERGE_REQUEST_IID: '7',
      CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
      GITLAB_TOKEN: 'secret-token',
      ...more,
    })
  const artifact = (path: string) => readFileSync(join(repository.path, path), 'utf8')

  it('writes a note, replaces it at the next push, and leaves its reports', async () => {
    const base = repository.commit({ 'mocks/a.yaml': mock('a') })
    repository.commit({ 'mocks/b.yaml': mock('b', { spec: '  useCounter: 3\n' }) })
    expect(await run(base, { PLAN_DIR: 'mocks' })).toMatchObject({ code: 0 })
    expect(forge.own()).toEqual([expect.stringMatching(/^<!-- callboard-plan: mocks -->\n### .*1 to create/)])
    repository.commit({ 'mocks/c.yaml': mock('c') })
    expect(await run(base, { PLAN_DIR: 'mocks' })).toMatchObject({ code: 0 })
    expect(forge.own()).toEqual([expect.stringContaining('2 to create')])
    const { paths, reports } = callboard.artifacts
    expect(paths.map(artifact)).toEqual([forge.own()[0], expect.stringContaining('"create": 2')])
    expect(artifact(reports.junit ?? '')).toContain('<testsuites name="callboard validate"')
    expect(JSON.parse(artifact(reports.codequality ?? ''))).toEqual([
      expect.objectContaining({ severity: 'minor', location: { path: 'mocks/b.yaml', lines: { begin: 13 } } }),
    ])
  })

  it('reads nothing that an earlier run has left', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    await run(base)
    const { code, stdout } = await run(base, { PLAN_STRICT: 'true' })
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 errors in 1 document of 1 file')])
  })

  it('fails for errors and still writes the note', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    repository.commit({ 'b.yaml': broken('b') })
    expect((await run(base)).code).toBe(1)
    expect(forge.own()).toEqual([expect.stringContaining('1 error, all of them new')])
    expect((await run(base, { PLAN_FAIL_ON: 'never' })).code).toBe(0)
    expect((await run(base, { PLAN_FAIL_ON: 'sometimes' })).code).toBe(3)
  })

  it('says where the plan is when it has no token', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    const { code, stderr } = await run(base, { GITLAB_TOKEN: '' })
    expect([code, stderr]).toEqual([0, expect.stringContaining('no GITLAB_TOKEN')])
    expect(artifact('.callboard-ci/plan.md')).toContain('No resource changes.')
  })

  it('fails, and says so in the note, when the clone is too shallow', async () => {
    repository.commit({ 'a.yaml': mock('a') })
    const base = repository.git('rev-parse', 'HEAD')
    repository.commit({ 'b.yaml': mock('b') })
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.path}`, `${tools.path}/clone`)
    const full = repository
    repository = Object.assign(Object.create(Object.getPrototypeOf(full)), { path: `${tools.path}/clone` })
    const { code } = await run(base)
    repository = full
    expect([code, forge.own()]).toEqual([4, [expect.stringContaining('fetch-depth: 0')]])
  })

  it('runs nothing of a hostile branch or folder', async () => {
    const base = repository.commit({ 'a.yaml': mock('a') })
    const hostile = '$(touch owned)`touch owned`"; touch owned; \'\n--help'
    await run(base, { PLAN_DIR: hostile, PLAN_ID: hostile, PLAN_CONFIG: hostile })
    await run(hostile, { PLAN_STRICT: hostile })
    expect(existsSync(join(repository.path, 'owned'))).toBe(false)
  })
})
