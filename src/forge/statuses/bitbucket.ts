// https://developer.atlassian.com/cloud/bitbucket/rest/api-group-commit-statuses

import { createHash } from 'node:crypto'
import {
  escapedPath,
  given,
  ownerAndName,
  type StatusAccess,
  type StatusState,
  type StatusType,
  shortened,
} from '../status.js'

const maxDescription = 255
const maxKey = 40

export const bitbucketStates: Readonly<Record<StatusState, string>> = {
  pending: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
}

export const bitbucket: StatusType = {
  type: 'bitbucket',
  title: 'Bitbucket Cloud',
  maxDescription,
  apiOf: () => 'https://api.bitbucket.org/2.0',
  misnamed: ownerAndName,
  request: ({ repository, sha, state, description, context, targetUrl, ref }, access) => ({
    path: `/repositories/${escapedPath(repository)}/commit/${sha}/statuses/build`,
    headers: { authorization: authorizationOf(access) },
    body: given({
      key: keyOf(context),
      state: bitbucketStates[state],
      // One is required.
      url: targetUrl ?? `https://bitbucket.org/${escapedPath(repository)}/commits/${sha}`,
      name: context,
      description: shortened(description, maxDescription),
      refname: ref,
    }),
  }),
}

/** The same key overwrites the status; a longer one is refused. */
export function keyOf(context: string): string {
  return context.length <= maxKey ? context : createHash('sha1').update(context).digest('hex')
}

export function authorizationOf({ token, username }: StatusAccess): string {
  return username === undefined ? `Bearer ${token}` : `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`
}
