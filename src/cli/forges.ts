import type { Io } from './command.js'
import { type CommentOutcome, call, ForgeError, type PullRequest, pages } from './forge-comment.js'

export interface Forge {
  readonly title: string
  /** Where its token is looked for. */
  readonly tokens: readonly string[]
  readonly mostCharacters: number
  /** Whether this is one of its jobs. */
  isHere(env: Io['env']): boolean
  /** What a job knows of its pull request. */
  facts(env: Io['env']): { readonly [Fact in 'api' | 'repository' | 'number']: string | undefined }
  /** Replaces the comment that begins with `marker`, or makes one. Rejects with `ForgeError`. */
  comment(target: PullRequest, marker: string, body: string): Promise<CommentOutcome>
}

/** As far as they are asked for. */
interface GitHubComment {
  readonly id: number
  readonly body?: string
  readonly html_url?: string
  readonly user?: { readonly login?: string; readonly type?: string } | null
}

const github: Forge = {
  title: 'GitHub',
  tokens: ['GITHUB_TOKEN', 'GH_TOKEN'],
  mostCharacters: 65_536,
  isHere: (env) => env.GITHUB_ACTIONS === 'true',
  facts: (env) => ({
    api: env.GITHUB_API_URL ?? 'https://api.github.com',
    repository: env.GITHUB_REPOSITORY,
    // refs/pull/7/merge
    number: /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? '')?.[1],
  }),
  comment: async ({ api, repository, number, token }, marker, body) => {
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: 'application/vnd.github+json',
      'X-GitHub-Api-Version': '2022-11-28',
    }
    const place = `${api}/repos/${repository.split('/').map(encodeURIComponent).join('/')}/issues`
    // The token of a job is no user's and may not ask; it writes as a bot.
    const me = (await call({ method: 'GET', url: `${api}/user`, headers }).catch(refusedOnly)) as { login?: string }
    for await (const one of pages(`${place}/${number}/comments`, headers)) {
      const { id, body: text = '', user } = one as GitHubComment
      const isOwn = me.login === undefined ? user?.type === 'Bot' : user?.login === me.login
      if (!isOwn || !text.startsWith(marker)) continue
      const url = `${place}/comments/${id}`
      const updated = (await call({ method: 'PATCH', url, headers, body: { body } })) as GitHubComment
      return { outcome: 'updated', url: updated.html_url ?? url }
    }
    const url = `${place}/${number}/comments`
    const created = (await call({ method: 'POST', url, headers, body: { body } })) as GitHubComment
    return { outcome: 'created', url: created.html_url ?? url }
  },
}

interface GitLabNote {
  readonly id: number
  readonly body?: string
  readonly author?: { readonly id?: number } | null
}

const gitlab: Forge = {
  title: 'GitLab',
  tokens: ['GITLAB_TOKEN'],
  mostCharacters: 1_000_000,
  isHere: (env) => env.GITLAB_CI === 'true',
  facts: (env) => ({
    api: env.CI_API_V4_URL,
    repository: env.CI_PROJECT_ID,
    number: env.CI_MERGE_REQUEST_IID,
  }),
  comment: async ({ api, repository, number, token }, marker, body) => {
    const headers = { 'PRIVATE-TOKEN': token }
    const place = `${api}/projects/${encodeURIComponent(repository)}/merge_requests/${number}/notes`
    const me = (await call({ method: 'GET', url: `${api}/user`, headers })) as { id?: number }
    for await (const one of pages(place, headers)) {
      const { id, body: text = '', author } = one as GitLabNote
      if (me.id === undefined || author?.id !== me.id || !text.startsWith(marker)) continue
      const url = `${place}/${id}`
      await call({ method: 'PUT', url, headers, body: { body } })
      return { outcome: 'updated', url }
    }
    const created = (await call({ method: 'POST', url: place, headers, body: { body } })) as GitLabNote
    return { outcome: 'created', url: `${place}/${created.id}` }
  },
}

function refusedOnly(error: unknown): object {
  if (error instanceof ForgeError && error.status === 403) return {}
  throw error
}

/** By the name that `--forge` takes. */
export const forges: ReadonlyMap<string, Forge> = new Map([
  ['github', github],
  ['gitlab', gitlab],
])
