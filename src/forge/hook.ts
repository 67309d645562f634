// What a Git host posts when something happens to a repository, and what of it counts.

import type { IncomingHttpHeaders } from 'node:http'

/** A posted hook as it came: signatures are over these bytes. */
export interface HookRequest {
  readonly headers: IncomingHttpHeaders
  readonly bytes: Uint8Array
}

export interface RefChange {
  /** In full: `refs/heads/main`. */
  readonly ref: string
  readonly deleted: boolean
}

export interface Push {
  readonly kind: 'push'
  /** Path of the repository at its host, as far as the hook says it: `owner/name`. */
  readonly repository: string | undefined
  /** Without `refs/heads/`. */
  readonly defaultBranch: string | undefined
  /** Undefined where the hook does not say what was pushed. */
  readonly changes: readonly RefChange[] | undefined
}

export type Hook = Push | { readonly kind: 'ping' } | { readonly kind: 'other'; readonly event: string }

/** How the hooks of one receiver are signed, where their sender leaves a choice. */
export interface SignatureChoice {
  readonly scheme: 'hmac' | 'standard-webhooks'
  /** Name of the header, in lower case. */
  readonly header: string
  /** Before the signature in the header. */
  readonly prefix: string
  readonly encoding: 'hex' | 'base64'
}

export interface Verification {
  readonly secret: string
  /** Only a generic receiver has a choice. */
  readonly signature: SignatureChoice
  /** Milliseconds since 1970. */
  readonly now: number
}

/** How one sort of Git host posts. A new one is this and a line in `receivers/index.ts`. */
export interface ReceiverType {
  /** As in `receivers[].type`. */
  readonly type: string
  /** What it is called. */
  readonly title: string
  /** Headers that name the delivery; equal when the host sends it again. */
  readonly deliveryHeaders: readonly string[]
  /** Why it is not to be believed; undefined when whoever sent it knows the secret. Says nothing of the secret. */
  refusal(request: HookRequest, verification: Verification): string | undefined
  /** What it says. `body`: parsed, and of any shape. Called only for what is to be believed. */
  read(headers: IncomingHttpHeaders, body: unknown): Hook
}

/** The value of a header that may be there once. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** A member of a parsed body; undefined for what has none. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  let at = value
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Readonly<Record<string, unknown>>)[name]
  }
  return at
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** Forty zeros (or sixty-four, with SHA-256) stand for no commit at all. */
export function isNoCommit(id: unknown): boolean {
  return typeof id === 'string' && /^0{40}(?:0{24})?$/.test(id)
}

/** A push as GitHub, GitLab and Gitea describe it: one ref, with the commit it names now. */
export function pushOfOneRef(body: unknown, repository: string | undefined, defaultBranch: string | undefined): Push {
  const ref = textAt(body, 'ref')
  const deleted = isNoCommit(member(body, 'after')) || member(body, 'deleted') === true
  return { kind: 'push', repository, defaultBranch, changes: ref === undefined ? undefined : [{ ref, deleted }] }
}
