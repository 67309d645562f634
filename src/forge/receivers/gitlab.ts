// https://docs.gitlab.com/user/project/integrations/webhooks. A secret token is sent along as it is; a signing token, which
// begins with whsec_, signs as in Standard Webhooks. Which one it is, the secret says, never the sender.

import { headerOf, pushOfOneRef, type ReceiverType, textAt } from '../hook.js'
import { isStandardSecret, standardRefusal, tokenRefusal } from '../hook-signature.js'

const pushes: ReadonlySet<string> = new Set(['push', 'tag_push'])

export const gitlab: ReceiverType = {
  type: 'gitlab',
  title: 'GitLab',
  deliveryHeaders: ['webhook-id', 'idempotency-key', 'x-gitlab-event-uuid'],
  refusal: (request, { secret, now }) =>
    isStandardSecret(secret) ? standardRefusal(request, secret, now) : tokenRefusal(request, secret, 'x-gitlab-token'),
  read: (headers, body) => {
    const kind = textAt(body, 'object_kind') ?? textAt(body, 'event_name') ?? ''
    if (!pushes.has(kind)) return { kind: 'other', event: headerOf(headers, 'x-gitlab-event') ?? kind }
    return pushOfOneRef(body, textAt(body, 'project', 'path_with_namespace'), textAt(body, 'project', 'default_branch'))
  },
}
