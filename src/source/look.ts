// Keeps a tree up to date by hints, without walking what they do not name.

import { type Disk, explain, type Stat, sameStat } from './disk.js'
import { ignoreFile } from './ignore.js'
import { below, folderOf, isDocument, isHidden, isInside, nameOf, realOf } from './paths.js'
import { type Folder, type Found, leadsThrough, type Tree } from './tree.js'
import { type Bounds, Walker } from './walk.js'

/** What a look at some paths came to. */
export class Look {
  /** Paths of the files looked at, also those that are gone. */
  readonly paths = new Set<string>()
  /** Whether anything is not as it was in the tree. */
  changed = false
  /** Whether folders came or went, so that others are to be watched. */
  folders = false
}

/**
 * Looks again at what `hints` (paths below the root) name, and brings `tree` in line. Returns undefined, with the tree
 * in no defined state, when only a new walk can tell: a rule file changed, or something that links lead through.
 */
export async function lookAgain(
  disk: Disk,
  tree: Tree,
  hints: Iterable<string>,
  references: ReadonlySet<string>,
  bounds: Bounds,
): Promise<Look | undefined> {
  const looker = new Looker(disk, tree, references, bounds)
  for (const hint of hints) if (!(await looker.at(hint))) return undefined
  return looker.look
}

class Looker {
  readonly look = new Look()
  readonly #disk: Disk
  readonly #tree: Tree
  readonly #references: ReadonlySet<string>
  readonly #bounds: Bounds
  readonly #seen = new Set<string>()

  constructor(disk: Disk, tree: Tree, references: ReadonlySet<string>, bounds: Bounds) {
    this.#disk = disk
    this.#tree = tree
    this.#references = references
    this.#bounds = bounds
  }

