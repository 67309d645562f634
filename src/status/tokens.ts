// Who may do what. Tokens by purpose; `operate` may read as well.
import { createHash, timingSafeEqual } from 'node:crypto'
import { HttpProblem } from './problem-details.js'
import type { Access } from './route.js'

export interface Tokens {
  readonly read?: string
  readonly operate?: string
}

/** A settings value that cannot be used; the message names the setting. */
export class StatusSettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** Throws a problem unless the holder of `authorization` has `access`. */
export type Authorize = (access: Access, authorization: string | undefined) => void

export function createAuthorize(tokens: Tokens): Authorize {
  const read = digestOf('tokens.read', tokens.read)
  const operate = digestOf('tokens.operate', tokens.operate)
  return (access, authorization) => {
    if (access === 'open' || (access === 'read' && read === undefined)) return
    if (access === 'operate' && operate === undefined) {
      throw new HttpProblem(
        403,
        'operations-disabled',
        'operations are switched off: set tokens.operate in the settings, or CALLBOARD_TOKENS_OPERATE in the environment, and send it as a bearer token',
      )
    }
    const given = bearer(authorization)
    if (given === undefined) throw unauthorized(access, authorization)
    // Both are compared each time, so that the time taken does not tell which one it was not.
    const mayRead = matches(given, read)
    const mayOperate = matches(given, operate)
    if (mayOperate || (access === 'read' && mayRead)) return
    if (mayRead) {
      throw new HttpProblem(403, 'read-token', 'this token may only read; operations need the one in tokens.operate', {
        headers: { 'WWW-Authenticate': 'Bearer realm="callboard", error="insufficient_scope"' },
      })
    }
    throw unauthorized(access, authorization)
  }
}

/** Digests have one length, which `timingSafeEqual` needs and which hides that of the token. */
function matches(given: Buffer, expected: Buffer | undefined): boolean {
  return timingSafeEqual(given, expected ?? Buffer.alloc(given.length)) && expected !== undefined
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()

function digestOf(setting: string, token: string | undefined): Buffer | undefined {
  if (token === undefined) return undefined
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const found = token === '' ? 'is empty' : 'has spaces or characters that a header cannot carry'
    throw new StatusSettingsError(`${setting} ${found}; give a token of printable ASCII characters, or leave it out`)
  }
  return digest(token)
}

function bearer(authorization: string | undefined): Buffer | undefined {
  const [, token] = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '') ?? []
  return token === undefined ? undefined : digest(token)
}

function unauthorized(access: Access, authorization: string | undefined): HttpProblem {
  const setting = access === 'operate' ? 'tokens.operate' : 'tokens.read'
  const [found, challenge] =
    authorization === undefined
      ? ['no token was sent', 'Bearer realm="callboard"']
      : ['the token sent is not accepted', 'Bearer realm="callboard", error="invalid_token"']
  return new HttpProblem(
    401,
    'unauthorized',
    `${found}; send the one in ${setting} as "Authorization: Bearer <token>"`,
    {
      headers: { 'WWW-Authenticate': challenge },
    },
  )
}
