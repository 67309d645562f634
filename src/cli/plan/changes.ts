// What a plan says about each resource, as rows that every format shows.

import { posix } from 'node:path'
import type { Json } from '../../expression/json.js'
import type { Plan } from '../../reconcile/plan.js'
import { mask } from '../../resources/redact.js'
import type { Resource } from '../../resources/resource.js'
import type { Snapshot } from '../../source/source.js'
import { type Difference, differences } from './differences.js'

export interface Change {
  readonly operation: 'create' | 'update' | 'move' | 'prune'
  readonly resource: Resource
  /** Before a move. */
  readonly from?: Resource
  /** Of a move: whether counters and state go along. */
  readonly keepsState?: boolean
  readonly differences: readonly Difference[]
}

/** The snapshots that both sides were read from; the base's is not there when a controller was asked. */
export interface Contents {
  readonly base: Snapshot | undefined
  readonly head: Snapshot
}

/** In the order of operations, and then of names. */
export function changesOf({ create, update, move, prune }: Plan, contents: Contents): Change[] {
  return [
    ...byName(create.map((resource): Change => ({ operation: 'create', resource, differences: [] }))),
    ...byName(
      update.map(
        ({ before, after }): Change => ({
          operation: 'update',
          resource: after,
          differences: explained(before, after, contents),
        }),
      ),
    ),
    ...byName(
      move.map(
        ({ from, to, declared }): Change => ({
          operation: 'move',
          resource: to,
          from,
          keepsState: declared,
          differences: between(from, to, contents),
        }),
      ),
    ),
    ...byName(prune.map((resource): Change => ({ operation: 'prune', resource, differences: [] }))),
  ]
}

function byName(changes: Change[]): Change[] {
  return changes.sort((a, b) => (a.resource.id < b.resource.id ? -1 : 1))
}

/** An update always says what differs, also where that cannot be shown. */
function explained(before: Resource, after: Resource, contents: Contents): Difference[] {
  const found = between(before, after, contents)
  if (found.length > 0) return found
  const note = contents.base === undefined ? 'a masked secret or the content of a file' : 'something not shown here'
  return [{ pointer: '', note: `${note} differs` }]
}

function between(before: Resource, after: Resource, contents: Contents): Difference[] {
  const found = differences(shown(before), shown(after))
  if (contents.base === undefined) return found
  return [...found, ...secretDifferences(before, after, found), ...fileDifferences(before, after, contents)]
}

/** Labels, annotations and spec as they may be shown: with secrets masked. */
function shown({ kind, labels, annotations, spec, encrypted }: Resource): Json {
  return { labels: { ...labels }, annotations: { ...annotations }, spec: mask(kind, spec as Json, encrypted) }
}

/** Where two specs differ that look the same once they are masked. */
function secretDifferences(before: Resource, after: Resource, shownOnes: readonly Difference[]): Difference[] {
  const known = new Set(shownOnes.map(({ pointer }) => pointer))
  return differences(before.spec as Json, after.spec as Json, '/spec')
    .filter(({ pointer }) => ![...known].some((above) => pointer === above || pointer.startsWith(`${above}/`)))
    .map(({ pointer }) => ({ pointer, note: 'the secret differs' }))
}

/** Files that a spec names before and after, with another content. */
function fileDifferences(before: Resource, after: Resource, { base, head }: Contents): Difference[] {
  const found: Difference[] = []
  const visit = (value: Json, pointer: string): void => {
    if (typeof value === 'string') {
      const was = base?.files.get(beside(before, value))
      const is = head.files.get(beside(after, value))
      if (was !== undefined && is !== undefined && was.hash !== is.hash && is.path !== after.file) {
        found.push({ pointer, note: `the content of ${is.path} differs` })
      }
    } else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) visit(item, `${pointer}/${key}`)
    }
  }
  visit(after.spec as Json, '/spec')
  return found
}

/** A path in a document leads from the folder of that document. */
function beside({ file }: Resource, path: string): string {
  return posix.join(posix.dirname(file), path)
}
