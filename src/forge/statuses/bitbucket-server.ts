// Bitbucket Data Center 7.4 and newer: https://developer.atlassian.com/server/bitbucket/rest, "Builds and Deployments".

import { given, ownerAndName, type StatusType, shortened } from '../status.js'
import { authorizationOf, bitbucketStates, keyOf } from './bitbucket.js'

const maxDescription = 255

export const bitbucketServer: StatusType = {
  type: 'bitbucket-server',
  title: 'Bitbucket Data Center',
  maxDescription,
  apiOf: ({ protocol, host }) => `${protocol}//${host}`,
  // Over HTTP repositories are below /scm.
  repositoryOf: (path) => path.replace(/^(?:.*\/)?scm\//i, ''),
  misnamed: (repository) => (ownerAndName(repository) === undefined ? undefined : 'it has to be project/name'),
  request: ({ repository, sha, state, description, context, targetUrl, ref }, access) => {
    const [project = '', name = ''] = repository.split('/').map(encodeURIComponent)
    const place = `/projects/${project}/repos/${name}/commits/${sha}`
    return {
      path: `/rest/api/latest${place}/builds`,
      headers: { authorization: authorizationOf(access) },
      body: given({
        key: keyOf(context),
        state: bitbucketStates[state],
        url: targetUrl ?? access.api + place,
        name: context,
        description: shortened(description, maxDescription),
        ref: ref === undefined ? undefined : `refs/heads/${ref}`,
      }),
    }
  },
}
