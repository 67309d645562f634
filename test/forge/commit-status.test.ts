import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import {
  type CommitStatusOptions,
  createCommitStatusTransport,
  type StatusPayload,
  type StatusTarget,
  showStatus,
} from '../../src/forge/commit-status.js'
import { placeOfRepository } from '../../src/forge/repository.js'
import { type StatusState, shortened } from '../../src/forge/status.js'
import { statusTypes } from '../../src/forge/statuses/index.js'
import { createHttpClient } from '../../src/network/http-client.js'
import { receivers } from '../callbacks/receiver.js'
import { delivery } from '../delivery/world.js'
import { answering, hosts, keyOf, sha, statusHost, token, usernameOf } from './status-hosts.js'

const now = Date.UTC(2026, 0, 2, 12)
const { open, guard } = receivers()

function typeOf(name: string) {
  const type = statusTypes.get(name)
  if (type === undefined) throw new Error(`no type ${name}`)
  return type
}

async function world(
  name: string,
  more: { readonly allow?: readonly string[]; readonly env?: Record<string, string> } = {},
) {
  const host = statusHost(name)
  const { url, received } = await open(host.answer)
  const username = usernameOf[name]
  const target: StatusTarget = {
    type: typeOf(name),
    api: url + host.base,
    repository: 'acme/config',
    context: 'callboard/sync',
    token: { env: 'TOKEN' },
    ...(username !== undefined && { username }),
  }
  const options: CommitStatusOptions = {
    target,
    http: createHttpClient(guard(more.allow ?? ['127.0.0.1'])),
    now: () => now,
    userAgent: 'callboard/test',
    newest: () => undefined,
    env: more.env ?? { TOKEN: token },
  }
  const transport = createCommitStatusTransport(options)
  const of = (state: StatusState, description = 'looking at it', changes: Partial<StatusPayload> = {}) =>
    delivery({
      kind: 'status',
      transport: 'commit-status',
      payload: {
        type: name,
        api: target.api,
        repository: target.repository,
        context: target.context,
        sha,
        number: 1,
        state,
        description,
        ref: 'main',
        ...changes,
      } as unknown as Json,
    })
  const signal = new AbortController().signal
  return {
    host,
    received,
    options,
    transport,
    of,
    send: (...status: Parameters<typeof of>) => transport.send(of(...status), signal, 1),
  }
}

describe.each(hosts)('%s', (name) => {
  it('takes a commit as pending, then as good or bad', async () => {
    const { host, send } = await world(name)
    const outcomes = [
      await send('pending'),
      await send('success', 'applied: 1 created'),
      await send('failure', 'a.yaml:3 no'),
    ]
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: true })
    const words: Readonly<Record<string, readonly string[]>> = {
      gitlab: ['pending', 'success', 'failed'],
      bitbucket: ['INPROGRESS', 'SUCCESSFUL', 'FAILED'],
      'bitbucket-server': ['INPROGRESS', 'SUCCESSFUL', 'FAILED'],
    }
    expect(host.kept.map(({ state }) => state)).toEqual(words[name] ?? ['pending', 'success', 'failure'])
    expect(host.kept.map(({ description }) => description)).toEqual([
      'looking at it',
      'applied: 1 created',
      'a.yaml:3 no',
    ])
    expect(new Set(host.kept.map(({ context }) => context))).toEqual(new Set(['callboard/sync']))
  })

  it('takes a long description and a long context, cut as it needs', async () => {
    const { host, send } = await world(name)
    const context = `callboard/${'production-'.repeat(8)}eu`
    expect(await send('failure', `${'ä🙂'.repeat(400)}`, { context })).toMatchObject({ ok: true })
    expect(host.kept[0]?.context).toBe(name.startsWith('bitbucket') ? keyOf(context) : context)
    expect(host.kept[0]?.description).toMatch(/…$/)
    expect(host.kept[0]?.description).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
  })

  it.each([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'rejected'],
    [409, 'rejected'],
    [422, 'rejected'],
    [301, 'rejected'],
    [429, 'rate_limited'],
    [500, 'server'],
    [503, 'server'],
  ])('that answers %i is %s', async (status, kind) => {
    const { host, send } = await world(name)
    host.next.push(answering(status, { message: `no, ${token}` }, { location: 'https://elsewhere.example' }))
    const outcome = await send('success')
    expect(outcome).toMatchObject({ ok: false, class: kind, status })
    expect(JSON.stringify(outcome)).not.toContain(token)
  })

  it('is left alone for as long as it asks', async () => {
    const { host, send } = await world(name)
    host.next.push(answering(429, {}, { 'retry-after': '30' }))
    expect(await send('success')).toMatchObject({ class: 'rate_limited', retryAfterMs: 30_000 })
  })

  it('is not dialled at a private address unless settings allow it', async () => {
    const { received, send } = await world(name, { allow: [] })
    expect(await send('success')).toMatchObject({ ok: false, class: 'guard' })
    expect(received).toEqual([])
  })

  it('hears nothing without the token, and who looks at the delivery sees none', async () => {
    const { received, send, of } = await world(name, { env: {} })
    expect(await send('success')).toMatchObject({
      ok: false,
      class: 'auth',
      message: 'the environment variable TOKEN is not set',
    })
    expect(received).toEqual([])
    const shown = showStatus(of('success').payload, statusTypes)
    expect(shown.url).toContain(sha)
    expect(shown.body).toContain('looking at it')
    expect(JSON.stringify(shown)).not.toMatch(/token|authorization/i)
  })
})

