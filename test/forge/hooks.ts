// Hooks as Git hosts post them: the headers and the fields that matter, signed as each of them signs.

import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { HookRequest } from '../../src/forge/hook.js'

export const noon = Date.UTC(2026, 0, 2, 12)
export const sha = '9b8ee2e4a1b3c4d5e6f708192a3b4c5d6e7f8091'
export const zeros = '0'.repeat(40)

export interface PushOptions {
  readonly ref?: string
  readonly repository?: string
  readonly secret?: string
  readonly deleted?: boolean
  readonly id?: string
}

export const secretOf: Readonly<Record<string, string>> = {
  github: "It's a Secret to Everybody",
  gitlab: 'glpat-classic-token',
  gitea: 's3cret-gitea',
  forgejo: 's3cret-forgejo',
  bitbucket: 's3cret-bitbucket',
  'bitbucket-server': 's3cret-server',
  generic: 's3cret',
}

export function hmac(secret: string | Buffer, ...parts: readonly (string | Buffer)[]): Buffer {
  const made = createHmac('sha256', secret)
  for (const part of parts) made.update(part)
  return made.digest()
}

export function request(body: unknown, headers: IncomingHttpHeaders): HookRequest {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
  return { headers: { 'content-type': 'application/json', ...headers }, bytes }
}

type Push = (options: Required<PushOptions>) => HookRequest

const oneRef = ({ ref, deleted }: Required<PushOptions>) => ({
  ref,
  before: deleted ? sha : zeros,
  after: deleted ? zeros : sha,
})

function signed(
  body: unknown,
  headers: IncomingHttpHeaders,
  sign: (bytes: Buffer) => IncomingHttpHeaders,
): HookRequest {
  const made = request(body, headers)
  return { ...made, headers: { ...made.headers, ...sign(Buffer.from(made.bytes)) } }
}

const shortName = (ref: string) => ref.replace(/^refs\/(heads|tags)\//, '')
const bitbucketRef = (ref: string) => ({ type: ref.startsWith('refs/tags/') ? 'tag' : 'branch', name: shortName(ref) })

const pushes: Readonly<Record<string, Push>> = {
  github: (push) =>
    signed(
      {
        ...oneRef(push),
        created: false,
        deleted: push.deleted,
        repository: { full_name: push.repository, default_branch: 'main' },
        pusher: { name: 'ann' },
      },
      { 'x-github-event': 'push', 'x-github-delivery': push.id, 'user-agent': 'GitHub-Hookshot/044aadd' },
      (bytes) => ({
        'x-hub-signature': `sha1=${createHmac('sha1', push.secret).update(bytes).digest('hex')}`,
        'x-hub-signature-256': `sha256=${hmac(push.secret, bytes).toString('hex')}`,
      }),
    ),
  gitlab: (push) => {
    const isTag = push.ref.startsWith('refs/tags/')
    const body = {
      object_kind: isTag ? 'tag_push' : 'push',
      event_name: isTag ? 'tag_push' : 'push',
      ...oneRef(push),
      checkout_sha: push.deleted ? null : sha,
      project: { path_with_namespace: push.repository, default_branch: 'main' },
    }
    return request(body, {
      'x-gitlab-event': isTag ? 'Tag Push Hook' : 'Push Hook',
      'x-gitlab-event-uuid': push.id,
      'x-gitlab-token': push.secret,
    })
  },
  gitea: (push) =>
    signed(
      { ...oneRef(push), repository: { full_name: push.repository, default_branch: 'main' } },
      { 'x-gitea-event': 'push', 'x-gitea-event-type': 'push', 'x-github-event': 'push', 'x-gitea-delivery': push.id },
      (bytes) => {
        const hex = hmac(push.secret, bytes).toString('hex')
        return { 'x-gitea-signature': hex, 'x-gogs-signature': hex, 'x-hub-signature-256': `sha256=${hex}` }
      },
    ),
  forgejo: (push) =>
    signed(
      { ...oneRef(push), repository: { full_name: push.repository, default_branch: 'main' } },
      {
        'x-forgejo-event': 'push',
        'x-gitea-event': 'push',
        'x-forgejo-delivery': push.id,
        'x-gitea-delivery': push.id,
      },
      (bytes) => {
        const hex = hmac(push.secret, bytes).toString('hex')
        return { 'x-forgejo-signature': hex, 'x-gitea-signature': hex }
      },
    ),
  bitbucket: (push) =>
    signed(
      {
        push: {
          changes: [
            push.deleted
              ? { old: { ...bitbucketRef(push.ref), target: { hash: sha } }, new: null }
              : { old: null, new: { ...bitbucketRef(push.ref), target: { hash: sha } } },
          ],
        },
        repository: { full_name: push.repository, mainbranch: { name: 'main' } },
      },
      { 'x-event-key': 'repo:push', 'x-request-uuid': push.id, 'x-hook-uuid': 'h-1', 'x-attempt-number': '1' },
      (bytes) => ({ 'x-hub-signature': `sha256=${hmac(push.secret, bytes).toString('hex')}` }),
    ),
  'bitbucket-server': (push) => {
    const [key = '', slug = ''] = push.repository.split('/')
    const change = {
      ref: { id: push.ref, displayId: shortName(push.ref), type: push.ref.startsWith('refs/tags/') ? 'TAG' : 'BRANCH' },
      refId: push.ref,
      fromHash: push.deleted ? sha : zeros,
      toHash: push.deleted ? zeros : sha,
      type: push.deleted ? 'DELETE' : 'UPDATE',
    }
    return signed(
      { eventKey: 'repo:refs_changed', repository: { slug, project: { key } }, changes: [change] },
      { 'x-event-key': 'repo:refs_changed', 'x-request-id': push.id },
      (bytes) => ({ 'x-hub-signature': `sha256=${hmac(push.secret, bytes).toString('hex')}` }),
    )
  },
  generic: (push) =>
    signed({ ref: push.ref, repository: push.repository }, { 'x-delivery-id': push.id }, (bytes) => ({
      'x-signature-256': hmac(push.secret, bytes).toString('hex'),
    })),
}

export const types = Object.keys(pushes)

/** A push as a host of this type posts it. */
export function pushOf(type: string, options: PushOptions = {}): HookRequest {
  const push = pushes[type]
  if (push === undefined) throw new Error(`no such type: ${type}`)
  return push({
    ref: 'refs/heads/main',
    repository: 'acme/config',
    secret: secretOf[type] ?? '',
    deleted: false,
    id: 'd-1',
    ...options,
  })
}

/** The same with other headers; undefined takes one away. */
export function withHeaders(hook: HookRequest, headers: IncomingHttpHeaders): HookRequest {
  return { ...hook, headers: { ...hook.headers, ...headers } }
}
