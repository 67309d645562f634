// https://docs.gitlab.com/api/commits/#set-the-pipeline-status-of-a-commit

import type { HttpAnswer } from '../../network/http-client.js'
import { type CommitStatus, given, type StatusState, type StatusType, shortened } from '../status.js'

const maxDescription = 255
const states: Readonly<Record<StatusState, string>> = { pending: 'pending', success: 'success', failure: 'failed' }

export const gitlab: StatusType = {
  type: 'gitlab',
  title: 'GitLab',
  maxDescription,
  apiOf: ({ protocol, host }) => `${protocol}//${host}`,
  misnamed: (repository) => (repository.includes('/') ? undefined : 'it has to be group/name, with all subgroups'),
  request: ({ repository, sha, state, description, context, targetUrl, ref }, { token }) => ({
    path: `/api/v4/projects/${encodeURIComponent(repository)}/statuses/${sha}`,
    headers: { 'private-token': token },
    body: given({
      state: states[state],
      name: context,
      target_url: targetUrl,
      description: shortened(description, maxDescription),
      ref,
    }),
  }),
  isThere,
}

/** It refuses to go from a state to the same, or back from running to pending. */
function isThere({ status, text }: HttpAnswer, { state }: CommitStatus): boolean {
  if (status !== 400) return false
  const [, from] = /Cannot transition status via :\w+ from :(\w+)/.exec(text) ?? []
  return from === states[state] || (state === 'pending' && from === 'running')
}
