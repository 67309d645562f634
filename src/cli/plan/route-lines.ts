// What is said of requests that would be answered otherwise.

import type { AskedRequest } from '../../resolver/asked-request.js'
import { writeReference } from '../../resources/kinds/reference.js'
import type { RequestAnswer, RequestChange } from './routes.js'

/** Characters of one body or header. */
const mostShown = 300

/** `POST /payments with {"amount":1}: was answered by shop/a (201), now by shop/b (402)` */
export function requestLine({ request, before, after, more }: RequestChange): string {
  const others = more === 0 ? '' : `; ${more === 1 ? 'another request goes' : `${more} other requests go`} the same way`
  return `${requestText(request)}: was answered by ${answerText(before)}, now by ${answerText(after)}${others}`
}

export function requestText({ method, path, headers, body }: AskedRequest): string {
  // What its body is sent as is said only where somebody asked for it.
  const said = headers.filter(
    ([name, value]) => name !== 'Content-Type' || value !== 'application/json' || body === undefined,
  )
  const parts = [...(body === undefined ? [] : [cut(body)]), ...said.map(([name, value]) => `${name}: ${cut(value)}`)]
  return `${method} ${cut(path)}${parts.length === 0 ? '' : ` with ${parts.join(', ')}`}`
}

export function answerText({ mock, statuses, passedOnTo, suspended }: RequestAnswer): string {
  const status = statuses.length > 4 ? `${statuses.slice(0, 4).join(', ')} …` : statuses.join(' or ')
  const said = [
    ...(status === '' ? [] : [status]),
    ...(passedOnTo === undefined ? [] : [`passed on to ${passedOnTo}`]),
    ...(suspended ? ['suspended'] : []),
  ].join(', ')
  return `${mock === undefined ? 'no mock' : writeReference(mock)}${said === '' ? '' : ` (${said})`}`
}

function cut(text: string): string {
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}
