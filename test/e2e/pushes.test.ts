// From a push to its commit's status: a repository of Git, the receiver, the reconciler, and a host that is told.

import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { HookRequest } from '../../src/forge/hook.js'
import type { AuditEntry } from '../../src/status/audit-views.js'
import type { DeliverySummary } from '../../src/status/delivery-views.js'
import type { RevisionView } from '../../src/status/views.js'
import { receivers } from '../callbacks/receiver.js'
import { pushOf } from '../forge/hooks.js'
import { answering, statusHost, token } from '../forge/status-hosts.js'
import { describeWith } from '../services/services.js'
import { type SshSigner, sshSigner } from '../services/signing.js'
import { Repository } from '../source/git/repository.js'
import { ask, type Reply } from './ask.js'
import { eventually } from './eventually.js'
import { Folder, mock, plain } from './folder.js'
import { program as cli, Program, RunningProgram } from './process.js'
import { operateToken, Running } from './running.js'

const { open } = receivers()
const secret = 's3cret-of-the-hook'

interface Options {
  /** Commits that the host knows; all that are pushed later have to be added. */
  readonly commits?: string[]
  readonly settings?: Readonly<Record<string, unknown>>
}

/** A controller that hears of pushes and tells a host of each commit; it never looks by itself. */
async function world(files: Readonly<Record<string, string>>, { commits = [], settings = {} }: Options = {}) {
  const repository = new Repository(files)
  const first = repository.git('rev-parse', 'HEAD')
  commits.push(first)
  const host = statusHost('github', commits)
  const server = await open(host.answer)
  const folder = new Folder()
  const file = (name: string, text: string) => {
    const path = join(folder.base, name)
    writeFileSync(path, text)
    return path
  }
  const { source = {}, ...others } = settings
  const running = await Running.start(folder, {
    source: { url: repository.url, interval: 86_400, ref: { branch: 'main' }, ...(source as object) },
    receivers: [
      { name: 'forge', type: 'github', secret: { file: file('secret', secret) }, repository: 'acme/config' },
      { name: 'empty', type: 'gitea', secret: { file: file('empty', '') } },
    ],
    commitStatus: {
      type: 'github',
      baseUrl: server.url,
      repository: 'acme/config',
      token: { file: file('token', token) },
      targetUrl: 'https://callboard.example/api/v1/revisions/{revision}',
    },
    network: { allow: ['127.0.0.1'] },
    ...others,
  })
  let delivery = 0
  const post = (hook: HookRequest, name = 'forge', headers: Record<string, string> = {}): Promise<Reply> => {
    const given = Object.entries(hook.headers).filter(
      (header): header is [string, string] => typeof header[1] === 'string',
    )
    return ask(`${running.control}/api/v1/hooks/${name}`, {
      body: Buffer.from(hook.bytes),
      headers: { ...Object.fromEntries(given), ...headers },
    })
  }
  return {
    repository,
    running,
    host,
    first,
    post,
    file,
    /** As a host does it: the commit first, then the hook. */
    push: async (changes: Readonly<Record<string, string | undefined>>, message = 'change') => {
      const commit = repository.commit(changes, message)
      commits.push(commit)
      repository.git('push', '-q', '--force', 'origin', 'HEAD')
      delivery += 1
      expect(await post(pushOf('github', { secret, id: `d-${delivery}` }))).toMatchObject({ status: 202 })
      return commit
    },
    statesOf: (commit: string) => host.kept.filter(({ sha }) => sha === commit).map(({ state }) => state),
    told: (commit: string, state: string) =>
      eventually(
        `${commit} is ${state}`,
        () => host.kept.find(({ sha, state: found }) => sha === commit && found === state),
        { found: () => host.kept },
      ),
  }
}

