import { sign } from '@octokit/webhooks-methods'
import { describe, expect, it } from 'vitest'
import type { Followed } from '../../src/forge/followed.js'
import { type ReceiverSettings, Receivers, type ReceiversOptions } from '../../src/forge/receivers.js'
import { hmac, noon, pushOf, request, secretOf, types, withHeaders } from './hooks.js'

const main: Followed = { repository: 'acme/config', ref: { branch: 'main' } }

function open(settings: Partial<ReceiverSettings> & { readonly type: string }, more: Partial<ReceiversOptions> = {}) {
  const looks: (() => void)[] = []
  const logged: { fields: object; message: string }[] = []
  const note = (fields: object, message: string) => void logged.push({ fields, message })
  let looked = 0
  const receivers = new Receivers({
    receivers: [{ name: 'r', secret: { env: 'SECRET' }, ...settings }],
    followed: main,
    look: () => {
      looked += 1
    },
    later: (work) => void looks.push(work),
    env: { SECRET: secretOf[settings.type] },
    now: () => noon,
    log: { debug: note, info: note, warn: note },
    ...more,
  })
  return {
    receivers,
    logged,
    receive: (hook: Parameters<Receivers['receive']>[1], address = '192.0.2.1') =>
      receivers.receive('r', hook, address),
    /** How often the source was looked at, after what waits has run. */
    get looked() {
      for (const look of looks.splice(0)) look()
      return looked
    },
    get waiting() {
      return looks.length
    },
    get counts() {
      return [...receivers.counts].map(({ result, reason, count }) => [result, reason, count])
    },
  }
}

