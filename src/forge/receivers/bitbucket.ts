// https://support.atlassian.com/bitbucket-cloud/docs/event-payloads. Its X-Hub-Signature is SHA-256, unlike GitHub's.

import { headerOf, member, type ReceiverType, type RefChange, textAt } from '../hook.js'
import { hmacRefusal } from '../hook-signature.js'

const folders: Readonly<Record<string, string>> = {
  branch: 'refs/heads/',
  named_branch: 'refs/heads/',
  tag: 'refs/tags/',
}

export const bitbucket: ReceiverType = {
  type: 'bitbucket',
  title: 'Bitbucket Cloud',
  deliveryHeaders: ['x-request-uuid'],
  refusal: (request, { secret }) => hmacRefusal(request, secret, { header: 'x-hub-signature', prefix: 'sha256=' }),
  read: (headers, body) => {
    const event = headerOf(headers, 'x-event-key') ?? ''
    if (event !== 'repo:push') return { kind: 'other', event }
    return {
      kind: 'push',
      repository: textAt(body, 'repository', 'full_name'),
      defaultBranch: textAt(body, 'repository', 'mainbranch', 'name'),
      changes: changesOf(member(body, 'push', 'changes')),
    }
  },
}

/** `new` is null of what was deleted. */
function changesOf(changes: unknown): RefChange[] | undefined {
  if (!Array.isArray(changes)) return undefined
  const found: RefChange[] = []
  for (const change of changes) {
    const now = member(change, 'new')
    const named = now ?? member(change, 'old')
    const folder = folders[textAt(named, 'type') ?? '']
    const name = textAt(named, 'name')
    // Something newer than this knows: better one look too many.
    if (folder === undefined || name === undefined) return undefined
    found.push({ ref: folder + name, deleted: now === null })
  }
  return found
}
