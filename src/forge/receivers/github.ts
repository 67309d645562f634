// https://docs.github.com/webhooks: "Webhook events and payloads", "Validating webhook deliveries".

import { headerOf, pushOfOneRef, type ReceiverType, textAt } from '../hook.js'
import { hmacRefusal } from '../hook-signature.js'

export const github: ReceiverType = {
  type: 'github',
  title: 'GitHub',
  deliveryHeaders: ['x-github-delivery'],
  refusal: (request, { secret }) => hmacRefusal(request, secret, { header: 'x-hub-signature-256', prefix: 'sha256=' }),
  read: (headers, body) => {
    const event = headerOf(headers, 'x-github-event') ?? ''
    if (event === 'ping') return { kind: 'ping' }
    if (event !== 'push') return { kind: 'other', event }
    return pushOfOneRef(body, textAt(body, 'repository', 'full_name'), textAt(body, 'repository', 'default_branch'))
  },
}
