// A real Git host: what is pushed to Gitea reaches us by its own webhook, and what became of it shows there. A run has this
// file only where CALLBOARD_TEST_GITEA names a Gitea (config/vitest.config.ts): elsewhere it is no skip.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Gitea } from '../services/gitea.js'
import { Repository } from '../source/git/repository.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { Folder, mock, plain } from './folder.js'
import { Running } from './running.js'

const secret = 's3cret-of-the-hook'

interface Status {
  readonly id: number
  readonly status: string
  readonly context: string
  readonly description: string
  readonly target_url: string
}

/** Asks Gitea's API. */
async function api<Answer>({ addresses: { url, token } }: Gitea, path: string, body?: unknown): Promise<Answer> {
  const reply = await ask(`${url}/api/v1${path}`, {
    ...(body !== undefined && { body }),
    headers: { authorization: `token ${token}` },
  })
  if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${reply.text}`)
  return reply.json as Answer
}

describe('Gitea', () => {
  it('tells of a push by its webhook, and shows what became of the commit', async () => {
    const gitea = await Gitea.start()
    onTestFinished(() => gitea.close())
    const { url, username, token } = gitea.addresses
    await api(gitea, '/user/repos', { name: 'config', private: true, default_branch: 'main' })
    const repository = new Repository()
    const credentials = `http://${username}:${token}@${new URL(url).host}`
    repository.git('remote', 'set-url', 'origin', `${credentials}/${username}/config.git`)
    const first = repository.push({ 'a.yaml': plain('a', 1) }, 'Answer one')

    const folder = new Folder()
    const file = (name: string, text: string) => {
      const path = join(folder.base, name)
      writeFileSync(path, text)
      return { file: path }
    }
    const { host } = new URL(url)
    const running = await Running.start(folder, {
      source: {
        url: `${url}/${username}/config.git`,
        interval: 86_400,
        auth: { username, password: file('password', token) },
      },
      receivers: [{ name: 'gitea', type: 'gitea', secret: file('secret', secret) }],
      commitStatus: { type: 'gitea', token: file('token', token), targetUrl: 'https://callboard.example/{commit}' },
      network: { allow: [host], allowGit: [host] },
    })
    expect((await running.ask('/a')).text).toBe('1')

    const hooks = `/repos/${username}/config/hooks`
    const config = { url: `${running.control}/api/v1/hooks/gitea`, content_type: 'json', secret }
    const { id } = await api<{ id: number }>(gitea, hooks, { type: 'gitea', active: true, events: ['push'], config })
    const statusesOf = (commit: string) =>
      api<Status[]>(gitea, `/repos/${username}/config/commits/${commit}/statuses?limit=50`)
    const told = (commit: string, state: string) =>
      eventually(`${commit} is ${state}`, async () =>
        (await statusesOf(commit)).find(({ status, context }) => status === state && context === 'callboard/sync'),
      )
    const success = await told(first, 'success')
    expect(success).toMatchObject({
      description: 'applied: 1 created',
      target_url: `https://callboard.example/${first}`,
    })

    const commit = repository.push({ 'a.yaml': plain('a', 2) }, 'Answer two')
    await running.answerOnce('/a', ({ text }) => text === '2')
    await told(commit, 'success')
    const inOrder = (await statusesOf(commit)).sort((a, b) => a.id - b.id)
    expect(inOrder.map(({ status }) => status)).toEqual(['pending', 'success'])
    // The one that counts.
    const combined = await api<{ state: string }>(gitea, `/repos/${username}/config/commits/${commit}/status`)
    expect(combined.state).toBe('success')

    const broken = repository.push({ 'b.yaml': mock('b', { http: { route: '/b' }, respnse: {} }) }, 'Break it')
    expect((await told(broken, 'failure')).description).toMatch(/^b\.yaml:1 .*respnse/)
    expect((await running.ask('/a')).text).toBe('2')

    // A push to another branch, and Gitea's own test of the hook, which sends the push of the default branch again.
    repository.git('push', '-q', 'origin', 'HEAD:refs/heads/next')
    await ask(`${url}/api/v1${hooks}/${id}/tests`, { method: 'POST', headers: { authorization: `token ${token}` } })
    const metrics = await eventually('the other hooks were heard', async () => {
      const { text } = await ask(`${running.control}/metrics`)
      const counts = /receiver="gitea",result="ignored",reason="other_ref"\} 1/.test(text)
      return counts && /receiver="gitea",result="accepted",reason=""\} 3/.test(text) && text
    })
    expect(metrics).not.toContain('result="refused"')
  }, 120_000)
})
