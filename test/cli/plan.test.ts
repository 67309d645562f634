import { execFileSync } from 'node:child_process'
import { chmodSync, symlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectGolden } from '../golden.js'
import { type Files, Folder, mock, Repository } from './repository.js'
import { type RunOptions, runCommand } from './run-command.js'

let repository: Repository
beforeEach(() => {
  repository = new Repository()
})
afterEach(() => repository.remove())

const plan = (args: string, options: RunOptions = {}) =>
  runCommand(['plan', repository.path, ...args.split(' ')], options)
const many = (count: number, rest: Files = {}): Files => ({
  ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`many/m${i}.yaml`, mock(`m${i}`)])),
  ...rest,
})
/** The folder has another name in each run. */
const steady = (text: string) => text.replaceAll(repository.path, '.')

/** A bit of everything. */
function changeAll(): void {
  repository.commit({
    'stays.yaml': mock('stays'),
    'changes.yaml': mock('changes', { spec: '  tags: [a, b]\n' }),
    'goes.yaml': mock('goes', { status: 410 }),
    'moves.yaml': mock('moves', { status: 203 }),
    'renamed.yaml': mock('old-name', { status: 204 }),
    'payload.yaml': mock('payload').replace('payload: {ok: true}', 'payloadTemplatePath: body.txt'),
    'body.txt': 'before',
    'secret.yaml': mock('secret', { spec: webhook('s3cret-before') }),
    'watch.yaml': watch,
  })
  repository.write({
    'changes.yaml': mock('changes', { status: 404, spec: '  tags: [b]\n  priority: 3\n' }),
    'comes.yaml': mock('comes'),
    'goes.yaml': undefined,
    'moves.yaml': mock('moves', { status: 203, namespace: 'other' }),
    'renamed.yaml': mock('new-name', { status: 205 }).replace(
      'metadata:\n',
      'metadata:\n  annotations: {callboard/renamed-from: old-name}\n',
    ),
    'body.txt': 'after',
    'secret.yaml': mock('secret', { spec: webhook('s3cret-after') }),
  })
}

const webhook = (key: string) =>
  `  webhooks:\n    - type: http\n      url: https://example.test/hook\n      sign: {scheme: github, secret: ${key}}\n`

const watch = `apiVersion: callboard/v1
kind: NamespaceWebhook
metadata: {name: watch, namespace: shop}
spec: {operation: [mock.create, mock.update, mock.restore], url: https://example.test/changes}
---
apiVersion: callboard/v1
kind: NamespaceWebhook
metadata: {name: returned, namespace: shop}
spec: {operation: mock.restore, url: https://example.test/changes}
---
apiVersion: callboard/v1
kind: AdminWebhook
metadata: {name: audit}
spec: {operation: user.create, url: https://example.test/changes}
`