describe('a push', () => {
  it('is live without anything else asking, and its commit is told what became of it', async () => {
    const { running, push, told, first, statesOf } = await world({ 'a.yaml': plain('a', 1) })
    await told(first, 'success')
    const commit = await push({ 'a.yaml': plain('a', 2) }, 'Answer two\n\nWith a reason.')
    await running.answerOnce('/a', ({ text }) => text === '2')
    expect(await told(commit, 'success')).toMatchObject({
      context: 'callboard/sync',
      description: 'applied: 1 updated',
    })
    expect(statesOf(commit)).toEqual(['pending', 'success'])

    const broken = await push({ 'b.yaml': mock('b', { http: { route: '/b' }, respnse: {} }) }, 'Break it')
    const failure = await told(broken, 'failure')
    expect(failure.description).toMatch(/^b\.yaml:1 .*respnse/)
    expect((await running.ask('/a')).text).toBe('2')

    // Going back is a revert.
    const [back] = [await push({ 'b.yaml': undefined }, 'Revert "Break it"')]
    await told(back, 'success')

    const author = 'Ann <ann@example.com>'
    expect(await running.revisions()).toMatchObject([
      { outcome: 'applied', author, commit: { id: back, subject: 'Revert "Break it"', signer: null } },
      { outcome: 'rejected', generation: null, commit: { id: broken, subject: 'Break it' } },
      { outcome: 'applied', generation: 2, commit: { id: commit, author, subject: 'Answer two' } },
      { outcome: 'applied', generation: 1, commit: { id: first } },
    ])
    const one = await running.see<RevisionView>(`/api/v1/revisions/${broken.slice(0, 10)}`)
    expect(one).toMatchObject({ revision: `main@sha1:${broken}`, problems: [{ file: 'b.yaml' }, {}].slice(0, 1) })
    expect(await running.status()).toMatchObject({
      lastAttemptedRevision: `main@sha1:${back}`,
      lastAttemptedCommit: { id: back },
      lastAppliedCommit: { id: back },
    })
    const { items } = await running.see<{ items: DeliverySummary[] }>('/api/v1/deliveries?kind=status&limit=500')
    expect(items[0]).toMatchObject({
      kind: 'status',
      transport: 'commit-status',
      status: 'delivered',
      operation: 'commit_status.success',
      resource: back,
      revision: `main@sha1:${back}`,
    })
  })

  it('is on record with its commit and author for each thing that it changed', async () => {
    const channel = (enabled: boolean) =>
      JSON.stringify({
        apiVersion: 'callboard/v1',
        kind: 'Channel',
        metadata: { name: 'ops' },
        spec: { type: 'webhook', enabled, config: { url: 'https://ops.example/hook' } },
      })
    const { running, push, told } = await world({ 'a.yaml': plain('a', 1), 'ops.yaml': channel(true) })
    const commit = await push({ 'ops.yaml': channel(false) })
    await told(commit, 'success')
    const [entry] = await eventually('the change is on record', async () => {
      const { items } = await running.see<{ items: AuditEntry[] }>('/api/v1/audit?action=update_notification_channel')
      return items.length > 0 && items
    })
    expect(entry).toMatchObject({
      name: 'ops',
      enabled: false,
      commit,
      actor: { name: 'Ann <ann@example.com>' },
      revision: `main@sha1:${commit}`,
    })
  })

  it('during many others is not lost: the last of fifty in a row is live, and every applied one was pushed', async () => {
    const { running, push, told, repository } = await world({ 'a.yaml': plain('a', 0) })
    let last = ''
    for (let count = 1; count <= 50; count += 1) last = await push({ 'a.yaml': plain('a', count) })
    await running.answerOnce('/a', ({ text }) => text === '50')
    await told(last, 'success')
    const pushed = repository.git('log', '--format=%H').split('\n')
    for (const { commit } of await running.revisions()) expect(pushed).toContain(commit?.id)
  })

  it('that is too much is told with the line that permits it', async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`m${n}.yaml`, plain(`m${n}`, n)]))
    const { push, told } = await world(files)
    const gone = Object.fromEntries(
      Object.keys(files)
        .slice(1)
        .map((path) => [path, undefined]),
    )
    const { description } = await told(await push(gone), 'failure')
    expect(description).toContain('11 of 12')
  })
})

describeWith(['ssh-keygen'], 'a commit', () => {
  it('that is not signed as settings want is told so, and the one that is goes live with its signer', async () => {
    const { base } = new Folder()
    const signer = sshSigner(base, 'ann')
    const { repository, running, push, told, first } = await world(
      { 'a.yaml': plain('a', 1) },
      { settings: { source: { verify: { keys: { ssh: [signer.publicKey] } } } } },
    )
    expect((await told(first, 'failure')).description).toMatch(/not signed/)
    expect(await running.status()).toMatchObject({
      lastAppliedRevision: null,
      lastAttemptedCommit: { id: first },
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Stalled', status: 'True' })]),
    })
    for (const [key, value] of [['commit.gpgsign', 'true'], ...optionsOf(signer)])
      repository.git('config', key ?? '', value ?? '')
    const signed = await push({ 'a.yaml': plain('a', 2) })
    await told(signed, 'success')
    expect((await running.revisions())[0]).toMatchObject({
      outcome: 'applied',
      commit: { id: signed, signer: expect.stringContaining('ann@example.com') },
    })
  })
})

