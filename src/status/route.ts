import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { JsonSchema } from './json-schema.js'
import type { Awaitable, PageRequest } from './page.js'
import { decodeCursor, defaultLimit } from './paging.js'
import { cursorParameter, limitParameter, type Parameter, type Query } from './parameter.js'

/** `open`: nobody is asked. `read`: the read token, when settings have one. `events`, `messages`, `operate`: always a token. */
export type Access = 'open' | 'read' | 'events' | 'messages' | 'operate'

/** A body that is not one JSON object of a fixed shape. */
export interface RawBody {
  /** Media type in lower case, without parameters. */
  readonly type: string
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

export interface RawBodyOptions {
  /** What may be sent, by media type. */
  readonly types: Readonly<Record<string, JsonSchema>>
  /** Whether something of another type may be sent as well. */
  readonly takes?: (headers: IncomingHttpHeaders) => boolean
  readonly maxBytes: number
}

export interface Call {
  /** Of whoever asks, as far as the connection tells. */
  readonly address: string | null
  /** Through whose hands it came, where that is not a person's own: `mcp`, the tools of agents. For the record only. */
  readonly via: 'mcp' | null
  /** The credential as sent; for calls that are made on behalf of whoever asks. */
  readonly authorization: string | undefined
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  /** Checked against the route's body schema; undefined without one. */
  readonly body: unknown
  /** Of a route with `rawBody`. */
  readonly raw: RawBody | undefined
  /** True when a person's browser asks. */
  readonly wantsHtml: boolean
  /** Where a client that was cut off wants to go on. */
  readonly lastEventId: string | undefined
  /** Aborts when the client has gone or the server closes. */
  readonly signal: AbortSignal
}

interface Typed {
  readonly type: string
  /** Default: that of the route. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** `json` is cut to the route's schema, or to the one that is named; `text` and `stream` go out as they are. */
export type Reply =
  | { readonly json: unknown; readonly schema?: string }
  | ({ readonly text: string } & Typed)
  | ({ readonly stream: Readable } & Typed)

export interface Route {
  readonly method: 'GET' | 'POST'
  /** As in OpenAPI: `/api/v1/revisions/{rev}`. */
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly access: Access
  readonly parameters: readonly Parameter<unknown>[]
  /** A description for each `{name}` in the path. */
  readonly pathParameters?: Readonly<Record<string, string>>
  readonly body?: { readonly schema: JsonSchema; readonly maxBytes: number }
  /** Instead of `body`: the route reads it itself. */
  readonly rawBody?: RawBodyOptions
  /**
   * Asked before the body is read; throws a problem. What it returns hears why a body could not be read.
   */
  before?(incoming: Pick<Call, 'params' | 'address'> & Pick<RawBody, 'headers'>): (error: unknown) => void
  /** Of a good answer; 200 by default. */
  readonly status?: 200 | 202
  /** Name of the schema of a JSON answer; absent when it never is JSON. */
  readonly schema?: string
  /** Names of others that it may answer with. */
  readonly otherSchemas?: readonly string[]
  /** Other media types it answers in. */
  readonly otherTypes?: readonly string[]
  /** Statuses beside 200 and those every route has. */
  readonly errors?: readonly number[]
  /** Set where declared things are shown: the file and line that declare this one, or undefined for the whole source. */
  declaredAt?(params: Readonly<Record<string, string>>): Awaitable<{ file: string; line: number } | undefined>
  /** Of a whole list: where one like those in it is declared, for whoever would add another. */
  declaredBeside?(search: string): Awaitable<{ file: string; line: number } | undefined>
  handle(call: Call): Awaitable<Reply>
}

export const pageParameters = [limitParameter, cursorParameter] as const

/** The page that a call to the list at `path` asks for. */
export function pageRequest(path: string, query: Query): PageRequest {
  const limit = query.get(limitParameter) ?? defaultLimit
  const cursor = query.get(cursorParameter)
  return cursor === undefined ? { limit } : { limit, after: decodeCursor(path, cursor) }
}

/** Resources without a namespace have `-` in its place. */
export const namespaceOf = (segment: string | undefined): string =>
  segment === undefined || segment === '-' ? '' : segment
