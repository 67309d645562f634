// Who owns a file, by the CODEOWNERS file of its repository.
// https://docs.github.com/repositories/…/about-code-owners, https://docs.gitlab.com/user/project/codeowners/reference/

import { compileRegex, RegexError } from '../../expression/regex.js'

/** Where the file is looked for, in the order of GitHub; GitLab looks at the last three, and nobody has two. */
export const codeOwnersPaths: readonly string[] = [
  '.github/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.gitlab/CODEOWNERS',
]

interface Rule {
  readonly matches: (path: string) => boolean
  readonly owners: readonly string[]
  /** GitLab: `!pattern` takes files out of its section. */
  readonly excludes: boolean
}

interface Section {
  readonly name: string
  readonly defaults: readonly string[]
  readonly rules: Rule[]
}

/** Lines that cannot be read are passed over, as the forges do. */
export class CodeOwners {
  readonly #sections: readonly Section[]

  private constructor(sections: readonly Section[]) {
    this.#sections = sections
  }

  /** By the rules of GitLab where the file lies in `.gitlab` or has sections, otherwise by those of GitHub. */
  static parse(text: string, path: string): CodeOwners {
    const lines = text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
    const isGitLab = path.startsWith('.gitlab/') || lines.some((line) => sectionHead.test(line))
    const sections: Section[] = [{ name: '', defaults: [], rules: [] }]
    let section = sections[0] as Section
    for (const line of lines) {
      const head = isGitLab ? sectionHead.exec(line) : null
      if (head !== null) {
        const name = (head[1] ?? '').toLowerCase()
        const known = sections.find((one) => one.name === name)
        section = known ?? { name, defaults: ownersIn(head[2] ?? ''), rules: [] }
        if (known === undefined) sections.push(section)
        continue
      }
      const rule = isGitLab ? gitlabRule(line, section) : githubRule(line)
      if (rule !== undefined) section.rules.push(rule)
    }
    return new CodeOwners(sections)
  }

  /** Of a path below the top of the repository; empty when nobody owns it. In each section the last match wins. */
  of(path: string): readonly string[] {
    const owners = this.#sections.flatMap(({ rules }) => {
      if (rules.some((rule) => rule.excludes && rule.matches(path))) return []
      return rules.findLast((rule) => !rule.excludes && rule.matches(path))?.owners ?? []
    })
    return [...new Set(owners)]
  }
}

/** `[Name]`, `^[Name]`, `[Name][2]`, each with owners for what names none. */
const sectionHead = /^\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?$/

/** Pattern and the rest; a backslash keeps a space in the pattern. */
function split(line: string): { readonly pattern: string; readonly rest: string } {
  const [, pattern = '', rest = ''] = /^((?:\\.|[^\s\\])+)\s*(.*)$/.exec(line) ?? []
  return { pattern, rest }
}

/** Also a user's name without the sign is no owner, as on the forges. */
function ownersIn(text: string): readonly string[] {
  const owners: string[] = []
  for (const word of text.split(/\s+/)) {
    if (word.startsWith('#')) break
    if (/^@{1,2}[\w.-]+(?:\/[\w./-]+)*$|^[^@\s]+@[^@\s]+$/.test(word)) owners.push(word)
  }
  return owners
}

function githubRule(line: string): Rule | undefined {
  const { pattern, rest } = split(line)
  // Neither negation nor ranges are known there; such lines are passed over.
  if (pattern === '' || pattern.startsWith('!') || /[[\]]/.test(pattern)) return undefined
  const owners = ownersIn(rest)
  // A line whose owners cannot be read is passed over; one without any says that nobody owns it.
  if (owners.length === 0 && rest !== '' && !rest.startsWith('#')) return undefined
  const isAnchored = /\/./.test(pattern)
  const body = pattern.replace(/^\//, '').replace(/\/$/, '')
  const prefix = isAnchored ? '' : '(?:.*/)?'
  // Whatever is in a folder that matches; `docs/*` alone stays with the files directly in it.
  const suffix = pattern.endsWith('/') ? '/.*' : /\/\*$/.test(pattern) ? '' : '(?:/.*)?'
  const matches = tester(`${prefix}${globSource(body)}${suffix}`)
  return matches && { matches, owners, excludes: false }
}

function gitlabRule(line: string, { defaults }: Section): Rule | undefined {
  const excludes = line.startsWith('!')
  const { pattern, rest } = split(excludes ? line.slice(1) : line)
  if (pattern === '') return undefined
  const named = ownersIn(rest)
  // A relative pattern matches anywhere, and a folder only when it ends with a slash.
  const rooted = pattern.startsWith('/') ? pattern.slice(1) : `**/${pattern}`
  const whole = pattern === '*' ? '**/*' : rooted.endsWith('/') ? `${rooted}**/*` : rooted
  const matches = tester(globSource(whole))
  return matches && { matches, owners: named.length > 0 ? named : defaults, excludes }
}

/** Undefined for a pattern that is too long to be meant. */
function tester(source: string): ((path: string) => boolean) | undefined {
  try {
    const regex = compileRegex(`(?s)^${source}$`)
    return (path) => regex.test(path)
  } catch (error) {
    if (error instanceof RegexError) return undefined
    throw error
  }
}

/** `*` and `?` within a segment, `**` over several. */
function globSource(glob: string): string {
  let source = ''
  for (let at = 0; at < glob.length; at += 1) {
    const rest = glob.slice(at)
    const char = glob[at] ?? ''
    const over = /^\*\*+\/(?:\*\*+\/)*/.exec(rest)?.[0]
    if (over !== undefined && (at === 0 || glob[at - 1] === '/')) {
      source += '(?:[^/]+/)*'
      at += over.length - 1
    } else if (rest.startsWith('**')) {
      source += '.*'
      while (glob[at + 1] === '*') at += 1
    } else if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (char === '\\' && at + 1 < glob.length) {
      at += 1
      source += escaped(glob[at] ?? '')
    } else source += escaped(char)
  }
  return source
}

function escaped(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}