describe('plan', () => {
  for (const output of ['text', 'json', 'markdown']) {
    it(`shows what changes as ${output}: fields, moves, files and secrets without their values`, async () => {
      changeAll()
      const { code, stdout, stderr } = await plan(`--base main -o ${output}`)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).not.toContain('s3cret')
      expect(stdout).not.toContain('stays')
      expectGolden(`cli/plan.${output}`, steady(stdout))
    })
  }

  it('shows the same between two commits as from a commit to the folder', async () => {
    changeAll()
    const base = repository.git('rev-parse', 'HEAD')
    const folder = JSON.parse((await plan(`--base ${base} -o json`)).stdout)
    repository.commit({})
    const commits = JSON.parse((await plan(`--base ${base} --head HEAD -o json`)).stdout)
    expect({ ...commits, head: '' }).toEqual({ ...folder, head: '' })
  })

  it('says that nothing changes only when that was found out', async () => {
    repository.commit({ 'a.yaml': mock('a') })
    const clean = await plan('--base main --detailed-exitcode')
    expect([clean.code, clean.stdout]).toEqual([
      0,
      expect.stringContaining('0 to create, 0 to update, 0 to move, 0 to prune, 1 unchanged\n'),
    ])
    expect((await plan('--base main -o markdown')).stdout).toContain('No resource changes.')
    repository.write({ 'a.yaml': mock('a', { status: 201 }) })
    expect((await plan('--base main --detailed-exitcode')).code).toBe(2)
    expect((await plan('--base main')).code).toBe(0)
  })

  it('shows what going back would do', async () => {
    const old = repository.commit({ 'a.yaml': mock('a') })
    repository.commit({ 'a.yaml': mock('a', { status: 201 }), 'b.yaml': mock('b') })
    const { stdout } = await plan(`--base main --head ${old}`)
    expect(stdout).toContain('- prune Mock shop/b')
    expect(stdout).toContain('~ /spec/response/statusCode: 201 → 200')
  })

  it('says where the deletion budget is exceeded, and what lets it through, for a few namespaces', async () => {
    const namespaces = Array.from({ length: 8 }, (_, i) => `n${i}`)
    const full = namespaces.flatMap((namespace) =>
      Array.from({ length: 10 }, (_, i) => [`${namespace}/m${i}.yaml`, mock(`m${i}`, { namespace })] as const),
    )
    repository.commit(Object.fromEntries(full))
    repository.write(
      Object.fromEntries(full.map(([file], i) => [file, i === 0 ? mock('m0', { namespace: 'n0' }) : undefined])),
    )
    const { stdout } = await plan('--base main')
    expect(stdout).toContain('79 of 80 resources would be pruned, at most 40 may be, so it would be held;')
    expect(stdout).toContain('or "Callboard-Allow-Prune: yes" at the end of the message of the commit that merges it\n')
    expect(stdout.match(/^deletion budget:/gm)?.length).toBe(9)
    const shown = (await plan('--base main -o markdown')).stdout
    expect(shown.match(/^> deletion budget:/gm)?.length).toBe(6)
    expect(shown).toContain('> deletion budget: it is exceeded in 4 more namespaces\n')
  })

  it('leaves out what the base has gained since the head left it', async () => {
    repository.commit({ 'a.yaml': mock('a') })
    repository.git('switch', '--quiet', '--create=topic')
    repository.commit({ 'b.yaml': mock('b') })
    repository.git('switch', '--quiet', 'main')
    repository.commit({ 'c.yaml': mock('c') })
    repository.git('switch', '--quiet', 'topic')
    for (const head of ['', ' --head topic']) {
      const { stdout } = await plan(`--base main${head}`)
      expect(stdout).toContain('1 to create, 0 to update, 0 to move, 0 to prune, 1 unchanged')
      expect(stdout).toMatch(/note: main \(\w{7}\) has gone on since \w{7}/)
    }
  })

  it('reads a folder below the top, also one that is new', async () => {
    repository.commit({ 'mocks/a.yaml': mock('a'), 'elsewhere/x.yaml': 'not: [ours' })
    repository.write({ 'mocks/a.yaml': mock('a', { status: 201 }), 'new/b.yaml': mock('b') })
    const known = await runCommand(['plan', `${repository.path}/mocks`, '--base', 'main'])
    expect(known.stdout).toContain('~ update Mock shop/a  (a.yaml:1)')
    const added = await runCommand(['plan', `${repository.path}/new`, '--base', 'main'])
    expect([added.code, added.stdout]).toEqual([0, expect.stringContaining('has no such folder, so everything is new')])
    expect(added.stdout).toContain('+ create Mock shop/b')
  })

  it('reads a commit by the rules of a folder: ignore files, hidden files, links, odd names', async () => {
    const files = {
      '.callboardignore': 'drafts/\n',
      'drafts/a.yaml': 'broken: [',
      '.hidden/a.yaml': 'broken: [',
      'päth with "quotes"\nand more/ü.yaml': mock('odd'),
      'a.yaml': mock('a'),
      'empty.yaml': '',
    }
    repository.write(files)
    symlinkSync('a.yaml', `${repository.path}/link.yaml`)
    symlinkSync('/etc', `${repository.path}/out.yaml`)
    repository.commit({})
    const { code, stdout } = await plan('--base main -o json')
    const report = JSON.parse(stdout)
    expect([code, report.counts]).toEqual([0, { create: 0, update: 0, move: 0, prune: 0, unchanged: 2 }])
    expect(report.problems.new).toEqual([])
  })

  it('does not touch the repository, run its hooks or its filters', async () => {
    repository.commit({ '.gitattributes': '*.yaml filter=evil\n', 'a.yaml': mock('a') })
    repository.write({ '.git/hooks/post-checkout': '#!/bin/sh\ntouch "$0.ran"\n' })
    chmodSync(`${repository.path}/.git/hooks/post-checkout`, 0o755)
    repository.git('config', 'filter.evil.smudge', 'sh -c "touch smudged; cat"')
    const before = execFileSync('find', ['.', '-type', 'f'], { cwd: repository.path, encoding: 'utf8' })
    expect((await plan('--base main')).code).toBe(0)
    expect(execFileSync('find', ['.', '-type', 'f'], { cwd: repository.path, encoding: 'utf8' })).toBe(before)
  })

  it('warns of a deletion that would be held', async () => {
    repository.commit(many(12))
    repository.write(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`many/m${i}.yaml`, undefined])))
    const wanted = 'deletion budget: 8 of 12 resources would be pruned, at most 6 may be'
    expect((await plan('--base main')).stdout).toContain(wanted)
    expect((await plan('--base main -o markdown')).stdout).toContain(`> [!CAUTION]\n> ${wanted}`)
    expect(JSON.parse((await plan('--base main -o json')).stdout).deletionBudget).toEqual([
      { namespace: null, pruned: 8, applied: 12, allowed: 6 },
    ])
  })
})

