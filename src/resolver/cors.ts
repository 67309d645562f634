// What a namespace tells browsers of other origins.

export interface CorsPolicy {
  /** Undefined: every origin. */
  readonly origins: ReadonlySet<string> | undefined
  readonly credentials: boolean
  /** Undefined: whatever a preflight asks for. */
  readonly headers: string | undefined
  readonly exposeHeaders: string | undefined
  readonly maxAge: number
}

interface DeclaredCors {
  readonly origins?: readonly string[]
  readonly credentials?: boolean
  readonly headers?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  readonly maxAge?: number
}

/** Undefined when the namespace wants nothing added. `true` and nothing declared mean the default. */
export function corsPolicy(declared: boolean | DeclaredCors | undefined): CorsPolicy | undefined {
  if (declared === false) return undefined
  const { origins, credentials, headers, exposeHeaders, maxAge } = typeof declared === 'object' ? declared : {}
  return {
    origins:
      origins === undefined || origins.includes('*')
        ? undefined
        : new Set(origins.map((origin) => origin.toLowerCase())),
    credentials: credentials ?? false,
    headers: headers?.join(', '),
    exposeHeaders: exposeHeaders?.join(', '),
    maxAge: maxAge ?? 600,
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

export function isPreflight(method: string, headers: Headers): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/** What to add to an answer for this origin; nothing when it is not allowed. */
export function corsHeaders(policy: CorsPolicy, origin: string): string[] {
  if (policy.origins !== undefined && !policy.origins.has(origin.toLowerCase())) return ['Vary', 'Origin']
  const headers = ['Access-Control-Allow-Origin', origin, 'Vary', 'Origin']
  if (policy.credentials) headers.push('Access-Control-Allow-Credentials', 'true')
  if (policy.exposeHeaders !== undefined) headers.push('Access-Control-Expose-Headers', policy.exposeHeaders)
  return headers
}

/** The particular part of a preflight's answer; `corsHeaders` come on top. */
export function preflightHeaders(policy: CorsPolicy, headers: Headers): string[] {
  const method = headers['access-control-request-method']
  const asked = headers['access-control-request-headers']
  const allowed = policy.headers ?? asked
  const answer = ['Access-Control-Allow-Methods', String(method), 'Access-Control-Max-Age', String(policy.maxAge)]
  if (typeof allowed === 'string' && allowed !== '') answer.push('Access-Control-Allow-Headers', allowed)
  return answer
}
