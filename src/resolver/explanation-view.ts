// "Which mock would answer?" for a request that was never sent.

import { type AskedRequest, toRequest } from './asked-request.js'
import { isPreflight } from './cors.js'
import { type ExplainedRequest, explainRequest, type Obstacle } from './explain.js'
import type { ServedMock } from './served-mock.js'
import { defaultSettings, type Tables } from './tables.js'

export type { AskedRequest } from './asked-request.js'

export interface ExplainedMock {
  readonly namespace: string
  readonly name: string
  readonly file: string
  readonly line: number
}

export interface ExplanationView {
  readonly namespace: string
  readonly method: string
  readonly path: string
  readonly mock: ExplainedMock | null
  /** Why, in one sentence. */
  readonly reason: string
  readonly pathParams: Readonly<Record<string, string>>
  /** The one that would answer first, then those that differ least. */
  readonly candidates: readonly {
    readonly mock: ExplainedMock
    readonly matches: boolean
    readonly differs: readonly string[]
  }[]
}

const told = 20

export async function explainAsked(
  tables: Tables,
  asked: AskedRequest,
  defaultNamespace: string,
  obstacle: (mock: ServedMock) => Obstacle | undefined,
): Promise<ExplanationView> {
  const request = await toRequest(asked, defaultNamespace)
  const { namespace, segments } = request.location
  const { cors } = tables.namespaces.get(namespace) ?? defaultSettings
  const preflight = cors !== undefined && isPreflight(request.method, request.single)
  const why = preflight ? (mock: ServedMock) => notForPreflights(mock) ?? obstacle(mock) : obstacle
  const subjects = { namespace, method: request.method, segments, subjects: request }
  const explanation = explainRequest(tables.index, subjects, { obstacle: why, limit: told })
  const { answer, nearest, note } = explanation
  const near = nearest.map(({ entry, differences }) => ({
    mock: nameOf(entry, tables),
    matches: false,
    differs: differences.map(({ message }) => message),
  }))
  const first = answer === undefined ? [] : [{ mock: nameOf(answer, tables), matches: true, differs: [] }]
  return {
    namespace,
    method: request.method,
    path: asked.path,
    mock: answer === undefined ? null : nameOf(answer, tables),
    reason: preflight && answer === undefined ? preflightReason(namespace) : reason(answer, tables, subjects, note),
    pathParams: explanation.pathParams,
    candidates: [...first, ...near],
  }
}

/** Browsers ask before they send; unless a mock claims OPTIONS, its namespace answers for it. */
function notForPreflights({ program }: ServedMock): Obstacle | undefined {
  if (program.method === 'OPTIONS') return undefined
  return { kind: 'preflight', message: 'a CORS preflight goes to mocks with httpMethod OPTIONS alone' }
}

function preflightReason(namespace: string): string {
  return `no mock claims OPTIONS; the CORS preflight is answered by the settings of namespace "${namespace}"`
}

function reason(
  answer: ServedMock | undefined,
  tables: Tables,
  { namespace, method, segments }: Pick<ExplainedRequest, 'namespace' | 'method' | 'segments'>,
  note: string | undefined,
): string {
  const { suspend, fallback } = tables.namespaces.get(namespace) ?? defaultSettings
  if (answer !== undefined) {
    const first = `mock "${answer.namespace}/${answer.name}" is the first in the order of choice that accepts the request`
    return suspend ? `${first}, but namespace "${namespace}" is suspended: it answers 503` : first
  }
  if (method === 'OPTIONS') {
    const { named, any } = tables.index.methodsAt(namespace, segments)
    if (any || named.length > 0) return 'no mock claims OPTIONS; the answer lists the methods that mocks have here'
  }
  if (fallback !== undefined) return `no mock accepts the request; it would be passed on to ${fallback.origin}`
  return note ?? `no mock of namespace "${namespace}" accepts the request: the answer is 404`
}

function nameOf({ id, namespace, name, file, line }: ServedMock, { resources }: Tables): ExplainedMock {
  const place = resources.get(id)
  return { namespace, name, file: place?.file ?? file, line: place?.line ?? line }
}
