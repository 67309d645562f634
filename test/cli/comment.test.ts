import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeForge } from './fake-forge.js'
import { Folder } from './repository.js'
import { runCommand } from './run-command.js'

let folder: Folder
let forge: FakeForge
let job: Record<string, string>
beforeEach(async () => {
  folder = new Folder().write({ 'plan.md': '<!-- callboard-plan: mocks -->\n### A plan\n' })
  forge = new FakeForge()
  job = {
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: await forge.listen(),
    GITHUB_REPOSITORY: 'team/mocks',
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_TOKEN: 'secret-token',
  }
})
afterEach(async () => {
  folder.remove()
  await forge.close()
})

const comment = (env: Readonly<Record<string, string>> = job, ...args: string[]) =>
  runCommand(['comment', `${folder.path}/plan.md`, ...args], { env })

describe('comment', () => {
  it('knows its pull request from the job, and says what it has done', async () => {
    expect(await comment()).toEqual({ code: 0, stdout: '', stderr: 'created https://forge.test/comments/1000\n' })
    expect((await comment()).stderr).toBe('updated https://forge.test/comments/1000\n')
    expect(forge.own()).toEqual(['<!-- callboard-plan: mocks -->\n### A plan\n'])
  })

  it('edits what the user of the token has written, and not what other users or bots have', async () => {
    forge.isUserKnown = true
    forge.add('<!-- callboard-plan: mocks -->\nof a bot', 'other-bot', true)
    const own = forge.add('<!-- callboard-plan: mocks -->\nold', 'job')
    expect((await comment()).stderr).toContain(`updated https://forge.test/comments/${own.id}`)
    expect(forge.comments[0]?.body).toContain('of a bot')
  })

  it('tries again where nothing was written, and waits as long as it is told to', async () => {
    forge.failures.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } })
    expect((await comment()).code).toBe(0)
    expect(forge.own().length).toBe(1)
  })

  it('does not write twice what may have been written', async () => {
    forge.isPostFailing = true
    const { code, stderr } = await comment()
    expect([code, stderr]).toEqual([
      4,
      expect.stringContaining(
        'error: nothing was commented: POST /repos/team/mocks/issues/7/comments was answered 502',
      ),
    ])
    expect(forge.asked.filter(({ method }) => method === 'POST').length).toBe(1)
  })

  it('never shows the token', async () => {
    const { code, stderr } = await comment({ ...job, GITHUB_TOKEN: 'wrong-token' })
    expect([code, stderr]).toEqual([4, expect.stringContaining('401; may the token write comments?')])
    expect(stderr).not.toContain('wrong-token')
  })

  it.each<[string, Record<string, string | undefined>, string[], string]>([
    ['no job', { GITHUB_ACTIONS: undefined }, [], 'no job of a forge that is known'],
    ['no pull request', { GITHUB_REF: 'refs/heads/main' }, [], '--number <number>'],
    ['no repository', { GITHUB_REPOSITORY: undefined }, [], '--repository <name>'],
    ['no token', { GITHUB_TOKEN: '' }, [], 'GITHUB_TOKEN or GH_TOKEN'],
    ['no API', {}, ['--forge', 'gitlab'], '--api <url>'],
    ['no number', {}, ['--number', '7/../8'], 'give the number'],
  ])('%s is wrong usage', async (_what, env, args, says) => {
    const given = Object.fromEntries(
      Object.entries({ ...job, ...env }).filter((pair): pair is [string, string] => pair[1] !== undefined),
    )
    const { code, stderr } = await comment(given, ...args)
    expect([code, stderr]).toEqual([3, expect.stringContaining(says)])
    expect(forge.asked).toEqual([])
  })

  it.each([
    ['is no plan', '### A plan\n', 'its first line is not <!-- callboard-plan'],
    ['is too long', `<!-- callboard-plan: x -->\n${'x'.repeat(70_000)}`, 'a comment may have 65536'],
  ])('a file that %s is not sent', async (_what, text, says) => {
    folder.write({ 'plan.md': text })
    const { code, stderr } = await comment()
    expect([code, stderr, forge.asked]).toEqual([3, expect.stringContaining(says), []])
  })

  it('a forge that cannot be reached is an error', async () => {
    const { code, stderr } = await comment({ ...job, GITHUB_API_URL: 'http://127.0.0.1:1' })
    expect([code, stderr]).toEqual([4, expect.stringContaining('http://127.0.0.1:1 cannot be reached')])
  })
})
