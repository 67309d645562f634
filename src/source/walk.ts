import { type Disk, explain, isGone, type Kind, type Listed, parallel } from './disk.js'
import { IgnoreRules, ignoreFile } from './ignore.js'
import { type Trace, trace } from './links.js'
import { below, folderOf, inFolder, isDocument, isHidden, isInside, misnamed, nameOf, realOf } from './paths.js'
import { readFile } from './read.js'
import { SourceError } from './source.js'
import { type Folder, type Found, Tree } from './tree.js'

export interface Bounds {
  readonly maxFileBytes: number
  readonly maxReferenceBytes: number
  readonly maxFiles: number
  readonly maxDepth: number
}

interface Candidate {
  readonly path: string
  readonly real: string
}

interface Link {
  readonly path: string
  readonly in: Folder
}

/** Finds everything below `root` (a real path). */
export async function walk(disk: Disk, root: string, references: Iterable<string>, bounds: Bounds): Promise<Tree> {
  const walker = new Walker(disk, new Tree(root), bounds)
  await walker.folders([{ path: '', real: root, depth: 0, rules: IgnoreRules.none }])
  await walker.links()
  await walker.files()
  walker.claim()
  await walker.references([...references])
  await walker.watch()
  return walker.overflow ? withoutFiles(walker.tree, bounds) : walker.tree
}

// Which files would be within the bound is a matter of chance, and half a revision is none.
function withoutFiles({ root, watched }: Tree, { maxFiles }: Bounds): Tree {
  const tree = new Tree(root)
  for (const [real, inode] of watched) tree.watched.set(real, inode)
  tree.refusals.set('', `holds more than ${maxFiles} files or folders, so nothing is read; name some in ${ignoreFile}`)
  return tree
}

/** The steps of a walk, each filling the tree further. */
export class Walker {
  readonly tree: Tree
  readonly #disk: Disk
  readonly #bounds: Bounds
  readonly #visited = new Set<string>()
  #candidates: Candidate[] = []
  #links: Link[] = []
  #overflow = false

  constructor(disk: Disk, tree: Tree, bounds: Bounds) {
    this.#disk = disk
    this.tree = tree
    this.#bounds = bounds
    for (const { real } of tree.folders.values()) this.#visited.add(real)
  }

  get foundLinks(): boolean {
    return this.#links.length > 0
  }

  /** Whether more was found than the bound on files allows; then the walk was cut short. */
  get overflow(): boolean {
    return this.#overflow
  }

