// Servers that take commit statuses as each Git host does: they refuse what the host would refuse, and keep the rest.

import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Answering, Received } from '../callbacks/receiver.js'

export const sha = '9b8ee2e4a1b3c4d5e6f708192a3b4c5d6e7f8091'
export const token = 's3cret-t0ken+/='

export interface Kept {
  readonly sha: string
  readonly context: string
  readonly state: string
  readonly description: string
}

export interface StatusHost {
  /** Path of the API below the server's address. */
  readonly base: string
  readonly answer: Answering
  readonly kept: Kept[]
  /** Taken before the host's own answers, one a request. */
  readonly next: Answering[]
}

type Fields = Readonly<Record<string, unknown>>

interface Rules {
  readonly base: string
  /** `:sha` stands for the commit. */
  readonly path: string
  readonly authorization: readonly [header: string, value: string]
  readonly states: readonly string[]
  readonly required: readonly string[]
  readonly known: readonly string[]
  readonly longest: Readonly<Record<string, number>>
  readonly context: (body: Fields) => string
  readonly success: number
  readonly headers?: Readonly<Record<string, string>>
  /** Beside the fields. */
  readonly refuse?: (body: Fields, kept: readonly Kept[]) => readonly [status: number, body: unknown] | undefined
}

const basic = (user: string) => `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`

const rules: Readonly<Record<string, Rules>> = {
  github: {
    base: '',
    path: '/repos/acme/config/statuses/:sha',
    authorization: ['authorization', `Bearer ${token}`],
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
    states: ['error', 'failure', 'pending', 'success'],
    required: ['state'],
    known: ['state', 'target_url', 'description', 'context'],
    longest: { description: 140 },
    context: ({ context }) => String(context ?? 'default'),
    success: 201,
  },
  gitlab: {
    base: '',
    path: '/api/v4/projects/acme%2Fconfig/statuses/:sha',
    authorization: ['private-token', token],
    states: ['pending', 'running', 'success', 'failed', 'canceled'],
    required: ['state'],
    known: ['state', 'name', 'context', 'target_url', 'description', 'ref'],
    longest: { description: 255 },
    context: ({ name, context }) => String(name ?? context ?? 'default'),
    success: 201,
    // Its pipelines are machines of states.
    refuse: ({ state }, kept) =>
      kept.at(-1)?.state === state
        ? [
            400,
            {
              message: `Cannot transition status via :${eventOf(state)} from :${state} (Reason(s): Status cannot transition via "${eventOf(state)}")`,
            },
          ]
        : undefined,
  },
  gitea: {
    base: '',
    path: '/api/v1/repos/acme/config/statuses/:sha',
    authorization: ['authorization', `token ${token}`],
    states: ['pending', 'success', 'error', 'failure', 'warning'],
    required: ['state'],
    known: ['state', 'target_url', 'description', 'context'],
    longest: {},
    context: ({ context }) => String(context ?? 'default'),
    success: 201,
  },
  bitbucket: {
    base: '/2.0',
    path: '/repositories/acme/config/commit/:sha/statuses/build',
    authorization: ['authorization', `Bearer ${token}`],
    states: ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'STOPPED'],
    required: ['key', 'state', 'url'],
    known: ['key', 'state', 'url', 'name', 'description', 'refname'],
    longest: { key: 40, description: 255 },
    context: ({ key }) => String(key),
    success: 201,
  },
  'bitbucket-server': {
    base: '',
    path: '/rest/api/latest/projects/acme/repos/config/commits/:sha/builds',
    authorization: ['authorization', basic('ci-bot')],
    states: ['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'CANCELLED', 'UNKNOWN'],
    required: ['key', 'state', 'url'],
    known: ['key', 'state', 'url', 'name', 'description', 'ref', 'buildNumber', 'duration', 'parent', 'lastUpdated'],
    longest: { key: 255, description: 255 },
    context: ({ key }) => String(key),
    success: 204,
  },
}

function eventOf(state: unknown): string {
  return state === 'pending' ? 'enqueue' : state === 'success' ? 'succeed' : 'drop'
}

export const hosts = [...Object.keys(rules), 'forgejo']

/** The user that goes along with the token, where the host has one. */
export const usernameOf: Readonly<Record<string, string>> = { 'bitbucket-server': 'ci-bot' }

export function statusHost(type: string, commits: readonly string[] = [sha]): StatusHost {
  const rule = rules[type === 'forgejo' ? 'gitea' : type]
  if (rule === undefined) throw new Error(`no such host: ${type}`)
  const kept: Kept[] = []
  const next: Answering[] = []
  const answer: Answering = (request, res, req) => {
    const scripted = next.shift()
    if (scripted !== undefined) return scripted(request, res, req)
    const problem = problemOf(request, rule, commits)
    if (problem !== undefined) return reply(res, ...problem)
    const body = JSON.parse(String(request.body)) as Fields
    const context = rule.context(body)
    const refused = rule.refuse?.(
      body,
      kept.filter((one) => one.context === context),
    )
    if (refused !== undefined) return reply(res, ...refused)
    kept.push({ sha: shaOf(request), context, state: String(body.state), description: String(body.description) })
    // Gitea names the field of the state otherwise in its answer.
    reply(res, rule.success, rule.success === 204 ? undefined : { id: kept.length, status: body.state })
  }
  return { base: rule.base, answer, kept, next }
}

function problemOf(
  { method, url, headers, body }: Received,
  rule: Rules,
  commits: readonly string[],
): readonly [status: number, body: unknown] | undefined {
  const [name, value] = rule.authorization
  // GitHub refuses who says no name.
  if (headers['user-agent'] === undefined) return [403, { message: 'Request forbidden by administrative rules.' }]
  if (headers[name] !== value) return [401, { message: 'Bad credentials' }]
  const known = commits.map((commit) => rule.base + rule.path.replace(':sha', commit))
  if (method !== 'POST' || !known.includes(url)) return [404, { message: 'Not Found' }]
  if (headers['content-type'] !== 'application/json') return [415, { message: 'JSON only' }]
  for (const [header, wanted] of Object.entries(rule.headers ?? {})) {
    if (headers[header] !== wanted) return [400, { message: `${header} is ${headers[header]}` }]
  }
  const fields = JSON.parse(String(body)) as Fields
  if (!rule.states.includes(String(fields.state))) return [422, { message: `state ${fields.state}` }]
  for (const field of rule.required) if (!fields[field]) return [400, { message: `${field} is missing` }]
  for (const [field, text] of Object.entries(fields)) {
    if (!rule.known.includes(field)) return [422, { message: `${field} is not known` }]
    const most = rule.longest[field]
    if (most !== undefined && [...String(text)].length > most) return [422, { message: `${field} is too long` }]
  }
  return undefined
}

export function reply(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers })
  res.end(body === undefined ? undefined : JSON.stringify(body))
}

/** Answers so, whatever is asked. */
export function answering(status: number, body: unknown = {}, headers: Record<string, string> = {}): Answering {
  return (_, res) => reply(res, status, body, headers)
}

function shaOf({ url }: Received): string {
  return /[0-9a-f]{40}/.exec(url)?.[0] ?? ''
}

/** As hosts that limit keys see a long context. */
export function keyOf(context: string): string {
  return context.length <= 40 ? context : createHash('sha1').update(context).digest('hex')
}
