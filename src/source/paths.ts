// Two sorts of paths: a *path* is below the root with `/` between segments ('' is the root itself) and is what people
// see; a *real* path is absolute and free of symbolic links, and is what the disk is asked for.

export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

export function inFolder(real: string, name: string): string {
  return real === '/' ? `/${name}` : `${real}/${name}`
}

export function isInside(root: string, real: string): boolean {
  return real === root || root === '/' || (real.startsWith(root) && real.charCodeAt(root.length) === 47)
}

/** The path below `root` of a real path inside it. */
export function pathOf(root: string, real: string): string {
  return real === root ? '' : real.slice(root === '/' ? 1 : root.length + 1)
}

export function realOf(root: string, path: string): string {
  return path === '' ? root : inFolder(root, path)
}

/** The folder that holds `path`; '' for what is directly in the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '' : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function isHidden(name: string): boolean {
  return name.charCodeAt(0) === 46
}

export function hasHiddenSegment(path: string): boolean {
  return path.startsWith('.') || path.includes('/.')
}

export function isDocument(name: string): boolean {
  return name.endsWith('.yaml') || name.endsWith('.yml') || name.endsWith('.json')
}

/** Why `path` cannot name a file below the root, or undefined when it can. */
export function misnamed(path: string): string | undefined {
  if (path === '' || path.includes('\0')) return 'is no path of a file'
  if (path.startsWith('/')) return 'is an absolute path; name the file by its path below the root of the source'
  const segments = path.split('/')
  if (segments.includes('..')) return 'leads out of the source with ".."; only files below its root are read'
  if (segments.includes('') || segments.includes('.')) return 'is not a plain path: leave out "." and empty segments'
  if (hasHiddenSegment(path)) return 'is a hidden file or in a hidden folder; those are not read'
  return undefined
}