describe('plan of declarations with errors', () => {
  const broken = mock('b').replace('httpMethod', 'httpMetod')

  for (const output of ['text', 'json', 'markdown']) {
    it(`is no plan but the problems, as ${output}, the new ones told from those the base has`, async () => {
      repository.commit({ 'a.yaml': mock('a'), 'b.yaml': broken })
      repository.write({ 'b.yaml': `# one line further down\n${broken}`, 'c.yaml': mock('c', { status: 99 }) })
      const { code, stdout, stderr } = await plan(`--base main -o ${output} --detailed-exitcode`)
      expect([code, steady(stderr)]).toEqual([
        1,
        'error: no plan: . has errors and would not be applied; callboard validate shows where\n',
      ])
      expectGolden(`cli/plan-errors.${output}`, steady(stdout))
    })
  }

  it('lists new warnings and goes on, unless they are errors', async () => {
    repository.commit({ 'a.yaml': mock('a', { spec: '  useCounter: 3\n' }) })
    repository.write({ 'b.yaml': mock('b', { spec: '  useCounter: 3\n' }) })
    const lax = await plan('--base main')
    expect([lax.code, lax.stdout]).toEqual([0, expect.stringContaining('b.yaml:13:3: new warning: ')])
    expect(lax.stdout).not.toContain('a.yaml:13')
    const strict = await plan('--base main --strict')
    expect([strict.code, strict.stdout]).toEqual([
      1,
      expect.stringContaining('no plan: 2 errors, 1 of them new; nothing of it would be applied'),
    ])
  })

  it('in the base alone are what the plan cannot speak for', async () => {
    repository.commit({ 'a.yaml': mock('a'), 'b.yaml': broken })
    repository.write({ 'b.yaml': undefined })
    const { code, stdout } = await plan('--base main --detailed-exitcode')
    expect([code, stdout]).toEqual([4, expect.stringContaining('and what could not be computed\nnot computed: b.yaml')])
    const markdown = (await plan('--base main -o markdown')).stdout
    expect(markdown).toContain('No changes in what could be computed.')
    repository.write({ 'b.yaml': mock('b') })
    expect((await plan('--base main --detailed-exitcode')).code).toBe(2)
  })

  it('misses a document that is not ours any more', async () => {
    repository.commit({ 'a.yaml': mock('a'), 'b.yaml': mock('b') })
    repository.write({ 'b.yaml': mock('b').replace('apiVersion: callboard/v1\n', '') })
    expect((await plan('--base main')).code).toBe(1)
  })
})

