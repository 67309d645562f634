import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findCommand } from './service-process.js'
import { describeWith, ownKafka, ownRabbitmq } from './services.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** A run of the tests of the shared brokers, on a machine where nothing is installed but Node.js and these commands. */
async function runWith(commands: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const bin = mkdtempSync(join(tmpdir(), 'callboard-bin-'))
  onTestFinished(() => rmSync(bin, { recursive: true, force: true }))
  symlinkSync(process.execPath, join(bin, 'node'))
  for (const command of commands) symlinkSync(findCommand(command) ?? '', join(bin, command))
  const { CALLBOARD_TEST_REQUIRE_ALL, CALLBOARD_TEST_KAFKA, CALLBOARD_TEST_RABBITMQ, ...rest } = process.env
  const args = [vitest, 'run', '--config', 'config/vitest.config.ts', 'test/services/services.test.ts']
  const options = { cwd: root, env: { ...rest, NO_COLOR: '1', ...env, PATH: bin } }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options)
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, output: stdout + stderr }
  }
}

describe('a machine without brokers', () => {
  it('skips what needs them and says so once, with what to do', async () => {
    const { code, output } = await runWith([], {})
    expect(code).toBe(0)
    expect(output).toContain('2 skipped')
    const [, told] = output.split('Skipped for want of what they need:\n')
    expect(told?.trimEnd().split('\n').sort()).toEqual(
      [
        expect.stringMatching(
          /^ {2}test\/services\/services.test.ts: there is no java .*; test\/services\/install installs it$/,
        ),
        expect.stringMatching(
          /^ {2}test\/services\/services.test.ts: there is no .*epmd .*; test\/services\/install installs it$/,
        ),
      ].reverse(),
    )
  })

  it('fails when nothing may be skipped', async () => {
    const { code, output } = await runWith([], { CALLBOARD_TEST_REQUIRE_ALL: '1' })
    expect(code).toBe(1)
    expect(output).toContain('2 failed')
    expect(output).toContain('there is no java and no openssl command')
    expect(output).toContain('test/services/install installs it')
  })
})

describe('the test against a Gitea', () => {
  it.each([
    ['no part of a run that was given none', undefined, ''],
    ['run where one is named', '/opt/gitea', 'test/e2e/gitea.test.ts'],
  ])('is %s', async (_, named, listed) => {
    const { CALLBOARD_TEST_GITEA, ...env } = process.env
    const args = [vitest, 'list', '--filesOnly', '--config', 'config/vitest.config.ts', 'test/e2e/gitea']
    const given = named === undefined ? env : { ...env, CALLBOARD_TEST_GITEA: named }
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env: given })
    expect(stdout.trim()).toBe(listed)
  })

  it('fails where what is named is not there', async () => {
    const args = [vitest, 'run', '--config', 'config/vitest.config.ts', 'test/e2e/gitea']
    const env = { ...process.env, NO_COLOR: '1', CALLBOARD_TEST_GITEA: '/nowhere/gitea' }
    const ran = promisify(execFile)(process.execPath, args, { cwd: root, env })
    await expect(ran).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('CALLBOARD_TEST_GITEA names no program: /nowhere/gitea'),
    })
  })
})

describeWith(['own kafka', 'own rabbitmq', 'kcat'], 'a machine that is told of brokers', () => {
  it('uses these', async () => {
    const [{ plaintext }, { url }] = await Promise.all([ownKafka(), ownRabbitmq()])
    const { code, output } = await runWith(['kcat'], {
      CALLBOARD_TEST_REQUIRE_ALL: '1',
      CALLBOARD_TEST_KAFKA: plaintext,
      CALLBOARD_TEST_RABBITMQ: url,
    })
    expect(output).toContain('2 passed')
    expect(code).toBe(0)
  }, 60_000)
})
