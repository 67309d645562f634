import type { Disk, Stat } from './disk.js'
import { inFolder } from './paths.js'

/** Where a path leads, with all that was passed on the way: when one of `steps` changes, it may lead elsewhere. */
export interface Trace {
  /** Free of symbolic links; for something missing, the first segment that is not there. */
  readonly real: string
  /** Undefined when there is nothing. */
  readonly stat: Stat | undefined
  readonly loop: boolean
  /** Every segment looked at, as real paths of folders and a name; the symbolic links among them also in `links`. */
  readonly steps: readonly string[]
  readonly links: readonly string[]
}

// As Linux: path_resolution(7).
const maxLinks = 40

/** Follows `target` from `folder` (a real path) segment by segment. */
export async function trace(disk: Disk, folder: string, target: string): Promise<Trace> {
  const steps: string[] = []
  const links: string[] = []
  let real = target.startsWith('/') ? '/' : folder
  let rest = target.split('/')
  let stat: Stat | undefined
  while (rest.length > 0) {
    const [segment = '', ...others] = rest
    rest = others
    if (segment === '' || segment === '.') continue
    if (segment === '..') {
      real = real.slice(0, real.lastIndexOf('/')) || '/'
      stat = undefined
      continue
    }
    const step = inFolder(real, segment)
    steps.push(step)
    stat = await disk.lstat(step)
    if (stat === undefined) return { real: step, stat, loop: false, steps, links }
    if (stat.kind !== 'link') {
      real = step
      continue
    }
    links.push(step)
    if (links.length > maxLinks) return { real: step, stat: undefined, loop: true, steps, links }
    const onward = await disk.readlink(step)
    if (onward.startsWith('/')) real = '/'
    rest = [...onward.split('/'), ...rest]
  }
  // A path that ends in "..", or that is "/" or "." itself.
  stat ??= await disk.lstat(real)
  return { real, stat, loop: false, steps, links }
}
