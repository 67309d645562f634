// Who may do what. Tokens by purpose; `operate` may do what the others may, and `messages` may read.
import { createHash, timingSafeEqual } from 'node:crypto'
import { HttpProblem } from './problem-details.js'
import type { Access } from './route.js'

export interface Tokens {
  readonly read?: string
  readonly events?: string
  readonly messages?: string
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
  const events = digestOf('tokens.events', tokens.events)
  const messages = digestOf('tokens.messages', tokens.messages)
  const operate = digestOf('tokens.operate', tokens.operate)
  return (access, authorization) => {
    if (access === 'open' || (access === 'read' && read === undefined)) return
    if (access === 'operate' && operate === undefined) throw switchedOff('operations are', 'operate')
    if (access === 'events' && events === undefined && operate === undefined) {
      throw switchedOff('events from outside are', 'events')
    }
    if (access === 'messages' && messages === undefined && operate === undefined) {
      throw switchedOff('messages by programs are', 'messages')
    }
    const given = bearer(authorization)
    if (given === undefined) throw unauthorized(access, authorization)
    // All are compared each time, so that the time taken does not tell which one it was not.
    const mayRead = matches(given, read)
    const mayPost = matches(given, events)
    const mayWrite = matches(given, messages)
    const mayOperate = matches(given, operate)
    const may = { read: mayRead || mayWrite, events: mayPost, messages: mayWrite, operate: false }
    if (mayOperate || may[access]) return
    if (mayWrite) throw notEnough('messages-token', 'this token may only read and send messages', access)
    if (mayRead) throw notEnough('read-token', 'this token may only read', access)
    if (mayPost) throw notEnough('events-token', 'this token may only post events', access)
    throw unauthorized(access, authorization)
  }
}

function switchedOff(what: string, token: 'events' | 'messages' | 'operate'): HttpProblem {
  const variable = `CALLBOARD_TOKENS_${token.toUpperCase()}`
  return new HttpProblem(
    403,
    'operations-disabled',
    `${what} switched off: set tokens.${token} in the settings, or ${variable} in the environment, and send it as a bearer token`,
  )
}

/** Words for what each needs. */
const needs: Readonly<Record<Exclude<Access, 'open'>, string>> = {
  read: 'reading needs the one in tokens.read',
  events: 'posting events needs the one in tokens.events',
  messages: 'sending messages needs the one in tokens.messages',
  operate: 'operations need the one in tokens.operate',
}

function notEnough(slug: string, found: string, access: Access): HttpProblem {
  return new HttpProblem(403, slug, `${found}; ${access === 'open' ? '' : needs[access]}`, {
    headers: { 'WWW-Authenticate': 'Bearer realm="callboard", error="insufficient_scope"' },
  })
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
  const setting = `tokens.${access === 'open' ? 'read' : access}`
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