describe.each(types)('a receiver of type %s', (type) => {
  it('takes a push that is signed with its secret, and looks at the source after the answer', async () => {
    const one = open({ type })
    const answer = await one.receive(pushOf(type))
    expect(answer).toEqual({ receiver: 'r', result: 'accepted', message: 'the source is looked at' })
    expect(one.waiting).toBe(1)
    expect(one.looked).toBe(1)
    expect(one.counts).toEqual([['accepted', '', 1]])
  })

  it('refuses another secret, no signature, an empty one, and a changed body', async () => {
    const one = open({ type })
    const good = pushOf(type)
    const names = ['x-hub-signature-256', 'x-hub-signature', 'x-gitlab-token', 'x-gitea-signature', 'x-signature-256']
    const all = [...names, 'x-forgejo-signature', 'x-gogs-signature']
    const without = Object.fromEntries(all.map((name) => [name, undefined]))
    const empty = Object.fromEntries(all.filter((name) => name in good.headers).map((name) => [name, '']))
    const prefixOnly = Object.fromEntries(Object.keys(empty).map((name) => [name, 'sha256=']))
    const changed = { ...good, bytes: Buffer.concat([Buffer.from(good.bytes), Buffer.from('\n')]) }
    const refused = [
      pushOf(type, { secret: 'another' }),
      withHeaders(good, without),
      withHeaders(good, empty),
      withHeaders(good, prefixOnly),
      // A token that is sent along as it is says nothing of the body.
      ...(type === 'gitlab' ? [] : [changed]),
    ]
    for (const hook of refused) expect(await one.receive(hook)).toMatchObject({ refused: 'signature' })
    expect(one.looked).toBe(0)
    expect(JSON.stringify(one.logged)).not.toContain(secretOf[type])
  })

  it.each([
    ['is not there', {}],
    ['is empty', { SECRET: '' }],
    ['is nothing but spaces', { SECRET: '  ' }],
  ])('verifies nothing while its secret %s', async (_, env) => {
    const one = open({ type }, { env })
    for (const secret of ['', '  ', 'undefined']) {
      expect(await one.receive(pushOf(type, { secret }))).toMatchObject({ refused: 'secret' })
    }
    expect(one.looked).toBe(0)
    expect(await one.receivers.unusable()).toMatchObject([{ receiver: 'r' }])
  })

  it('takes the same delivery once, and says so', async () => {
    const one = open({ type })
    await one.receive(pushOf(type))
    expect(await one.receive(pushOf(type))).toMatchObject({ result: 'duplicate' })
    expect(await one.receive(pushOf(type, { id: 'd-2' }))).toMatchObject({ result: 'accepted' })
    expect(one.looked).toBe(2)
  })

  it.each([
    ['another branch', { ref: 'refs/heads/feature/main' }, 'ignored'],
    ['a tag of the same name', { ref: 'refs/tags/main' }, 'ignored'],
    ['a branch whose name ends alike', { ref: 'refs/heads/not-main' }, 'ignored'],
    ['another repository', { repository: 'acme/other' }, 'ignored'],
    ['a repository whose name ends alike', { repository: 'evil/not-config' }, 'ignored'],
    ['the repository in other letters', { repository: 'Acme/Config' }, 'accepted'],
    ['the branch, which is deleted', { deleted: true }, 'accepted'],
  ] as const)('of a push to %s: %o is %s', async (_, push, result) => {
    const one = open({ type })
    const answer = await one.receive(pushOf(type, push))
    expect(answer).toMatchObject({ result })
    expect(one.looked).toBe(result === 'accepted' ? 1 : 0)
  })

  it('hears of tags when tags are followed', async () => {
    const semver = open({ type }, { followed: { ...main, ref: { semver: '>=1.0.0' } } })
    expect(await semver.receive(pushOf(type, { ref: 'refs/tags/v1.2.0' }))).toMatchObject({ result: 'accepted' })
    expect(await semver.receive(pushOf(type))).toMatchObject({ result: 'ignored' })
    const tag = open({ type }, { followed: { ...main, ref: { tag: 'live' } } })
    expect(await tag.receive(pushOf(type, { ref: 'refs/tags/live' }))).toMatchObject({ result: 'accepted' })
    expect(await tag.receive(pushOf(type, { ref: 'refs/tags/alive', id: 'd-2' }))).toMatchObject({ result: 'ignored' })
  })

  it('says that a source that stays at a commit does not move', async () => {
    const one = open({ type }, { followed: { ...main, ref: { commit: 'abc123' } } })
    expect(await one.receive(pushOf(type))).toMatchObject({
      result: 'ignored',
      message: 'the source stays at commit abc123, whatever is pushed',
    })
  })

  it('looks when a body is of a shape that it does not know, since who knows the secret may ask for that', async () => {
    const one = open({ type })
    const { headers } = pushOf(type)
    for (const body of ['{}', '[]', 'null', '{"push":{"changes":"x"},"changes":[1],"ref":7}']) {
      const made = await resigned(type, body, headers)
      const answer = await one.receive(made)
      // GitLab says in the body what it is.
      expect(answer).toMatchObject({ result: type === 'gitlab' ? 'ignored' : 'accepted' })
    }
  })

  it('refuses what is signed and no JSON', async () => {
    const one = open({ type })
    expect(await one.receive(await resigned(type, '{"ref":', pushOf(type).headers))).toMatchObject({
      refused: 'unreadable',
    })
  })
})

/** Another body under the same headers, signed anew. */
async function resigned(type: string, body: string, headers: Parameters<typeof request>[1]) {
  const hex = hmac(secretOf[type] ?? '', body).toString('hex')
  const signatures: Record<string, string> = {
    'x-hub-signature-256': `sha256=${hex}`,
    'x-hub-signature': `sha256=${hex}`,
    'x-gitea-signature': hex,
    'x-forgejo-signature': hex,
    'x-signature-256': hex,
  }
  const kept = Object.fromEntries(Object.entries(signatures).filter(([name]) => name in headers))
  return request(body, { ...headers, ...kept })
}