  /** False when a new walk is needed. */
  async at(hint: string): Promise<boolean> {
    const tree = this.#tree
    if (hint === '' || nameOf(hint) === ignoreFile) return false
    const real = realOf(tree.root, hint)
    const file = tree.files.get(hint)
    const aliases = tree.aliases.get(real)
    if (this.#passesJoint(folderOf(hint))) return false
    // The same file as people see it, when its folder is reached by a link.
    for (const [folder, path] of tree.movedFolders) {
      if (isInside(folder, real) && !(await this.at(path + real.slice(folder.length)))) return false
    }
    // A folder that documents name as a file.
    if (tree.folders.has(hint) && this.#references.has(hint)) return false
    if (file === undefined && aliases === undefined && this.#references.has(hint) && !tree.hasLinks) {
      // What was missing is a joint; from here on it is a file, or noted again.
      tree.joints.delete(real)
      if (isDocument(hint)) {
        if (!(await this.#atUnknown(hint))) return false
        if (tree.files.has(hint)) return true
      }
      return this.#atReference(hint)
    }
    if (tree.joints.has(real)) return false
    for (const alias of aliases ?? []) {
      const found = tree.files.get(alias)
      if (found !== undefined && !(await this.#atFile(found))) return false
    }
    if (file !== undefined) return this.#atFile(file)
    return leadsThrough(tree, real) || this.#refersBelow(hint) ? false : this.#atUnknown(hint)
  }

  #passesJoint(folder: string): boolean {
    const { joints, root } = this.#tree
    if (joints.size === 0) return false
    for (let path = folder; path !== ''; path = folderOf(path)) if (joints.has(realOf(root, path))) return true
    return false
  }

  async #atFile(found: Found): Promise<boolean> {
    const tree = this.#tree
    this.look.paths.add(found.path)
    const stat = await this.#lstat(found.path, found.real)
    if (stat === 'refused') return true
    if (stat?.kind === 'file') {
      if (!sameStat(stat, found.stat)) {
        this.look.changed = true
        tree.files.set(found.path, { ...found, stat })
      }
      return true
    }
    if (stat !== undefined || tree.hasLinks) return false
    this.look.changed = true
    tree.files.delete(found.path)
    return true
  }

  /** A file that documents name and that was not there, or was refused. */
  async #atReference(path: string): Promise<boolean> {
    const tree = this.#tree
    const refusal = tree.refusals.get(path)
    tree.refusals.delete(path)
    const walker = new Walker(this.#disk, tree, this.#bounds)
    await walker.references([path])
    this.look.paths.add(path)
    if (tree.files.has(path) || tree.refusals.get(path) !== refusal) this.look.changed = true
    // A link needs its ends watched, and a folder its contents.
    return !tree.hasLinks && !tree.refusals.has(path)
  }

  async #atUnknown(hint: string): Promise<boolean> {
    const tree = this.#tree
    const path = this.#topmostUnknown(hint)
    if (path === undefined || this.#seen.has(path)) return true
    if (path !== hint) return this.at(path)
    this.#seen.add(path)
    const holder = tree.folders.get(folderOf(path))
    // The root itself could not be listed, or the walk was cut short.
    if (holder === undefined) return false
    const real = realOf(holder.real, nameOf(path))
    const stat = await this.#lstat(path, real)
    if (stat === 'refused') return true
    const folder = tree.folders.get(path)
    if (stat === undefined) {
      if (this.#clearRefusal(path)) this.look.changed = true
      return folder === undefined || this.#withoutFolder(folder)
    }
    if (holder.rules.leaveOut(path, stat.kind === 'folder')) return true
    if (stat.kind === 'folder')
      return this.#atFolder(folder ?? { path, real, depth: holder.depth + 1, rules: holder.rules })
    if (folder !== undefined || stat.kind === 'link') return false
    if (!isDocument(path)) return true
    if (stat.kind !== 'file' || tree.hasLinks || tree.files.size >= this.#bounds.maxFiles) return false
    this.#clearRefusal(path)
    this.look.changed = true
    this.look.paths.add(path)
    tree.files.set(path, { path, real, stat, document: true, linked: false, duplicate: false })
    return true
  }

  /** The highest segment of `path` that is no known folder; `path` itself when it is one. Undefined if left out. */
  #topmostUnknown(path: string): string | undefined {
    if (path.startsWith('/')) return undefined
    let at = ''
    for (const name of path.split('/')) {
      if (name === '' || isHidden(name)) return undefined
      at = below(at, name)
      if (!this.#tree.folders.has(at)) return at
    }
    return at
  }

  /** Whether documents name files in a folder that is not walked, or that is gone. */
  #refersBelow(folder: string): boolean {
    if (this.#tree.folders.has(folder)) return false
    for (const path of this.#references) if (isBelow(folder, path)) return true
    return false
  }

  async #atFolder(folder: Folder): Promise<boolean> {
    const tree = this.#tree
    if (tree.hasLinks || folder.depth > this.#bounds.maxDepth) return false
    const before = this.#takeOut(folder)
    const holder = tree.folders.get(folderOf(folder.path))
    const walker = new Walker(this.#disk, tree, this.#bounds)
    await walker.folders([{ ...folder, rules: holder?.rules ?? folder.rules }])
    if (walker.foundLinks || walker.overflow) return false
    await walker.files()
    await walker.references([...this.#references].filter((path) => isBelow(folder.path, path)))
    if (tree.hasLinks) return false
    await walker.watch()
    this.#compare(folder, before)
    return true
  }

  #withoutFolder(folder: Folder): boolean {
    if (this.#tree.hasLinks) return false
    for (const path of this.#references) if (isBelow(folder.path, path)) return false
    this.#compare(folder, this.#takeOut(folder))
    return true
  }

  #takeOut(folder: Folder): Map<string, Found> {
    const tree = this.#tree
    const files = new Map<string, Found>()
    for (const [path, found] of tree.files) if (isBelow(folder.path, path)) files.set(path, found)
    for (const path of files.keys()) tree.files.delete(path)
    for (const path of tree.refusals.keys()) {
      if (path === folder.path || isBelow(folder.path, path)) tree.refusals.delete(path)
    }
    for (const path of tree.folders.keys()) {
      if (path === folder.path || isBelow(folder.path, path)) tree.folders.delete(path)
    }
    for (const real of tree.watched.keys()) {
      if (real === folder.real || isBelow(folder.real, real)) tree.watched.delete(real)
    }
    return files
  }

  #compare(folder: Folder, before: ReadonlyMap<string, Found>): void {
    const { look } = this
    look.folders = true
    for (const path of before.keys()) {
      look.paths.add(path)
      if (!this.#tree.files.has(path)) look.changed = true
    }
    for (const [path, { stat }] of this.#tree.files) {
      if (!isBelow(folder.path, path)) continue
      look.paths.add(path)
      const former = before.get(path)
      if (former === undefined || !sameStat(former.stat, stat)) look.changed = true
    }
  }

  async #lstat(path: string, real: string): Promise<Stat | undefined | 'refused'> {
    try {
      return await this.#disk.lstat(real)
    } catch (error) {
      this.#tree.refusals.set(path, `cannot be read: ${explain(error)}`)
      this.#tree.files.delete(path)
      this.look.paths.add(path)
      return 'refused'
    }
  }

  #clearRefusal(path: string): boolean {
    return this.#tree.refusals.delete(path)
  }
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder) && path.charCodeAt(folder.length) === 47
}
