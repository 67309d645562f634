import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Folder, mock } from './repository.js'
import { runCommand } from './run-command.js'

let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => folder.remove())

describe('help', () => {
  for (const args of [[], ['explain']]) {
    it(`callboard ${args.join(' ')} shows what there is, and is no success`, async () => {
      const { code, stdout, stderr } = await runCommand(args)
      expect([code, stdout]).toEqual([3, ''])
      expect(stderr).toMatch(/^Usage: callboard/)
      expect(stderr).toContain('Commands:')
    })
  }

  for (const args of [['--help'], ['help'], ['plan', '--help'], ['help', 'plan'], ['explain', 'request', '-h']]) {
    it(`callboard ${args.join(' ')} goes to stdout`, async () => {
      const { code, stdout, stderr } = await runCommand(args)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/^Usage: callboard/)
    })
  }

  it('the version is the one of the package', async () => {
    const { code, stdout } = await runCommand(['--version'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
  })
})

describe('wrong usage', () => {
  const cases: readonly { readonly line: string; readonly says: string }[] = [
    { line: 'vaildate', says: '(Did you mean validate?)' },
    { line: 'validate --ouptut json', says: '(Did you mean --output?)' },
    { line: 'validate --output xml', says: 'Allowed choices are text, json, github, gitlab, sarif, junit, markdown.' },
    { line: 'validate a b', says: 'too many arguments' },
    { line: 'plan', says: 'say what to compare with: --base <git ref> or --against <control url>' },
    { line: 'plan --head main', says: 'say what to compare with' },
    { line: 'plan --base main --against localhost:1', says: 'cannot be used with' },
    { line: 'plan --base -x', says: 'give a branch, tag or commit' },
    { line: 'plan --base --output=json', says: 'give a branch, tag or commit' },
    { line: 'plan . --against ftp://localhost', says: 'is not an http or https URL' },
    { line: 'explain request', says: "missing required argument 'METHOD'" },
    { line: 'explain request GET orders', says: 'a path that starts with /' },
    { line: 'explain request GET /orders --header nocolon', says: 'write it as "Name: value"' },
    { line: 'explain events order.failed', says: "unknown command 'events'" },
    { line: 'run --resolver-port 70000', says: 'give a port from 0 to 65535' },
    { line: 'run --control-port x', says: 'give a port from 0 to 65535' },
    { line: 'run --state-dir= .', says: 'stateDir' },
    { line: 'run https://someone:s3cret@example.test/repo.git', says: 'the URL holds credentials' },
    {
      line: 'run git@example.test:team/repo.git',
      says: 'source.auth is without sshKey; give sshKey: {file: …} and knownHosts',
    },
    { line: 'run file:///nowhere --ref=--upload-pack=x', says: 'source.ref branch: "--upload-pack=x" is no name' },
    { line: 'run https://example.test/x --path ../y', says: 'source.path: "../y" is no plain path' },
    { line: 'run . --ref main', says: 'source.ref and source.path: a folder is read as it is' },
    { line: 'run --resolver-port 5790', says: 'resolver and control are both 5790' },
    { line: 'validate --config /nowhere/settings.yaml', says: '/nowhere/settings.yaml: settings cannot be read' },
    { line: 'backup', says: "missing required argument 'file'" },
    { line: 'schema Mok', says: 'did you mean Mock?' },
    { line: 'completion tcsh', says: 'there is one for bash, zsh, fish' },
  ]
  for (const { line, says } of cases) {
    it(`callboard ${line} exits with 3 and says why`, async () => {
      const stateDir = { CALLBOARD_STATE_DIR: `${folder.path}/state` }
      const { code, stdout, stderr } = await runCommand(line.split(' '), { env: stateDir })
      expect([code, stdout]).toEqual([3, ''])
      expect(stderr).toContain(says)
      expect(stderr).not.toContain('s3cret')
      expect(stderr).not.toMatch(/\n {4}at /)
    })
  }

  it('settings that are wrong name their file and line', async () => {
    folder.write({ 'settings.yaml': 'log: {level: info}\nports: {resolvr: 1}\n', 'a.yaml': mock('a') })
    const { code, stderr } = await runCommand(['validate', folder.path, '--config', `${folder.path}/settings.yaml`])
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^error: .*settings\.yaml:2:9: ports\.resolvr is no setting; did you mean "resolver"\?/),
    ])
  })
})

it('a mistake of ours shows where it was made, and one of the system does not', async () => {
  const { code, stderr } = await runCommand(['init', '/dev/null/below'])
  expect([code, stderr]).toEqual([4, expect.stringMatching(/^error: ENOTDIR[^\n]*\n$/)])
})

it('commands that do not listen to Ctrl-C leave it to the system', async () => {
  folder.write({ 'a.yaml': mock('a') })
  const lines = [
    `validate ${folder.path}`,
    `plan ${folder.path} --base main`,
    `explain request GET / --dir ${folder.path}`,
    'schema',
    'completion bash',
  ]
  for (const line of lines) {
    const options = {}
    Object.defineProperty(options, 'signal', {
      get: () => {
        throw new Error(`${line} asked for the signal`)
      },
    })
    expect((await runCommand(line.split(' '), options)).stderr).not.toContain('asked for the signal')
  }
})
