// Anything else that can sign what it posts. A body may say which `ref` of which `repository` was pushed, and need not:
// who knows the secret may ask for a look.

import { member, pushOfOneRef, type ReceiverType, textAt } from '../hook.js'
import { hmacRefusal, standardRefusal } from '../hook-signature.js'

export const generic: ReceiverType = {
  type: 'generic',
  title: 'anything that signs',
  deliveryHeaders: ['webhook-id', 'callboard-delivery-id', 'x-delivery-id', 'x-request-id'],
  refusal: (request, { secret, signature, now }) =>
    signature.scheme === 'standard-webhooks'
      ? standardRefusal(request, secret, now)
      : hmacRefusal(request, secret, signature),
  read: (_, body) => {
    const repository = textAt(body, 'repository') ?? textAt(body, 'repository', 'full_name')
    return pushOfOneRef(member(body, 'ref') === undefined ? {} : body, repository, undefined)
  },
}