/** `-c key=value` as pairs. */
function optionsOf({ options }: SshSigner): string[][] {
  return options.filter((option) => option !== '-c').map((option) => option.split('='))
}

describe('without a hook', () => {
  it('a push is looked at when somebody asks, by the operation, the command line or SIGHUP', async () => {
    const { repository, running } = await world({ 'a.yaml': plain('a', 1) })
    repository.push({ 'a.yaml': plain('a', 2) })
    // The look that follows every start may have found it first.
    expect((await running.operate('/api/v1/reconcile')).json).toMatchObject({
      outcome: expect.stringMatching(/^(applied|unchanged)$/),
    })
    expect((await running.ask('/a')).text).toBe('2')

    const { base, state } = new Folder()
    const env = { CALLBOARD_SOURCE_INTERVAL: '86400' }
    const program = new RunningProgram({ base, state, root: repository.url }, env)
    const { resolver, control } = await program.ready()
    const answer = (text: string) =>
      eventually(`it answers ${text}`, async () => (await ask(`${resolver}/a`)).text === text, {
        found: () => program.stderr,
      })
    await answer('2')
    repository.push({ 'a.yaml': plain('a', 3) })
    program.child.kill('SIGHUP')
    await answer('3')
    const commit = repository.push({ 'a.yaml': plain('a', 4) }, 'Answer four')
    const command = (...args: string[]) =>
      new Program(process.execPath, [cli, ...args, '--control', control, '--token', operateToken])
    const reconcile = command('reconcile')
    expect(await reconcile.exit).toMatchObject({ code: 0 })
    expect(reconcile.stdout).toMatch(new RegExp(`^(applied|unchanged) main@sha1:${commit}`))
    await answer('4')
    const history = command('get', 'revisions')
    expect(await history.exit).toMatchObject({ code: 0 })
    expect(history.stdout).toMatch(/^3 .* applied .* main@sha1:[0-9a-f]{12} +Ann <ann@example\.com> +- +Answer four$/m)
  })
})

describe('a host that is told', () => {
  it('while it is away hears later, pending before the outcome, also after a restart', async () => {
    const { host, running, push, told, statesOf } = await world({ 'a.yaml': plain('a', 1) })
    for (let failures = 0; failures < 3; failures += 1) host.next.push(answering(503))
    const commit = await push({ 'a.yaml': plain('a', 2) })
    await running.answerOnce('/a', ({ text }) => text === '2')
    await running.restart()
    await told(commit, 'success')
    expect(statesOf(commit).at(-1)).toBe('success')
    const told1 = statesOf(commit).filter((state) => state === 'success')
    await running.restart()
    await running.operate('/api/v1/reconcile')
    expect(statesOf(commit).filter((state) => state === 'success')).toEqual(told1)
  })

  it('at a private address is told only if settings allow it', async () => {
    const { running, host } = await world({ 'a.yaml': plain('a', 1) }, { settings: { network: { allow: [] } } })
    const dead = await eventually('it is given up', async () => {
      const { items } = await running.see<{ items: DeliverySummary[] }>(
        '/api/v1/deliveries?kind=status&status=dead_letter',
      )
      return items[0]
    })
    expect(dead.lastError?.class).toBe('guard')
    expect(dead.lastError?.message).toContain('network.allow')
    expect(host.kept).toEqual([])
    expect((await running.ask('/a')).text).toBe('1')
  })
})

