import { describe, expect, it } from 'vitest'
import { chooseRef, type GitRef, misnamedRef, patternsOf } from '../../../src/source/git/ref.js'
import { contents } from '../../contract/source.js'
import { openedGit } from './opened-git.js'
import { Repository } from './repository.js'

const none: ReadonlySet<string> = new Set()
const one = '1'.repeat(40)
const two = '2'.repeat(40)

describe('a ref', () => {
  const wrong: readonly { ref: GitRef; says: string }[] = [
    { ref: { branch: 'main', tag: 'v1' }, says: 'has branch and tag; give one of them' },
    { ref: { branch: '--upload-pack=id' }, says: 'no name that git allows' },
    { ref: { branch: '-x' }, says: 'no name that git allows' },
    { ref: { branch: 'a..b' }, says: 'no name that git allows' },
    { ref: { branch: 'a b' }, says: 'no name that git allows' },
    { ref: { branch: 'a:b' }, says: 'no name that git allows' },
    { ref: { branch: 'refs/*' }, says: 'no name that git allows' },
    { ref: { branch: 'x.lock' }, says: 'no name that git allows' },
    { ref: { branch: 'x\n' }, says: 'no name that git allows' },
    { ref: { tag: '^v1' }, says: 'no name that git allows' },
    { ref: { commit: 'abc123' }, says: 'not the whole name' },
    { ref: { commit: `--${one.slice(2)}` }, says: 'not the whole name' },
    { ref: { semver: 'latest' }, says: 'no range of versions' },
  ]
  it.each(wrong)('$ref is refused', ({ ref, says }) => expect(misnamedRef(ref)).toContain(says))

  const fine: readonly GitRef[] = [
    {},
    { branch: 'feature/x-1' },
    { tag: 'v1.0.0' },
    { commit: one },
    { semver: '>=1 <2' },
  ]
  it.each(fine)('%j can be used', (ref) => expect(misnamedRef(ref)).toBeUndefined())

  it('asks for exactly what matters', () => {
    expect(patternsOf({ branch: 'main' })).toEqual(['refs/heads/main'])
    expect(patternsOf({ tag: 'v1' })).toEqual(['refs/tags/v1'])
    expect(patternsOf({ semver: '*' })).toEqual(['refs/tags/*'])
    expect(patternsOf({})).toEqual(['HEAD'])
    expect(patternsOf({ commit: one })).toBeUndefined()
  })

  it('is not one whose name only ends like it', () => {
    const listed = `${one}\trefs/heads/x/refs/heads/main\n${two}\trefs/heads/main\n`
    expect(chooseRef({ branch: 'main' }, listed)).toEqual({ label: 'main', name: 'refs/heads/main', object: two })
  })

  it('of none is the branch that is the default, or HEAD itself', () => {
    expect(chooseRef({}, `ref: refs/heads/trunk\tHEAD\n${one}\tHEAD\n`)).toMatchObject({ label: 'trunk', name: 'HEAD' })
    expect(chooseRef({}, `${one}\tHEAD\n`)).toMatchObject({ label: 'HEAD' })
    expect(() => chooseRef({}, '')).toThrow('no commit yet')
  })

  const tags = ['v1.0.0', 'v1.2.0', '1.2.0', 'v1.3.0-rc.1', 'v2.0.0', 'v2.1.0-beta', 'v1.10.0', 'nightly', 'v1.10.0^{}']
  const ranges = [
    ['1.x', 'v1.10.0'],
    ['~1.2', '1.2.0'],
    ['>=1.3.0-0 <1.4.0', 'v1.3.0-rc.1'],
    ['~1.3', undefined],
    ['*', 'v2.0.0'],
    ['>=3', undefined],
  ] as const
  it.each(ranges)('of the range %s is the highest version in it', (range, tag) => {
    const listed = tags.map((name) => `${one}\trefs/tags/${name}\n`).join('')
    if (tag === undefined) {
      expect(() => chooseRef({ semver: range }, listed)).toThrow('its highest are v2.1.0-beta, v2.0.0, v1.10.0')
    } else expect(chooseRef({ semver: range }, listed)).toMatchObject({ label: tag, name: `refs/tags/${tag}` })
  })
})