  /** Lists `level` and all folders below, a level at a time. Files and links are noted for the next steps. */
  async folders(level: readonly Folder[]): Promise<void> {
    while (level.length > 0) {
      const next: Folder[] = []
      for (const { real } of level) this.#visited.add(real)
      await parallel(level, async (folder) => {
        if (!this.#overflow) await this.#list(folder, next)
      })
      level = next
    }
  }

  /**
   * Follows the links found. A folder that was seen already, at its own place or through an earlier link, is not
   * entered again: that makes circles harmless and shows each document once.
   */
  async links(): Promise<void> {
    while (this.#links.length > 0) {
      this.tree.hasLinks = true
      const links = this.#links.sort((a, b) => (a.path < b.path ? -1 : 1))
      this.#links = []
      if (this.#overflow) return
      const traces = new Map<Link, Trace>()
      await parallel(links, async (link) => {
        try {
          traces.set(link, await trace(this.#disk, link.in.real, nameOf(link.path)))
        } catch (error) {
          this.#refuse(link.path, `is a symbolic link that cannot be followed: ${explain(error)}`)
        }
      })
      for (const link of links) {
        const traced = traces.get(link)
        if (traced !== undefined) await this.#follow(link, traced)
      }
    }
  }

  async #follow({ path, in: folder }: Link, traced: Trace): Promise<void> {
    this.#note(traced)
    const { real, stat } = traced
    const document = isDocument(path)
    if (traced.loop) {
      if (document) this.#refuse(path, 'is a symbolic link that leads in a circle')
    } else if (!isInside(this.tree.root, real)) {
      if (document || stat?.kind === 'folder') this.#refuse(path, leavesRoot(real))
    } else if (stat === undefined) {
      this.tree.joints.add(real)
      if (document) this.#refuse(path, `is a symbolic link to ${real}, which does not exist`)
    } else if (stat.kind === 'folder') {
      if (folder.rules.leaveOut(path, true) || this.#visited.has(real)) return
      if (this.#tooDeep(path, folder.depth + 1)) return
      await this.folders([{ path, real, depth: folder.depth + 1, rules: folder.rules }])
    } else if (document) {
      if (stat.kind === 'file') this.#add({ path, real, stat, document, linked: true, duplicate: false })
      else this.#refuse(path, notRegular(stat.kind))
    }
  }

  /** Looks at each file noted. */
  async files(): Promise<void> {
    const candidates = this.#candidates
    this.#candidates = []
    if (this.#overflow) return
    await parallel(candidates, async ({ path, real }) => {
      try {
        const stat = await this.#disk.lstat(real)
        if (stat?.kind === 'file') {
          this.#add({ path, real, stat, document: true, linked: false, duplicate: false })
        } else if (stat === undefined && path.includes('\uFFFD')) {
          this.#refuse(path, 'has a name that is not valid UTF-8')
        }
      } catch (error) {
        this.#refuse(path, `cannot be read: ${explain(error)}`)
      }
    })
  }

  /** Marks the documents that are there under several paths: the one without a link stands for it, else the first. */
  claim(): void {
    const { files, hasLinks } = this.tree
    if (!hasLinks) return
    const claimed = new Set<string>()
    const linked: Found[] = []
    for (const found of files.values()) {
      if (found.linked) linked.push(found)
      else claimed.add(found.real)
    }
    for (const found of linked.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      if (claimed.has(found.real)) files.set(found.path, { ...found, duplicate: true })
      claimed.add(found.real)
    }
  }

  /** Finds what documents name, except where it is a document itself. */
  async references(paths: readonly string[]): Promise<void> {
    await parallel(paths, async (path) => {
      if (this.tree.files.has(path)) return
      const wrong = misnamed(path)
      if (wrong !== undefined) return this.#refuse(path, wrong)
      try {
        await this.#refer(path)
      } catch (error) {
        this.#refuse(path, `cannot be read: ${explain(error)}`)
      }
    })
  }

  async #refer(path: string): Promise<void> {
    const folder = this.tree.folders.get(folderOf(path))
    const traced =
      folder === undefined
        ? await trace(this.#disk, this.tree.root, path)
        : await trace(this.#disk, folder.real, nameOf(path))
    const { real, stat } = traced
    if (traced.links.length > 0) this.tree.hasLinks = true
    this.#note(traced)
    if (traced.loop) return this.#refuse(path, 'is reached by symbolic links that lead in a circle')
    if (!isInside(this.tree.root, real)) return this.#refuse(path, leavesRoot(real))
    if (stat === undefined) this.tree.joints.add(real)
    else if (stat.kind === 'file') {
      const linked = traced.links.length > 0
      const document = !linked && folder !== undefined && isDocument(path) && !folder.rules.leaveOut(path, false)
      this.#add({ path, real, stat, document, linked, duplicate: false })
    } else this.#refuse(path, stat.kind === 'folder' ? 'is a folder, not a file' : notRegular(stat.kind))
  }

  /** Notes the folders outside the walk proper in which something may change that was found, and those above them. */
  async watch(): Promise<void> {
    const { root, watched, joints, aliases, movedFolders, files } = this.tree
    const folders = new Set<string>()
    const note = (real: string): void => {
      let folder = holderOf(real)
      while (isInside(root, folder) && !folders.has(folder)) {
        folders.add(folder)
        folder = holderOf(folder)
      }
    }
    for (const real of joints) note(real)
    for (const real of aliases.keys()) note(real)
    for (const real of movedFolders.keys()) note(real)
    for (const { document, real } of files.values()) if (!document) note(real)
    const missing = [...folders].filter((folder) => !watched.has(folder))
    await parallel(missing, async (real) => {
      const stat = await this.#disk.lstat(real).catch(() => undefined)
      if (stat?.kind === 'folder') watched.set(real, stat.inode)
    })
  }

  async #list(folder: Folder, next: Folder[]): Promise<void> {
    let listed: Listed[]
    try {
      const stat = await this.#disk.lstat(folder.real)
      if (stat?.kind !== 'folder') {
        if (folder.path === '') throw new SourceError(`there is no folder ${folder.real} any more`)
        if (stat === undefined) this.#undecodable(folder.path)
        // Else it became a link or a file since it was found, and the next walk sees what it is.
        return
      }
      this.tree.watched.set(folder.real, stat.inode)
      listed = await this.#disk.list(folder.real)
    } catch (error) {
      if (error instanceof SourceError) throw error
      if (folder.path === '') throw new SourceError(`cannot read the folder ${folder.real}: ${explain(error)}`)
      if (!isGone(error)) this.#refuse(folder.path, `cannot be read: ${explain(error)}`)
      return
    }
    const hasRules = listed.some(({ name }) => name === ignoreFile)
    const entered = hasRules ? { ...folder, rules: await this.#rules(folder) } : folder
    this.tree.folders.set(folder.path, entered)
    if (folder.real !== realOf(this.tree.root, folder.path)) this.tree.movedFolders.set(folder.real, folder.path)
    for (const entry of listed) this.#enter(entered, entry, next)
    const { maxFiles } = this.#bounds
    const files = this.#candidates.length + this.#links.length + this.tree.files.size
    this.#overflow ||= files > maxFiles || this.#visited.size + next.length > maxFiles
  }

  #enter(folder: Folder, { name, kind }: Listed, next: Folder[]): void {
    if (isHidden(name)) return
    const path = below(folder.path, name)
    // Of files only documents are of interest, but a folder or link may have any name.
    if (kind !== 'folder' && kind !== 'link' && !isDocument(name)) return
    if (folder.rules.leaveOut(path, kind === 'folder')) return
    const real = inFolder(folder.real, name)
    if (kind === 'file') this.#candidates.push({ path, real })
    else if (kind === 'link') this.#links.push({ path, in: folder })
    else if (kind !== 'folder') this.#refuse(path, notRegular(kind))
    else if (!this.#visited.has(real) && !this.#tooDeep(path, folder.depth + 1)) {
      next.push({ path, real, depth: folder.depth + 1, rules: folder.rules })
    }
  }

  async #rules(folder: Folder): Promise<IgnoreRules> {
    const path = below(folder.path, ignoreFile)
    try {
      const traced = await trace(this.#disk, folder.real, ignoreFile)
      this.#note(traced)
      this.tree.joints.add(traced.real)
      if (traced.stat === undefined) return folder.rules
      if (!isInside(this.tree.root, traced.real)) this.#refuse(path, leavesRoot(traced.real))
      else if (traced.stat.kind !== 'file') this.#refuse(path, notRegular(traced.stat.kind))
      else {
        const reading = await readFile(this.#disk, traced.real, traced.stat, this.#bounds.maxFileBytes)
        if (reading.outcome === 'refused') this.#refuse(path, reading.reason)
        if (reading.outcome === 'read')
          return folder.rules.with(folder.path, Buffer.from(reading.bytes).toString('utf8'))
      }
    } catch (error) {
      this.#refuse(path, `cannot be read: ${explain(error)}`)
    }
    return folder.rules
  }

  #add(found: Found): void {
    const { tree } = this
    tree.files.set(found.path, found)
    if (found.real === realOf(tree.root, found.path)) return
    const aliases = tree.aliases.get(found.real)
    if (aliases === undefined) tree.aliases.set(found.real, [found.path])
    else if (!aliases.includes(found.path)) aliases.push(found.path)
  }

  #note({ links }: Trace): void {
    for (const link of links) this.tree.joints.add(link)
  }

  #refuse(path: string, reason: string): void {
    this.tree.refusals.set(path, reason)
  }

  #undecodable(path: string): void {
    if (path.includes('\uFFFD')) this.#refuse(path, 'has a name that is not valid UTF-8')
  }

  #tooDeep(path: string, depth: number): boolean {
    if (depth <= this.#bounds.maxDepth) return false
    this.#refuse(path, `lies more than ${this.#bounds.maxDepth} folders deep; nothing in it is read`)
    return true
  }
}

function holderOf(real: string): string {
  return real.slice(0, real.lastIndexOf('/')) || '/'
}

function notRegular(kind: Kind): string {
  const names = { pipe: 'a named pipe', socket: 'a socket', device: 'a device', folder: 'a folder', link: 'a link' }
  return kind === 'file' ? 'is a file' : `is ${names[kind]}, not a regular file, and is not opened`
}

function leavesRoot(real: string): string {
  return `leads out of the source, to ${real}; only what is inside its root is read`
}
