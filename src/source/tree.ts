import { type Stat, sameStat } from './disk.js'
import type { IgnoreRules } from './ignore.js'
import { isInside } from './paths.js'

/** A regular file that was found, and not read yet. */
export interface Found {
  readonly path: string
  readonly real: string
  readonly stat: Stat
  readonly document: boolean
  /** Found at the end of a symbolic link of its own, not in a folder. */
  readonly linked: boolean
  /** A document that is also found under another path, which stands for it. */
  readonly duplicate: boolean
}

export interface Folder {
  readonly path: string
  readonly real: string
  readonly depth: number
  readonly rules: IgnoreRules
}

/** What lies below the root: the result of one walk, kept up to date by hints. */
export class Tree {
  /** Real path. */
  readonly root: string
  readonly files = new Map<string, Found>()
  readonly folders = new Map<string, Folder>()
  /** Real paths of the folders in which changes matter, with their inodes. */
  readonly watched = new Map<string, bigint>()
  /** Reasons by path. */
  readonly refusals = new Map<string, string>()
  /** Real paths through which symbolic links lead, or at which they end in nothing: a change there can move much. */
  readonly joints = new Set<string>()
  /** Paths of files whose real path is not the one below the root, by real path. */
  readonly aliases = new Map<string, string[]>()
  /** Paths of folders whose real path is not the one below the root, by real path. */
  readonly movedFolders = new Map<string, string>()
  /** Whether symbolic links were found; then what one change does to the rest is worked out by a new walk. */
  hasLinks = false

  constructor(root: string) {
    this.root = root
  }
}

/** Whether something that was found lies at or below `real`, on another way than by walking there. */
export function leadsThrough({ hasLinks, joints, aliases, movedFolders }: Tree, real: string): boolean {
  if (!hasLinks) return false
  for (const ends of [joints, aliases.keys(), movedFolders.keys()]) {
    for (const end of ends) if (isInside(real, end)) return true
  }
  return false
}

/** The paths at which two walks differ. If there are none, nothing moved from the end of the first to the second. */
export function differences(before: Tree, after: Tree): string[] {
  const paths: string[] = []
  for (const [path, found] of after.files) {
    const former = before.files.get(path)
    if (former === undefined || former.real !== found.real || !sameStat(former.stat, found.stat)) paths.push(path)
  }
  for (const path of before.files.keys()) if (!after.files.has(path)) paths.push(path)
  for (const [path, reason] of after.refusals) if (before.refusals.get(path) !== reason) paths.push(path)
  for (const path of before.refusals.keys()) if (!after.refusals.has(path)) paths.push(path)
  for (const [path, { real }] of after.folders) if (before.folders.get(path)?.real !== real) paths.push(path)
  for (const path of before.folders.keys()) if (!after.folders.has(path)) paths.push(path)
  return paths
}
