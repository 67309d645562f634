// Bitbucket Data Center and Server: https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html.

import { headerOf, isNoCommit, member, type ReceiverType, type RefChange, textAt } from '../hook.js'
import { hmacRefusal } from '../hook-signature.js'

export const bitbucketServer: ReceiverType = {
  type: 'bitbucket-server',
  title: 'Bitbucket Data Center',
  deliveryHeaders: ['x-request-id'],
  refusal: (request, { secret }) => hmacRefusal(request, secret, { header: 'x-hub-signature', prefix: 'sha256=' }),
  read: (headers, body) => {
    const event = headerOf(headers, 'x-event-key') ?? ''
    if (event === 'diagnostics:ping') return { kind: 'ping' }
    if (event !== 'repo:refs_changed') return { kind: 'other', event }
    const project = textAt(body, 'repository', 'project', 'key')
    const slug = textAt(body, 'repository', 'slug')
    return {
      kind: 'push',
      repository: project === undefined || slug === undefined ? undefined : `${project}/${slug}`,
      defaultBranch: undefined,
      changes: changesOf(member(body, 'changes')),
    }
  },
}

function changesOf(changes: unknown): RefChange[] | undefined {
  if (!Array.isArray(changes)) return undefined
  const found: RefChange[] = []
  for (const change of changes) {
    const ref = textAt(change, 'ref', 'id') ?? textAt(change, 'refId')
    if (ref === undefined) return undefined
    found.push({ ref, deleted: textAt(change, 'type') === 'DELETE' || isNoCommit(member(change, 'toHash')) })
  }
  return found
}
