// Which commit is meant: by branch, tag, range of tags, or its own name. Only exact names are asked for and taken: git's
// own patterns match the end of a name.

import semver from 'semver'
import { SourceError } from '../source.js'

/** At most one; none means the branch that the repository names as its own. */
export interface GitRef {
  readonly branch?: string
  readonly tag?: string
  /** A range as npm reads it (`>=1.2 <2`); the highest tag in it. Pre-releases only where the range names one. */
  readonly semver?: string
  /** The whole object name. */
  readonly commit?: string
}

/** What to fetch. */
export interface RemoteRef {
  /** Of the revision: `main`, `v1.2.0`; empty for a commit by its name. */
  readonly label: string
  /** `refs/heads/main`, or an object name. */
  readonly name: string
  /** What the name stands for there now, an annotated tag itself and not its commit. */
  readonly object: string
}

/** What is wrong with it, for the settings; undefined when it can be used. */
export function misnamedRef(ref: GitRef): string | undefined {
  const given = Object.entries(ref).filter(([, value]) => value !== undefined)
  if (given.length > 1) return `has ${given.map(([key]) => key).join(' and ')}; give one of them`
  const { branch, tag, commit, semver: range } = ref
  if (commit !== undefined && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    return `commit: ${JSON.stringify(commit)} is not the whole name of a commit (40 or 64 digits of hex)`
  }
  if (range !== undefined && semver.validRange(range) === null) {
    return `semver: ${JSON.stringify(range)} is no range of versions; write one such as ">=1.2.0 <2.0.0" or "~1.4"`
  }
  for (const [key, name] of Object.entries({ branch, tag })) {
    if (name !== undefined && !isRefName(name)) return `${key}: ${JSON.stringify(name)} is no name that git allows`
  }
  return undefined
}

/** What `git ls-remote` is asked for; undefined when there is nothing to ask. */
export function patternsOf({ branch, tag, semver: range, commit }: GitRef): readonly string[] | undefined {
  if (commit !== undefined) return undefined
  if (branch !== undefined) return [`refs/heads/${branch}`]
  if (tag !== undefined) return [`refs/tags/${tag}`]
  return range === undefined ? ['HEAD'] : ['refs/tags/*']
}

/** Chooses from what `git ls-remote --symref` prints. Throws `SourceError` when nothing there is meant. */
export function chooseRef(ref: GitRef, listed: string): RemoteRef {
  const { branch, tag, semver: range } = ref
  const found = parseListing(listed)
  const named = (label: string, name: string, none: string): RemoteRef => {
    const object = found.objects.get(name)
    if (object === undefined) throw new SourceError(none, { reason: 'RefNotFound' })
    return { label, name, object }
  }
  if (branch !== undefined) {
    return named(branch, `refs/heads/${branch}`, `the repository has no branch ${JSON.stringify(branch)} (any more)`)
  }
  if (tag !== undefined) {
    return named(tag, `refs/tags/${tag}`, `the repository has no tag ${JSON.stringify(tag)} (any more)`)
  }
  if (range !== undefined) return highest(range, found.objects)
  const head = found.symbolic.get('HEAD')
  // A detached HEAD has no branch.
  const label = head?.startsWith('refs/heads/') ? head.slice('refs/heads/'.length) : 'HEAD'
  return named(label, 'HEAD', 'the repository has no commit yet, or its HEAD names a branch that is not there')
}

function highest(range: string, objects: ReadonlyMap<string, string>): RemoteRef {
  const tags = [...objects.keys()].flatMap((name) => {
    const tag = name.startsWith('refs/tags/') ? name.slice('refs/tags/'.length) : ''
    const version = semver.parse(tag, { loose: true })
    return version === null || !isRefName(tag) ? [] : [{ tag, version }]
  })
  const within = tags.filter(({ version }) => semver.satisfies(version, range))
  // Two tags of one version (v1.0.0 and 1.0.0): always the same one of them.
  within.sort((a, b) => semver.compareBuild(b.version, a.version) || (a.tag < b.tag ? -1 : 1))
  const tag = within[0]?.tag
  const object = objects.get(`refs/tags/${tag}`)
  if (tag === undefined || object === undefined) {
    tags.sort((a, b) => semver.compareBuild(b.version, a.version))
    const there = tags.slice(0, 3).map((each) => each.tag)
    const known = there.length === 0 ? 'it has no tag that is a version' : `its highest are ${there.join(', ')}`
    throw new SourceError(`the repository has no tag within ${JSON.stringify(range)}; ${known}`, {
      reason: 'RefNotFound',
    })
  }
  return { label: tag, name: `refs/tags/${tag}`, object }
}

function parseListing(listed: string) {
  const objects = new Map<string, string>()
  const symbolic = new Map<string, string>()
  for (const line of listed.split('\n')) {
    const tab = line.indexOf('\t')
    if (tab === -1) continue
    const [value, name] = [line.slice(0, tab), line.slice(tab + 1)]
    if (value.startsWith('ref: ')) symbolic.set(name, value.slice(5))
    else if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value)) objects.set(name, value)
  }
  return { objects, symbolic }
}

// git-check-ref-format(1); besides, nothing that an option could look like.
function isRefName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (name === '' || name === '@' || name.length > 250 || /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$/.test(name)) {
    return false
  }
  return name.split('/').every((part) => !/^[.-]/.test(part) && !part.endsWith('.lock'))
}
