import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formats } from '../../src/resources/formats/index.js'
import { expectGolden } from '../golden.js'
import { Folder, mock, Repository } from './repository.js'
import { runCommand } from './run-command.js'

let repository: Repository
let folder: Folder
beforeEach(() => {
  repository = new Repository()
  folder = new Folder()
})
afterEach(() => {
  repository.remove()
  folder.remove()
})

const broken = mock('a').replace('httpMethod: GET', 'httpMetod: GET')

describe('validate', () => {
  it('finds nothing in what is right', async () => {
    folder.write({ 'a.yaml': mock('a') })
    expect(await runCommand(['validate', folder.path])).toEqual({
      code: 0,
      stdout: '0 errors in 1 document of 1 file\n',
      stderr: '',
    })
  })

  for (const output of formats.keys()) {
    it(`shows problems as ${output}, on stdout alone`, async () => {
      repository.write({ 'config/mocks/a.yaml': broken, 'config/b.yaml': mock('b', { status: 999 }) })
      const { code, stdout, stderr } = await runCommand(['validate', `${repository.path}/config`, '-o', output])
      expect([code, stderr]).toEqual([1, ''])
      expectGolden(`cli/validate.${output}`, stdout.replace(/"version": "\d[^"]*"/, '"version": "0.0.0"'))
    })
  }

  it('takes a file that is too long for an error when it may hold what is ours', async () => {
    const long = `# ${'x'.repeat(2000)}\n`
    folder.write({
      'a.yaml': mock('a'),
      'ours.yaml': `${long}${mock('b')}`,
      'other.yaml': `${long}kind: Other\n`,
      's.txt': '',
    })
    const config = new Folder()
    config.write({ 's.yaml': 'limits: {fileBytes: 1024}' })
    const { code, stdout } = await runCommand(['validate', folder.path, '--config', `${config.path}/s.yaml`])
    config.remove()
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ours\.yaml:1:1: error: this file has \d+ bytes, more than 1024 \[file-too-large\]/m)
    expect(stdout).toMatch(/^other\.yaml:1:1: warning: this file has \d+ bytes, more than 1024/m)
  })

  it('names files from the top of the repository, wherever it is run', async () => {
    repository.write({ 'deep/er/mocks/a.yaml': broken })
    for (const dir of ['deep/er', 'deep/er/mocks', '.']) {
      const { stdout } = await runCommand(['validate', `${repository.path}/${dir}`, '-o', 'github'])
      expect(stdout).toMatch(/^::error file=deep\/er\/mocks\/a\.yaml,line=9,/)
    }
  })

  it('makes errors of warnings with --strict', async () => {
    folder.write({ 'a.yaml': mock('a', { spec: '  useCounter: 3\n' }) })
    const lax = await runCommand(['validate', folder.path])
    expect([lax.code, lax.stdout]).toEqual([0, expect.stringContaining('1 warning in')])
    const strict = await runCommand(['validate', folder.path, '--strict'])
    expect([strict.code, strict.stdout]).toEqual([1, expect.stringContaining('1 error in')])
  })

  it('uses colours on a terminal, unless NO_COLOR says otherwise or it is a dumb one', async () => {
    folder.write({ 'a.yaml': broken })
    const coloured = async (isTerminal: boolean, env = {}) =>
      (await runCommand(['validate', folder.path], { isTerminal, env })).stdout.includes('\u001b[')
    expect(await coloured(true)).toBe(true)
    expect(await coloured(false)).toBe(false)
    expect(await coloured(true, { NO_COLOR: '1' })).toBe(false)
    expect(await coloured(true, { NO_COLOR: '' })).toBe(true)
    expect(await coloured(true, { TERM: 'dumb' })).toBe(false)
  })

  it('gives the same answer for a folder and its path with a slash or through a link', async () => {
    folder.write({ 'mocks/a.yaml': broken })
    spawnSync('ln', ['-s', 'mocks', `${folder.path}/link`])
    const want = await runCommand(['validate', `${folder.path}/mocks`])
    expect(await runCommand(['validate', `${folder.path}/mocks/`])).toEqual(want)
    expect(await runCommand(['validate', `${folder.path}/link`])).toEqual(want)
  })

  const nothing = [
    { name: 'a folder that is not there', path: 'none', says: 'there is no folder' },
    { name: 'a file', path: 'package.json', says: 'is a file; give the folder it is in' },
    { name: 'a path below a file', path: 'package.json/x', says: 'there is no folder' },
    { name: 'a folder without documents', path: 'empty', says: 'nothing was checked' },
    { name: 'a folder with nothing of ours', path: '.', says: 'nothing was checked' },
  ]
  for (const { name, path, says } of nothing) {
    it(`${name} is not found clean`, async () => {
      folder.write({ 'package.json': '{}', 'empty/readme.txt': '' })
      const { code, stderr } = await runCommand(['validate', `${folder.path}/${path}`])
      expect([code, stderr]).toEqual([4, expect.stringContaining(says)])
    })
  }

  it('shows progress on a terminal, on stderr, and wipes it', async () => {
    folder.write(Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`m${i}.yaml`, mock(`m${i}`)])))
    const args = ['validate', folder.path]
    const terminal = await runCommand(args, { isTerminal: false, isErrorTerminal: true })
    expect(terminal.stderr).toMatch(/Kparsing \d+ of 1500/)
    expect(terminal.stderr.endsWith('\r\u001b[K')).toBe(true)
    expect(terminal.stdout).toBe('0 errors in 1500 documents of 1500 files\n')
    expect((await runCommand(args, { isTerminal: true, isErrorTerminal: false })).stderr).toBe('')
  })
})