describe('a receiver', () => {
  it('answers each sort of hook as it should', async () => {
    const { post, running } = await world({ 'a.yaml': plain('a', 1) })
    const good = (id: string) => pushOf('github', { secret, id })
    const cases: [() => Promise<Reply>, number, RegExp][] = [
      [() => post(good('d-1')), 202, /"accepted"/],
      [() => post(good('d-1')), 202, /"duplicate"/],
      [
        () => post(pushOf('github', { secret, ref: 'refs/heads/next', id: 'd-2' })),
        202,
        /"ignored".*refs\/heads\/next/,
      ],
      [() => post(pushOf('github', { secret, repository: 'acme/x', id: 'd-3' })), 202, /"ignored".*acme\/x/],
      [() => post(pushOf('github', { secret: 'wrong' })), 401, /not by the receiver's secret/],
      [() => post(good('d-4'), 'nobody'), 404, /there is no receiver/],
      [() => post(pushOf('gitea', { secret: '' }), 'empty'), 503, /no secret to verify with/],
      [
        () => post(good('d-5'), 'forge', { 'content-type': 'application/x-www-form-urlencoded' }),
        415,
        /choose the content type/,
      ],
      [() => post(good('d-6'), 'forge', { host: 'evil.example' }), 421, /bind\.hosts/],
      [() => post({ ...good('d-7'), bytes: Buffer.alloc(5 * 1024 * 1024 + 1, 32) }), 413, /larger than/],
    ]
    for (const [reply, status, text] of cases) {
      const { status: found, text: said } = await reply()
      expect([found, said]).toEqual([status, expect.stringMatching(text)])
      expect(said).not.toContain(secret)
    }
    const metrics = await ask(`${running.control}/metrics`)
    expect(metrics.text).toContain('callboard_hooks_total{receiver="forge",result="accepted",reason=""} 1')
    expect(metrics.text).toContain('callboard_hooks_total{receiver="forge",result="refused",reason="signature"} 1')
    expect(metrics.text).toContain('callboard_hooks_total{receiver="forge",result="refused",reason="too_large"} 1')
    expect(metrics.text).toContain('callboard_hooks_total{receiver="forge",result="ignored",reason="other_ref"} 1')
    expect(metrics.text).toMatch(/callboard_deliveries_total\{kind="status",transport="commit-status",state="\w+"\} \d/)
  })

  it('stops reading a body that says it is far too large, and answers', async () => {
    const { running } = await world({ 'a.yaml': plain('a', 1) })
    const { hostname, port } = new URL(running.control)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
        // Whatever it goes on to send is of no interest.
        if (text.includes('\r\n\r\n')) socket.destroy()
      })
      socket.on('error', reject).on('close', () => resolve(text))
      socket.write(
        `POST /api/v1/hooks/forge HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{`,
      )
    })
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toMatch(/connection: close/i)
  })

  it('behind a proxy is reached under the names in bind.hosts', async () => {
    const { post } = await world({ 'a.yaml': plain('a', 1) }, { settings: { bind: { hosts: ['hooks.example'] } } })
    const hook = pushOf('github', { secret })
    expect(await post(hook, 'forge', { host: 'hooks.example' })).toMatchObject({ status: 202 })
  })
})

describe('a suspended controller', () => {
  it('says at which revision, by whom and why, sees what is pushed, and goes on with the newest', async () => {
    const { running, push, first, told, statesOf } = await world({ 'a.yaml': plain('a', 1) })
    await running.operate('/api/v1/suspend', { by: 'ann', reason: 'release freeze' })
    await push({ 'a.yaml': plain('a', 2) })
    const newest = await push({ 'a.yaml': plain('a', 3) }, 'Three')
    const held = { by: 'ann', reason: 'release freeze', revision: `main@sha1:${first}` }
    const seen = { lastSeenRevision: `main@sha1:${newest}`, lastSeenCommit: { id: newest, subject: 'Three' } }
    const status = await running.statusOnce('the newest is seen', ({ lastSeenCommit }) => lastSeenCommit?.id === newest)
    expect(status).toMatchObject({ suspended: true, suspension: held, lastAppliedCommit: { id: first }, ...seen })
    expect((await running.ask('/a')).text).toBe('1')
    await eventually('it is pending', () => statesOf(newest).includes('pending'))

    await running.restart()
    expect((await running.ask('/a')).text).toBe('1')
    expect(await running.status()).toMatchObject({ suspension: held, lastAppliedCommit: { id: first } })
    // Somebody asks for a look, and nothing comes of it but that it is seen.
    expect((await running.operate('/api/v1/reconcile')).json).toMatchObject({ outcome: 'suspended' })
    expect(await running.status()).toMatchObject(seen)

    await running.operate('/api/v1/resume')
    expect((await running.ask('/a')).text).toBe('3')
    await told(newest, 'success')
    expect(statesOf(newest)).toEqual(['pending', 'success'])
    expect(await running.status()).toMatchObject({ suspended: false, suspension: null })
  })
})
