import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Folder, mock } from './repository.js'
import { runCommand } from './run-command.js'

let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => folder.remove())

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/sops/${name}`, import.meta.url), 'utf8')

describe('validate without a key', () => {
  it('says what it could not decrypt, and that is no error', async () => {
    folder.write({ 'channel.yaml': fixture('channel.enc.yaml'), 'mock.yaml': mock('a') })
    const { code, stdout } = await runCommand(['validate', folder.path])
    expect(stdout).toContain('there is no age key here')
    expect(stdout).toContain('1 warning in 2 documents of 2 files')
    expect(code).toBe(0)
  })

  it('decrypts with the variables of sops', async () => {
    folder.write({ 'channel.yaml': fixture('channel.enc.yaml') })
    const env = { SOPS_AGE_KEY: fixture('test-key.txt') }
    expect(await runCommand(['validate', folder.path, '--strict'], { env })).toMatchObject({
      code: 0,
      stdout: '0 errors in 1 document of 1 file\n',
    })
  })

  it('decrypts with the key that settings name', async () => {
    folder.write({ 'd/channel.yaml': fixture('channel.enc.yaml'), 'key.txt': fixture('test-key.txt') })
    folder.write({ 'settings.yaml': `secrets: {age: {file: ${folder.path}/key.txt}}\n` })
    const { code } = await runCommand([
      'validate',
      `${folder.path}/d`,
      '--strict',
      '--config',
      `${folder.path}/settings.yaml`,
    ])
    expect(code).toBe(0)
  })
})

describe('validate with settings', () => {
  it('reports what secrets they hold as they are, and shows none', async () => {
    folder.write({ 'd/a.yaml': mock('a') })
    folder.write({ 'settings.yaml': 'tokens:\n  operate: hunter2\nsmtp: {username: a, password: hunter3}\n' })
    const { code, stderr } = await runCommand([
      'validate',
      `${folder.path}/d`,
      '--config',
      `${folder.path}/settings.yaml`,
    ])
    expect(code).toBe(0)
    expect(stderr).toMatch(
      /warning: \S+settings\.yaml:2:3: tokens\.operate holds a secret as literal text: leave it out, and set CALLBOARD_TOKENS_OPERATE instead/,
    )
    expect(stderr).toContain('CALLBOARD_SMTP_PASSWORD')
    expect(stderr).not.toContain('hunter')
  })
})
