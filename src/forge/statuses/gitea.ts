// https://docs.gitea.com/api: repoCreateStatus. Forgejo has kept it.

import { escapedPath, given, ownerAndName, type StatusType, shortened } from '../status.js'

const maxDescription = 255

export const gitea: StatusType = {
  type: 'gitea',
  title: 'Gitea',
  maxDescription,
  apiOf: ({ protocol, host }) => `${protocol}//${host}`,
  misnamed: ownerAndName,
  request: ({ repository, sha, state, description, context, targetUrl }, { token }) => ({
    path: `/api/v1/repos/${escapedPath(repository)}/statuses/${sha}`,
    headers: { authorization: `token ${token}` },
    body: given({ state, target_url: targetUrl, description: shortened(description, maxDescription), context }),
  }),
}

export const forgejo: StatusType = { ...gitea, type: 'forgejo', title: 'Forgejo' }
