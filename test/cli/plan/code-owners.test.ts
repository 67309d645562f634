import { describe, expect, it } from 'vitest'
import { CodeOwners } from '../../../src/cli/plan/code-owners.js'

const ownersIn = (text: string, at = 'CODEOWNERS') => {
  const owners = CodeOwners.parse(text, at)
  return (path: string) => owners.of(path).join(' ')
}

describe('owners by the rules of GitHub', () => {
  // The example of its documentation, and what it says of each line.
  const of = ownersIn(`
# a comment
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
with\\ space.md @space
`)

  it.each([
    ['a.md', '@global-owner1 @global-owner2'],
    ['deep/b.js', '@js-owner'],
    ['b.go', 'docs@example.com'],
    ['build/logs/x/y.c', '@octocat'],
    ['other/build/logs.c', '@global-owner1 @global-owner2'],
    ['docs/getting-started.md', '@doctocat'],
    ['lib/apps/x.md', '@octocat'],
    ['deeply/nested/logs/x.md', '@octocat'],
    ['apps/web/x.md', '@octocat'],
    ['apps/github', ''],
    ['apps/github/x.md', ''],
    ['with space.md', '@space'],
  ])('%s is owned by %j', (path, owners) => expect(of(path)).toBe(owners))

  it('a star after a folder stays with the files directly in it', () => {
    const direct = ownersIn('docs/* @docs')
    expect([direct('docs/a.md'), direct('docs/build/a.md')]).toEqual(['@docs', ''])
  })

  it('passes over lines that it does not know', () => {
    expect(ownersIn('* @all\n!a.md @no\n[a]b.md @no\nc.md nobody\n(.md @x\n')('c.md')).toBe('@all')
    expect(ownersIn('*.md @a\n(.md @x')('(.md')).toBe('@x')
  })
})

describe('owners by the rules of GitLab', () => {
  const of = ownersIn(
    `* @default
[Docs] @docs-team
*.md
/docs/ @writers
^[Optional][2] @opt
config/*.yaml
!config/own.yaml
[docs]
README.md @readme
`,
    '.gitlab/CODEOWNERS',
  )

  it.each([
    ['a.c', '@default'],
    ['x/a.md', '@default @docs-team'],
    ['docs/x/a.txt', '@default @writers'],
    ['docs/README.md', '@default @readme'],
    ['config/a.yaml', '@default @opt'],
    ['config/deep/a.yaml', '@default'],
    ['config/own.yaml', '@default'],
  ])('%s is owned by %j', (path, owners) => expect(of(path)).toBe(owners))

  it('a folder is matched only with a slash at its end', () => {
    expect(ownersIn('/docs @x', '.gitlab/CODEOWNERS')('docs/a.md')).toBe('')
    expect(ownersIn('docs/ @x', '.gitlab/CODEOWNERS')('lib/docs/a/b.md')).toBe('@x')
  })
})