describe('signatures', () => {
  it("GitHub's are those that its own library makes", async () => {
    const one = open({ type: 'github' })
    const body = JSON.stringify({ ref: 'refs/heads/main', text: 'héllo ✓' })
    const signature = await sign(secretOf.github ?? '', body)
    const hook = request(body, { 'x-github-event': 'push', 'x-hub-signature-256': signature })
    expect(await one.receive(hook)).toMatchObject({ result: 'accepted' })
  })

  const vectors: [
    name: string,
    settings: Partial<ReceiverSettings>,
    secret: string,
    body: string,
    headers: Record<string, string>,
  ][] = [
    [
      "GitHub's published one",
      { type: 'github' },
      "It's a Secret to Everybody",
      'Hello, World!',
      { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    ],
    [
      'bare hex',
      { type: 'generic' },
      's3cret',
      '{"event":"test","text":"héllo ✓"}',
      { 'x-signature-256': '8791de707547dea5f79c2a2447f45b7720c7aa8c17b5405e48b182d71a151ca0' },
    ],
    [
      'hex with a prefix under a name of its own',
      { type: 'generic', header: 'X-Acme-Signature', prefix: 'sha256=' },
      's3cret',
      '{"event":"test","text":"héllo ✓"}',
      { 'x-acme-signature': 'sha256=8791de707547dea5f79c2a2447f45b7720c7aa8c17b5405e48b182d71a151ca0' },
    ],
    [
      'an empty body',
      { type: 'generic' },
      's3cret',
      '',
      { 'x-signature-256': '91dfac70c5348b04e1babb8b421ac92cec08b565b49ca16130dccb72503647b7' },
    ],
    [
      "Flux's",
      { type: 'generic', header: 'X-Signature', prefix: 'sha256=' },
      'flux',
      '{"a":1}',
      { 'x-signature': 'sha256=30bb6c4862d27c9c6444863d3acf74e023a7cfeb802014df594d3f1ffbd51317' },
    ],
  ]
  it.each(vectors)('knows the vector of %s', async (_, settings, secret, body, headers) => {
    const one = open({ type: 'generic', ...settings }, { env: { SECRET: secret } })
    const answer = await one.receive(request(body, { 'x-github-event': 'push', ...headers }))
    // GitHub's is no JSON: that it gets as far as that says that it was believed.
    expect(answer).toMatchObject(settings.type === 'github' ? { refused: 'unreadable' } : { result: 'accepted' })
  })

  const standard = { type: 'generic', scheme: 'standard-webhooks' } as const
  const secretA = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='
  const secretB = 'whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA='
  const made = {
    a: 'v1,i5zBlHvsRFgG6MMv8BaQGCaBnURIq6NlioW0Eq5YEeM=',
    b: 'v1,KgQbYlu9QgStTJZLR+skcIxMe7LlxWEQuOPN338HkN0=',
  }
  const cases: [name: string, secret: string, headers: Record<string, string>, offset: number, isGood: boolean][] = [
    ['one signature', secretA, { 'webhook-signature': made.a }, 0, true],
    ['the second of two', secretB, { 'webhook-signature': `${made.a} ${made.b}` }, 0, true],
    ['three wrong and one right', secretA, { 'webhook-signature': `${made.b} v1,x v2,y ${made.a}` }, 0, true],
    ['300 s late', secretA, { 'webhook-signature': made.a }, 300, true],
    ['301 s late', secretA, { 'webhook-signature': made.a }, 301, false],
    ['301 s early', secretA, { 'webhook-signature': made.a }, -301, false],
    ['nothing after v1,', secretA, { 'webhook-signature': 'v1,' }, 0, false],
    ['only another version', secretA, { 'webhook-signature': made.a.replace('v1', 'v2') }, 0, false],
    ['an id with a dot', secretA, { 'webhook-signature': made.a, 'webhook-id': 'msg.1' }, 0, false],
    ['no time', secretA, { 'webhook-signature': made.a, 'webhook-timestamp': '' }, 0, false],
    ['a time that is none', secretA, { 'webhook-signature': made.a, 'webhook-timestamp': '17e8' }, 0, false],
    ['a secret that is empty after its prefix', 'whsec_', { 'webhook-signature': made.a }, 0, false],
  ]
  it.each(cases)('of Standard Webhooks with %s', async (_, secret, headers, offset, isGood) => {
    const now = () => (1_700_000_000 + offset) * 1000
    const one = open(standard, { env: { SECRET: secret }, now })
    const hook = request('{"event":"test","text":"héllo ✓"}', {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1700000000',
      ...headers,
    })
    expect(await one.receive(hook)).toMatchObject(isGood ? { result: 'accepted' } : { refused: 'signature' })
  })

  it("GitLab's signing token verifies the signature, and is never taken as a token in clear", async () => {
    const one = open({ type: 'gitlab' }, { env: { SECRET: secretA } })
    const push = pushOf('gitlab', { secret: secretA })
    expect(await one.receive(push)).toMatchObject({ refused: 'signature' })
    const key = Buffer.from(secretA.slice('whsec_'.length), 'base64')
    const seconds = String(noon / 1000)
    const signature = `v1,${hmac(key, `msg_1.${seconds}.`, Buffer.from(push.bytes)).toString('base64')}`
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': seconds, 'webhook-signature': signature }
    expect(await one.receive(withHeaders(push, { ...headers, 'x-gitlab-token': undefined }))).toMatchObject({
      result: 'accepted',
    })
  })

  it('SHA-1 is never enough, and neither is SHA-256 under the name of another host', async () => {
    const github = open({ type: 'github' })
    const good = pushOf('github')
    const sha1 = good.headers['x-hub-signature']
    const sha256 = good.headers['x-hub-signature-256']
    for (const headers of [
      { 'x-hub-signature-256': undefined },
      { 'x-hub-signature-256': String(sha1) },
      { 'x-hub-signature-256': undefined, 'x-hub-signature': String(sha256) },
      { 'x-hub-signature-256': `${sha256}, ${sha256}` },
    ]) {
      expect(await github.receive(withHeaders(good, headers))).toMatchObject({ refused: 'signature' })
    }
    const bitbucket = open({ type: 'bitbucket' }, { env: { SECRET: secretOf.github } })
    expect(await bitbucket.receive(withHeaders(good, { 'x-event-key': 'repo:push' }))).toMatchObject({
      refused: 'signature',
    })
  })

  it('are read with the secret as it is in its file at that moment', async () => {
    let text = 'before\n'
    const one = open({ type: 'gitea', secret: { file: '/run/secret' } }, { readFile: async () => text })
    expect(await one.receive(pushOf('gitea', { secret: 'before' }))).toMatchObject({ result: 'accepted' })
    text = 'after'
    expect(await one.receive(pushOf('gitea', { secret: 'before', id: 'd-2' }))).toMatchObject({ refused: 'signature' })
    expect(await one.receive(pushOf('gitea', { secret: 'after', id: 'd-3' }))).toMatchObject({ result: 'accepted' })
  })
})

describe('other hooks', () => {
  it.each([
    ['github', { 'x-github-event': 'ping' }, '{"zen":"Keep it logically awesome.","hook_id":1}', 'ping'],
    ['bitbucket-server', { 'x-event-key': 'diagnostics:ping' }, '{"test":true}', 'ping'],
    ['github', { 'x-github-event': 'issues' }, '{"action":"opened"}', 'ignored'],
    ['gitea', { 'x-gitea-event': 'pull_request' }, '{}', 'ignored'],
    ['gitlab', { 'x-gitlab-event': 'Merge Request Hook' }, '{"object_kind":"merge_request"}', 'ignored'],
    ['bitbucket', { 'x-event-key': 'pullrequest:created' }, '{}', 'ignored'],
  ])('of %s with %o are answered, and set nothing off', async (type, headers, body, result) => {
    const one = open({ type })
    const hook = await resigned(type, body, { ...pushOf(type).headers, ...headers })
    expect(await one.receive(hook)).toMatchObject({ result })
    expect(one.looked).toBe(0)
  })
})

describe('what is pushed', () => {
  it('counts for the default branch when the source names no ref', async () => {
    const one = open({ type: 'github' }, { followed: { repository: 'acme/config', ref: {} } })
    expect(await one.receive(pushOf('github'))).toMatchObject({ result: 'accepted' })
    expect(await one.receive(pushOf('github', { ref: 'refs/heads/next', id: 'd-2' }))).toMatchObject({
      result: 'ignored',
      message: 'the push is to refs/heads/next, and the source follows refs/heads/main',
    })
  })

  it.each([
    ['scm/ACME/config', 'ACME/config', 'accepted'],
    ['gitlab/group/sub/config', 'group/sub/config', 'accepted'],
    ['group/sub/config', 'sub/config2', 'ignored'],
  ])('to a source at %s: %s is %s', async (repository, pushed, result) => {
    const one = open({ type: 'gitlab' }, { followed: { ...main, repository } })
    expect(await one.receive(pushOf('gitlab', { repository: pushed }))).toMatchObject({ result })
  })

  it('counts for the repository that the receiver names, where it names one', async () => {
    const one = open({ type: 'github', repository: 'mirror/of-config' })
    expect(await one.receive(pushOf('github', { repository: 'mirror/of-config' }))).toMatchObject({
      result: 'accepted',
    })
    expect(await one.receive(pushOf('github', { id: 'd-2' }))).toMatchObject({ result: 'ignored' })
  })

  it('counts whatever it is to while the source is a folder', async () => {
    const one = open({ type: 'github' }, { followed: { repository: undefined, ref: {} } })
    expect(await one.receive(pushOf('github', { repository: 'any/thing' }))).toMatchObject({ result: 'accepted' })
  })
})

describe('a flood', () => {
  it('of wrong signatures is refused after a while, without the log filling up, and others are heard', async () => {
    let now = noon
    const one = open({ type: 'github' }, { now: () => now })
    const wrong = pushOf('github', { secret: 'wrong' })
    for (let sent = 0; sent < 20; sent += 1) expect(await one.receive(wrong)).toMatchObject({ refused: 'signature' })
    for (let sent = 0; sent < 50; sent += 1) expect(await one.receive(wrong)).toMatchObject({ refused: 'rate' })
    expect(one.logged).toHaveLength(20)
    const large = { address: '192.0.2.1', headers: { 'content-type': 'application/json', 'content-length': '1000000' } }
    expect(one.receivers.refusalBefore('r', large)).toMatchObject({ refused: 'rate' })
    expect(one.receivers.refusalBefore('r', { ...large, address: '192.0.2.2' })).toBeUndefined()
    // What comes through one proxy has one address: a push is still told from the flood.
    expect(await one.receive(pushOf('github'))).toMatchObject({ result: 'accepted' })
    now += 60_000
    expect(one.receivers.refusalBefore('r', large)).toBeUndefined()
    expect(await one.receive(wrong)).toMatchObject({ refused: 'signature' })
    expect(one.counts).toEqual([
      ['refused', 'signature', 21],
      ['refused', 'rate', 51],
      ['accepted', '', 1],
    ])
  })

  it('of deliveries is remembered within bounds', async () => {
    const one = open({ type: 'github' })
    for (let id = 0; id < 3000; id += 1) await one.receive(pushOf('github', { id: `d-${id}` }))
    expect(await one.receive(pushOf('github', { id: 'd-2999' }))).toMatchObject({ result: 'duplicate' })
    expect(await one.receive(pushOf('github', { id: 'd-0' }))).toMatchObject({ result: 'accepted' })
  })
})