describe('a plan that cannot be made', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder().write({ 'a.yaml': mock('a') })
    repository.commit({ 'a.yaml': mock('a'), 'sub/a.txt': '' })
  })
  afterEach(() => folder.remove())

  const cases = [
    { name: 'no repository', dir: () => folder.path, args: '--base main', says: 'is in no git repository' },
    { name: 'no folder', dir: () => `${folder.path}/none`, args: '--base main', says: 'there is no folder' },
    { name: 'a file', dir: () => `${repository.path}/a.yaml`, args: '--base main', says: 'is a file' },
    {
      name: 'an unknown base',
      dir: () => repository.path,
      args: '--base nowhere',
      says: '"nowhere" is no commit, branch or tag',
    },
    {
      name: 'an unknown head',
      dir: () => repository.path,
      args: '--base main --head gone',
      says: '"gone" is no commit',
    },
    { name: 'a base that is a file', dir: () => repository.path, args: '--base HEAD:a.yaml', says: 'is no commit' },
    { name: 'nothing to merge', dir: () => `${repository.path}/sub`, args: '--base main', says: 'holds no documents' },
    { name: 'nobody to ask', dir: () => folder.path, args: '--against localhost:1', says: 'nothing listens' },
  ]
  for (const { name, dir, args, says } of cases) {
    it(`${name} exits with 4 and prints no plan`, async () => {
      const { code, stdout, stderr } = await runCommand(['plan', dir(), ...args.split(' '), '--detailed-exitcode'])
      expect([code, stdout]).toEqual([4, ''])
      expect(stderr).toMatch(/^error: no plan could be made: /)
      expect(stderr).toContain(says)
    })
  }

  it('a shallow clone says how to get what is missing', async () => {
    repository.commit({ 'b.yaml': mock('b') })
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.path}`, `${folder.path}/clone`)
    const { code, stderr } = await runCommand(['plan', `${folder.path}/clone`, '--base', 'HEAD~1'])
    expect([code, stderr]).toEqual([4, expect.stringContaining('fetch-depth: 0')])
  })
})

it('markdown stays below the size of a comment, and says what is missing', async () => {
  repository.commit({ 'keep.yaml': mock('keep') })
  repository.write(many(900))
  const { stdout } = await plan('--base main -o markdown')
  expect(stdout.length).toBeLessThan(65_536)
  expect(stdout).toMatch(/^<!-- callboard-plan: . -->\n### Callboard plan: 900 to create/)
  expect(stdout).toMatch(/_Cut here: \d+ more changes\. `--output json` has all of it\._/)
})

it('nothing declared can break out of the markdown, or steer a terminal', async () => {
  repository.commit({ 'a.yaml': mock('a', { spec: '  tags: ["x"]\n' }) })
  repository.write({
    'a.yaml': mock('a', { spec: '  tags: ["```\\n</details>\\n@everyone \\e[2J | `x`"]\n' }),
    'we`ird|<b>\u001b[31m.yaml': mock('c'),
  })
  const { stdout } = await plan('--base main -o markdown')
  expect(stdout).not.toContain('\u001b')
  expect(stdout).toContain('````diff\n~ /spec/tags/0: "x" → "```')
  expect((await plan('--base main')).stdout).not.toContain('\u001b')
})
