import type { HookOperations, HookRefusal } from '../hook-operations.js'
import { anyJson } from '../json-schema.js'
import { quote } from '../parameter.js'
import { HttpProblem, NotFound } from '../problem-details.js'
import type { Route } from '../route.js'

const answers: Readonly<Record<HookRefusal['refused'], readonly [status: number, slug: string]>> = {
  signature: [401, 'bad-signature'],
  rate: [429, 'too-many-hooks'],
  secret: [503, 'no-secret'],
  content_type: [415, 'unsupported-media-type'],
  too_large: [413, 'too-large'],
  unreadable: [400, 'bad-request'],
}
const headers: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  // RFC 9110 15.5.2 wants one, though no scheme is registered for what Git hosts do.
  401: { 'WWW-Authenticate': 'Signature realm="callboard"' },
  429: { 'Retry-After': '60' },
  503: { 'Retry-After': '60' },
}

/** Where Git hosts say that something was pushed. No token opens it: what is posted has to be signed. */
export function hookRoutes(hooks: HookOperations, maxBytes: number): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/hooks/{receiver}',
      id: 'hook',
      summary:
        'For Git hosts: something was pushed. Verified by its own signature; the source is looked at after the answer',
      access: 'open',
      parameters: [],
      pathParameters: { receiver: 'Name of a receiver in the settings' },
      rawBody: { types: { 'application/json': anyJson('As the host posts it') }, maxBytes },
      status: 202,
      schema: 'HookAnswer',
      errors: [401, 429, 503],
      before: ({ params: { receiver = '' }, address, headers: sent }) => {
        if (!hooks.has(receiver)) {
          throw new NotFound(`there is no receiver ${quote(receiver)}; receivers are declared in the settings`)
        }
        const refusal = hooks.refusalBefore(receiver, { address, headers: sent })
        if (refusal !== undefined) throw problemOf(refusal)
        return (error) => hooks.unread(receiver, isTooLarge(error) ? 'too_large' : 'unreadable')
      },
      handle: async ({ params: { receiver = '' }, raw, address }) => {
        if (raw === undefined) throw new Error('the body was not read')
        const answer = await hooks.receive(receiver, raw, address)
        if ('refused' in answer) throw problemOf(answer)
        return { json: answer }
      },
    },
  ]
}

function isTooLarge(error: unknown): boolean {
  return error instanceof HttpProblem && error.status === 413
}

function problemOf({ refused, message }: HookRefusal): HttpProblem {
  const [status, slug] = answers[refused]
  return new HttpProblem(status, slug, message, { headers: headers[status] ?? {} })
}
