import type { ReceiverType } from '../hook.js'
import { bitbucket } from './bitbucket.js'
import { bitbucketServer } from './bitbucket-server.js'
import { generic } from './generic.js'
import { forgejo, gitea } from './gitea.js'
import { github } from './github.js'
import { gitlab } from './gitlab.js'

const all: readonly ReceiverType[] = [bitbucket, bitbucketServer, forgejo, generic, gitea, github, gitlab]

/** Every type that an entry of `receivers` in the settings can name. */
export const receiverTypes: ReadonlyMap<string, ReceiverType> = new Map(all.map((type) => [type.type, type]))
