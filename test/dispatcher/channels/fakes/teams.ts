// Microsoft Teams: the trigger of a Workflow, and an incoming webhook of the older kind.

import type { ServerResponse } from 'node:http'
import type { Answering } from '../../../callbacks/receiver.js'

type Fields = Readonly<Record<string, unknown>>

/** What a message may have before Teams does not take it. */
const maxBytes = 28_000

export class TeamsWorkflowFake {
  /** Path and query, as they are signed. */
  readonly path: string
  readonly posted: Fields[] = []
  readonly next: Answering[] = []
  isDisabled = false

  constructor(
    path = '/workflows/0123abcd/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s3cret-sig%2Bx_0123456789',
  ) {
    this.path = path
  }

  readonly answer: Answering = (request, res, req) => {
    const scripted = this.next.shift()
    if (scripted !== undefined) return scripted(request, res, req)
    const [path, query = ''] = request.url.split('?')
    const [ownPath, ownQuery] = this.path.split('?')
    if (path !== ownPath) return refuse(res, 404, 'WorkflowNotFound', 'The workflow could not be found.')
    // Written anew, an escape is another text, and the signature is not of it.
    if (query !== ownQuery) {
      return refuse(res, 401, 'DirectApiAuthorizationRequired', 'The request must be authenticated by the sig.')
    }
    if (this.isDisabled) return refuse(res, 400, 'WorkflowTriggerIsNotEnabled', 'The trigger is not enabled.')
    if (request.body.length > maxBytes) return refuse(res, 413, 'RequestEntityTooLarge', 'The request is too large.')
    const problem = problemOfCard(request.headers['content-type'], String(request.body))
    if (problem !== undefined) return refuse(res, 400, 'TriggerInputSchemaMismatch', problem)
    this.posted.push(JSON.parse(String(request.body)))
    return res.writeHead(202).end()
  }
}

export class TeamsConnectorFake {
  readonly path: string
  readonly posted: Fields[] = []
  readonly next: Answering[] = []

  constructor(path = '/webhookb2/s3cret-1111-2222-3333@4444-5555/IncomingWebhook/s3cret0123456789abcdef/6666-7777') {
    this.path = path
  }

  readonly answer: Answering = (request, res, req) => {
    const scripted = this.next.shift()
    if (scripted !== undefined) return scripted(request, res, req)
    if (request.url !== this.path) return res.writeHead(404).end('')
    if (request.body.length > maxBytes) return behind(413)(request, res, req)
    const card = JSON.parse(String(request.body)) as Fields
    if (card['@type'] !== 'MessageCard')
      return res.writeHead(400).end('Bad payload received by generic incoming webhook.')
    if (!card.summary && !card.text) return res.writeHead(400).end('Summary or Text is required.')
    this.posted.push(card)
    return res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('1')
  }
}

/** What the connector says when Teams itself refuses: with a 200. */
export function behind(status: number): Answering {
  return (_, res) =>
    res
      .writeHead(200)
      .end(
        `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=0,server=x`,
      )
}

export function refuse(res: ServerResponse, status: number, code: string, message: string): void {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  res.end(JSON.stringify({ error: { code, message } }))
}

function problemOfCard(contentType: string | undefined, body: string): string | undefined {
  if (!contentType?.startsWith('application/json')) return 'Invalid content type.'
  const { type, attachments } = JSON.parse(body) as Fields
  if (type !== 'message') return "Invalid type. Expected 'message'."
  if (!Array.isArray(attachments)) return 'Invalid type. Expected Array but got Null.'
  for (const { contentType: kind, content } of attachments as Fields[]) {
    if (kind !== 'application/vnd.microsoft.card.adaptive') return 'Invalid contentType.'
    if (typeof content !== 'object' || content === null) return 'Invalid type. Expected Object but got String.'
    if ((content as Fields).type !== 'AdaptiveCard' || !Array.isArray((content as Fields).body)) return 'No card.'
  }
  return undefined
}
