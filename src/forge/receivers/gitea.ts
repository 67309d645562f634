// https://docs.gitea.com/usage/webhooks. Gitea sends its signature headers empty when it has no secret.

import type { IncomingHttpHeaders } from 'node:http'
import { type Hook, headerOf, pushOfOneRef, type ReceiverType, textAt } from '../hook.js'
import { hmacRefusal } from '../hook-signature.js'

export const gitea: ReceiverType = {
  type: 'gitea',
  title: 'Gitea',
  deliveryHeaders: ['x-gitea-delivery'],
  refusal: (request, { secret }) => hmacRefusal(request, secret, { header: 'x-gitea-signature', prefix: '' }),
  read: (headers, body) => readGitea(headerOf(headers, 'x-gitea-event'), body),
}

/** Forgejo sends the same, and says so in headers of both names. */
export const forgejo: ReceiverType = {
  type: 'forgejo',
  title: 'Forgejo',
  deliveryHeaders: ['x-forgejo-delivery', 'x-gitea-delivery'],
  refusal: (request, { secret }) => {
    const header = request.headers['x-forgejo-signature'] === undefined ? 'x-gitea-signature' : 'x-forgejo-signature'
    return hmacRefusal(request, secret, { header, prefix: '' })
  },
  read: (headers: IncomingHttpHeaders, body) =>
    readGitea(headerOf(headers, 'x-forgejo-event') ?? headerOf(headers, 'x-gitea-event'), body),
}

function readGitea(event = '', body: unknown): Hook {
  if (event !== 'push') return { kind: 'other', event }
  return pushOfOneRef(body, textAt(body, 'repository', 'full_name'), textAt(body, 'repository', 'default_branch'))
}
