import type { StatusType } from '../status.js'
import { bitbucket } from './bitbucket.js'
import { bitbucketServer } from './bitbucket-server.js'
import { forgejo, gitea } from './gitea.js'
import { github } from './github.js'
import { gitlab } from './gitlab.js'

const all: readonly StatusType[] = [bitbucket, bitbucketServer, forgejo, gitea, github, gitlab]

/** Every type that `commitStatus` in the settings can name. */
export const statusTypes: ReadonlyMap<string, StatusType> = new Map(all.map((type) => [type.type, type]))