describe('a commit status', () => {
  it("goes out to the byte as GitHub's documents say", async () => {
    const { received, send } = await world('github')
    await send('success', 'applied: 2 created', { targetUrl: 'https://callboard.example/r/1' })
    expect(received[0]).toMatchObject({
      method: 'POST',
      url: `/repos/acme/config/statuses/${sha}`,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'user-agent': 'callboard/test',
        'x-github-api-version': '2022-11-28',
      },
    })
    expect(String(received[0]?.body)).toBe(
      '{"state":"success","target_url":"https://callboard.example/r/1","description":"applied: 2 created","context":"callboard/sync"}',
    )
  })

  it("names GitLab's project by its whole path, and the branch", async () => {
    const { received, send } = await world('gitlab')
    await send('failure', 'no', { repository: 'group/sub group/config' })
    expect(received[0]?.url).toBe(`/api/v4/projects/group%2Fsub%20group%2Fconfig/statuses/${sha}`)
    expect(JSON.parse(String(received[0]?.body))).toEqual({
      state: 'failed',
      name: 'callboard/sync',
      description: 'no',
      ref: 'main',
    })
  })

  it('has the link that Bitbucket requires, also without one in the settings', async () => {
    const cloud = await world('bitbucket')
    await cloud.send('success')
    expect(JSON.parse(String(cloud.received[0]?.body))).toEqual({
      key: 'callboard/sync',
      state: 'SUCCESSFUL',
      url: `https://bitbucket.org/acme/config/commits/${sha}`,
      name: 'callboard/sync',
      description: 'looking at it',
      refname: 'main',
    })
    const server = await world('bitbucket-server')
    await server.send('success')
    expect(JSON.parse(String(server.received[0]?.body))).toMatchObject({
      url: expect.stringMatching(new RegExp(`/projects/acme/repos/config/commits/${sha}$`)),
      ref: 'refs/heads/main',
    })
  })

  it.each([
    [403, { 'retry-after': '7' }, 7000],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 90) }, 90_000],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 - 5) }, 0],
    [429, {}, undefined],
  ])("waits when GitHub's limit is told by %i and %o", async (status, headers, wait) => {
    const { host, send } = await world('github')
    host.next.push(answering(status, { message: 'API rate limit exceeded' }, headers))
    const outcome = await send('success')
    expect(outcome).toMatchObject({ ok: false, class: 'rate_limited' })
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(wait)
  })

  it('is there already when GitLab will not go from a state to the same', async () => {
    const { host, send } = await world('gitlab')
    await send('success')
    expect(await send('success')).toMatchObject({ ok: true, status: 400 })
    host.next.push(answering(400, { message: 'Cannot transition status via :enqueue from :running' }))
    expect(await send('pending')).toMatchObject({ ok: true })
    host.next.push(answering(400, { message: 'Cannot transition status via :drop from :canceled' }))
    expect(await send('failure')).toMatchObject({ ok: false, class: 'rejected' })
  })

  it('of a host that settings name no more is given up, with the token not shown to it', async () => {
    const { transport, of, options, received } = await world('github')
    const signal = new AbortController().signal
    const off = createCommitStatusTransport({ ...options, target: undefined })
    expect(off.admit?.(of('success'))).toEqual({ go: false, cancel: 'commit_status_off' })
    expect(await off.send(of('success'), signal, 1)).toMatchObject({ ok: false, class: 'rejected' })
    const elsewhere = of('success', 'x', { api: 'https://api.elsewhere.example' })
    expect(transport.admit?.(elsewhere)).toEqual({ go: false, cancel: 'commit_status_changed' })
    expect(transport.admit?.(of('success', 'x', { type: 'gitea' }))).toMatchObject({ cancel: 'commit_status_changed' })
    expect(transport.admit?.(of('success'))).toEqual({ go: true })
    expect(received).toEqual([])
  })

  it('that failed before is left out once a newer one of its commit is there', async () => {
    const { host, options, of } = await world('github')
    let newest = 1
    const transport = createCommitStatusTransport({ ...options, newest: () => newest })
    const signal = new AbortController().signal
    const pending = of('pending')
    newest = 2
    expect(transport.admit?.(pending)).toEqual({ go: true })
    host.next.push(answering(503))
    await transport.send(pending, signal, 1)
    expect(transport.admit?.(pending)).toEqual({ go: false, cancel: 'superseded' })
  })
})

