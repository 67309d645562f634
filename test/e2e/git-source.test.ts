import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HttpGitServer } from '../source/git/http-server.js'
import { Repository } from '../source/git/repository.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { documents, Folder, plain } from './folder.js'
import { RunningProgram } from './process.js'
import { condition, operateToken, Running } from './running.js'

const secret = 's3cret-t0ken'
const header = `Basic ${Buffer.from(`x-access-token:${secret}`).toString('base64')}`

function many(count: number): string {
  return documents(...Array.from({ length: count }, (_, at) => plain(`mock-${at}`, at)))
}

/** Over http with a token, where the source may be asked. */
async function served(repository: Repository, base: string, more: Record<string, unknown> = {}) {
  const server = await HttpGitServer.start(repository, { authorization: header })
  writeFileSync(join(base, 'token'), secret)
  const settings = {
    source: { url: server.url, auth: { token: { file: join(base, 'token') } }, interval: 3600, ...more },
    network: { allowGit: [`127.0.0.1:${server.port}`] },
  }
  return { server, settings }
}

describe('a repository of Git as the source', () => {
  it('goes live from a push, by the program as people start it, and shows no secret', async () => {
    const folder = new Folder()
    const repository = new Repository({
      'mocks/a.yaml': plain('a', 'one'),
      'elsewhere.yaml': 'apiVersion: callboard/v9',
    })
    const server = await HttpGitServer.start(repository, { authorization: header })
    const program = new RunningProgram(
      { base: folder.base, state: folder.state, root: server.url },
      {
        CALLBOARD_SOURCE_AUTH_TOKEN_ENV: 'DEPLOY_TOKEN',
        CALLBOARD_NETWORK_ALLOW_GIT: '127.0.0.1',
        CALLBOARD_LOG_LEVEL: 'trace',
        CALLBOARD_SOURCE_PATH: './mocks/',
        DEPLOY_TOKEN: secret,
      },
    )
    const { resolver, control } = await program.ready()
    expect((await ask(`${resolver}/a`)).text).toBe('one')
    const commit = repository.push({ 'mocks/a.yaml': plain('a', 'two') })
    const reply = await ask(`${control}/api/v1/reconcile`, {
      body: {},
      headers: { authorization: `Bearer ${operateToken}` },
    })
    expect(reply.json).toMatchObject({ revision: `main@sha1:${commit}` })
    expect((await ask(`${resolver}/a`)).text).toBe('two')
    await server.stop()
    await ask(`${control}/api/v1/reconcile`, { body: {}, headers: { authorization: `Bearer ${operateToken}` } })
    const status = await ask(`${control}/api/v1/status`)
    const { stdout, stderr } = program
    for (const text of [stdout, stderr, status.text]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(header.slice(6))
    }
    expect(status.text).toContain('FetchFailed')
  })

  it('is asked by its own clock, without anybody who says so', async () => {
    const folder = new Folder()
    const repository = new Repository({ 'a.yaml': plain('a', 'one') })
    const { settings } = await served(repository, folder.base, { interval: 1 })
    const running = await Running.start(folder, settings)
    repository.push({ 'a.yaml': plain('a', 'two') })
    await running.answerOnce('/a', ({ text }) => text === 'two')
  })

  it('that is away goes on being served, also after a restart, and recovers by itself', async () => {
    const folder = new Folder()
    const repository = new Repository({ 'a.yaml': plain('a', 'one') })
    const { server, settings } = await served(repository, folder.base, { interval: 1 })
    const { port } = server
    const running = await Running.start(folder, settings)
    await server.stop()
    await running.statusOnce('it is missed', (status) => condition(status, 'Ready').reason === 'FetchFailed')
    expect((await running.ask('/a')).text).toBe('one')
    await running.restart()
    const status = await running.status()
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'FetchFailed' })
    expect(condition(status, 'Ready').message).toContain(`${status.lastAppliedRevision} goes on serving`)
    expect((await running.ask('/a')).text).toBe('one')
    repository.push({ 'a.yaml': plain('a', 'two') })
    await server.listen(port)
    await running.answerOnce('/a', ({ text }) => text === 'two')
    server.authorization = 'Bearer other'
    await running.statusOnce('it is refused', (now) => condition(now, 'Ready').reason === 'AuthenticationFailed')
    server.authorization = header
    await running.statusOnce('it is in step again', (now) => condition(now, 'Ready').status === 'True')
  })

  it('prunes much only with the trailer that permits it', async () => {
    const repository = new Repository({ 'a.yaml': many(12) })
    const running = await Running.start({}, { source: { url: repository.url } })
    repository.push({ 'a.yaml': many(2) })
    const { json } = await running.operate('/api/v1/reconcile')
    expect(json).toMatchObject({ outcome: 'rejected', reason: 'DeletionBudgetExceeded' })
    expect((json as { message: string }).message).toContain('"Callboard-Allow-Prune: yes"')
    repository.push({}, 'Prune for good\n\nCallboard-Allow-Prune: yes')
    expect((await running.operate('/api/v1/reconcile')).json).toMatchObject({ outcome: 'applied' })
    expect((await running.status()).counts.resources.Mock).toBe(2)
  })

  it('on a private address is refused, with the line that allows it', async () => {
    const repository = new Repository({ 'a.yaml': plain('a', 'one') })
    const { server, settings } = await served(repository, repository.base)
    const running = await Running.start({}, { ...settings, network: { allow: ['127.0.0.1'], allowPrivate: true } })
    const ready = condition(await running.status(), 'Ready')
    expect(ready.reason).toBe('HostRefused')
    expect(ready.message).toContain(`network.allowGit: ["127.0.0.1:${server.port}"]`)
    expect(server.requests).toEqual([])
  })
})

it('a payload that a document names is read from the same commit', async () => {
  const repository = new Repository({
    'a.yaml':
      'apiVersion: callboard/v1\nkind: Mock\nmetadata: {name: a}\nspec:\n  http: {route: /a, httpMethod: GET}\n  response: {payloadTemplatePath: body.json}\n',
    'body.json': '{"from": "the commit"}',
  })
  const running = await Running.start({}, { source: { url: repository.url } })
  await eventually('it answers', async () => (await running.ask('/a')).text.includes('the commit'))
})