describe('a repository by its ref', () => {
  it('is read at a tag, an annotated one too, and again when the tag is written anew', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    repository.tag('v1.0.0')
    repository.tag('v1.1.0', '-a', '-m', 'first')
    const first = repository.git('rev-parse', 'HEAD')
    const light = openedGit(repository.url, { ref: { tag: 'v1.0.0' } })
    const annotated = openedGit(repository.url, { ref: { tag: 'v1.1.0' } })
    expect((await light.fetch(none)).revision).toBe(`v1.0.0@sha1:${first}`)
    expect((await annotated.fetch(none)).revision).toBe(`v1.1.0@sha1:${first}`)
    const second = repository.push({ 'a.yaml': 'b' })
    expect((await annotated.fetch(none)).revision).toBe(`v1.1.0@sha1:${first}`)
    repository.tag('v1.0.0')
    repository.tag('v1.1.0', '-a', '-m', 'second')
    expect((await light.fetch(none)).revision).toBe(`v1.0.0@sha1:${second}`)
    expect(contents(await annotated.fetch(none))).toEqual([['a.yaml', 'b']])
  })

  it('follows the highest tag of a range, up and down', async () => {
    const repository = new Repository({ 'a.yaml': '1' })
    repository.tag('v1.0.0')
    const source = openedGit(repository.url, { ref: { semver: '1.x' } })
    expect((await source.fetch(none)).revision).toMatch(/^v1\.0\.0@/)
    repository.push({ 'a.yaml': '2' })
    repository.tag('v1.1.0')
    repository.tag('v2.0.0')
    expect((await source.fetch(none)).revision).toMatch(/^v1\.1\.0@/)
    repository.git('push', '-q', 'origin', ':refs/tags/v1.1.0')
    expect(contents(await source.fetch(none))).toEqual([['a.yaml', '1']])
  })

  it('stays at a commit, and asks nobody once it is here', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const commit = repository.git('rev-parse', 'HEAD')
    repository.push({ 'a.yaml': 'b' })
    const source = openedGit(repository.url, { ref: { commit } })
    expect((await source.fetch(none)).revision).toBe(`sha1:${commit}`)
    repository.destroy()
    expect(contents(await source.fetch(none))).toEqual([['a.yaml', 'a']])
    await expect(openedGit(repository.url, { ref: { commit: two } }).fetch(none)).rejects.toMatchObject({
      name: 'SourceError',
    })
  })

  it('of SHA-256 objects is read too', async () => {
    const repository = new Repository({ 'a.yaml': 'a' }, { format: 'sha256' })
    const source = openedGit(repository.url)
    expect((await source.fetch(none)).revision).toMatch(/^main@sha256:[0-9a-f]{64}$/)
    repository.push({ 'a.yaml': 'b' })
    expect(contents(await source.fetch(none))).toEqual([['a.yaml', 'b']])
  })

  it('says what a commit says', async () => {
    const repository = new Repository()
    repository.push(
      { 'a.yaml': 'a' },
      'Prune the old mocks\n\nThey are gone.\n\nCallboard-Allow-Prune: yes\nReviewed-by: Cy <c@x>',
    )
    const { commit } = await openedGit(repository.url).fetch(none)
    expect(commit).toEqual({
      id: repository.git('rev-parse', 'HEAD'),
      author: { name: 'Ann', email: 'ann@example.com' },
      date: new Date(repository.git('log', '-1', '--format=%cI')).toISOString(),
      subject: 'Prune the old mocks',
      trailers: [
        { key: 'Callboard-Allow-Prune', value: 'yes' },
        { key: 'Reviewed-by', value: 'Cy <c@x>' },
      ],
    })
  })

  it('is read below a folder, with the rules that hold there', async () => {
    const repository = new Repository({
      'a.yaml': 'no',
      'team/mocks/b.yaml': 'b',
      'team/mocks/c.yaml': 'c',
      'team/mocks/.callboardignore': 'c.yaml\n',
    })
    expect(contents(await openedGit(repository.url, { path: 'team/mocks' }).fetch(none))).toEqual([['b.yaml', 'b']])
    for (const path of ['team/mokcs', 'a.yaml', '-x', 'team mocks']) {
      await expect(openedGit(repository.url, { path }).fetch(none)).rejects.toMatchObject({ reason: 'PathNotFound' })
    }
  })

  it('is not read where who signed it is not trusted, and then again where it is', async () => {
    const repository = new Repository({ 'a.yaml': 'a' })
    const { SourceError } = await import('../../../src/source/source.js')
    let trusted: string | undefined
    const source = openedGit(repository.url, {
      verify: async ({ commit }) => {
        if (trusted !== commit.id) throw new SourceError('not signed', { reason: 'VerificationFailed' })
        return 'ann'
      },
    })
    const commit = repository.git('rev-parse', 'HEAD')
    await expect(source.fetch(none)).rejects.toMatchObject({
      reason: 'VerificationFailed',
      refused: { revision: `main@sha1:${commit}`, commit: { subject: 'change' } },
    })
    trusted = commit
    expect((await source.fetch(none)).commit).toMatchObject({ id: commit, signer: 'ann' })
    trusted = undefined
    await expect(source.fetch(none)).rejects.toMatchObject({ reason: 'VerificationFailed' })
  })
})