describe('the API of a host', () => {
  it.each([
    ['github', 'https://github.com/acme/config.git', 'https://api.github.com'],
    ['github', 'git@github.com:acme/config.git', 'https://api.github.com'],
    ['github', 'ssh://git@ghe.example:2222/acme/config', 'https://ghe.example/api/v3'],
    ['gitlab', 'https://gitlab.example:8443/group/sub/config.git', 'https://gitlab.example:8443'],
    ['gitea', 'http://127.0.0.1:3000/acme/config', 'http://127.0.0.1:3000'],
    ['bitbucket', 'https://ann@bitbucket.org/acme/config.git', 'https://api.bitbucket.org/2.0'],
    ['bitbucket-server', 'https://bitbucket.example/scm/ACME/config.git', 'https://bitbucket.example'],
  ])('%s, whose repository is %s, is %s', (name, url, api) => {
    const place = placeOfRepository(url)
    expect(place && typeOf(name).apiOf(place)).toBe(api)
  })

  it.each([
    ['https://github.com/acme/config.git', 'acme/config'],
    ['git@github.com:acme/config.git', 'acme/config'],
    ['ssh://git@example.com/~ann/config.git/', '~ann/config'],
    ['https://gitlab.com/a/b/c/d', 'a/b/c/d'],
    ['/srv/config', undefined],
    ['file:///srv/config.git', undefined],
    ['C:\\config', undefined],
    ['config', undefined],
  ])('of %s has the path %s', (url, path) => {
    expect(placeOfRepository(url)?.path).toBe(path)
  })
})

it.each([
  ['plain', 10, 'plain'],
  ['two\nlines\t and  more', 40, 'two lines and more'],
  ['abcdef', 4, 'abc…'],
  ['ab🙂🙂', 4, 'ab…'],
  ['', 4, ''],
])('%o in at most %i is %o', (text, most, wanted) => {
  expect(shortened(text, most)).toBe(wanted)
})
