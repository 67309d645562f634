// Who owns what a merge changes.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Resource } from '../../resources/resource.js'
import { pathInRepository, readCommitted } from '../git-objects.js'
import type { Change } from './changes.js'
import { CodeOwners, codeOwnersPaths } from './code-owners.js'

/** By the id of the resource that changes; nobody is said of what has no owner. */
export interface Owners {
  /** Where it is said, below the top of the repository. */
  readonly file: string
  of(change: Change): readonly string[]
}

/**
 * By the file as the base has it, as forges do: a change does not choose its reviewers. Without a base, as it lies in the
 * repository. Undefined where there is none, or no repository.
 */
export async function ownersOf(folder: string, baseCommit: string | undefined): Promise<Owners | undefined> {
  const prefix = await pathInRepository(folder)
  if (prefix === undefined) return undefined
  const top = join(
    folder,
    ...prefix
      .split('/')
      .filter(Boolean)
      .map(() => '..'),
  )
  for (const file of codeOwnersPaths) {
    const text =
      baseCommit === undefined
        ? await readFile(join(top, file), 'utf8').catch(() => undefined)
        : await readCommitted(folder, baseCommit, file)
    if (text === undefined) continue
    const owners = CodeOwners.parse(text, file)
    const named = ({ file: path }: Resource) => owners.of(`${prefix}${path}`)
    return {
      file,
      of: ({ resource, from }) => [...new Set([...named(resource), ...(from === undefined ? [] : named(from))])],
    }
  }
  return undefined
}
