import { describe, expect, it } from 'vitest'
import { followedBy, statusTarget } from '../src/forges.js'
import { loadSettings } from '../src/settings.js'

const token = { env: 'TOKEN' }

function target(url: string, commitStatus: object) {
  const found = statusTarget(loadSettings({ env: {}, flags: { source: { url }, commitStatus } }))
  if (found === undefined) return undefined
  const { type, api, repository, context, username } = found
  return [type.type, api, repository, context, ...(username === undefined ? [] : [username])]
}

describe('where commits are told of', () => {
  it.each([
    ['https://github.com/acme/config.git', { type: 'github' }, ['github', 'https://api.github.com', 'acme/config']],
    ['git@ghe.example:acme/config.git', { type: 'github' }, ['github', 'https://ghe.example/api/v3', 'acme/config']],
    ['https://gitlab.com/a/b/c.git', { type: 'gitlab' }, ['gitlab', 'https://gitlab.com', 'a/b/c']],
    [
      'https://bb.example/context/scm/OPS/config.git',
      { type: 'bitbucket-server', baseUrl: 'https://bb.example/context/' },
      ['bitbucket-server', 'https://bb.example/context', 'OPS/config'],
    ],
    [
      'file:///srv/mirror.git',
      { type: 'gitea', baseUrl: 'https://git.example', repository: '/acme/config/' },
      ['gitea', 'https://git.example', 'acme/config'],
    ],
  ])('of %s with %o is %o', (url, more, wanted) => {
    expect(target(url, { token, ...more })).toEqual([...wanted, 'callboard/sync'])
  })

  it('is nowhere without a type', () => {
    expect(target('https://github.com/acme/config.git', {})).toBeUndefined()
  })

  it.each([
    ['/srv/config', { type: 'github' }, /source\.url is a folder/],
    ['file:///srv/config.git', { type: 'github' }, /commitStatus\.baseUrl: .* give its address/],
    [
      'file:///srv/config.git',
      { type: 'github', baseUrl: 'https://x.example' },
      /commitStatus\.repository: .* owner\/name/,
    ],
    [
      'https://github.com/acme/sub/config',
      { type: 'github' },
      /"acme\/sub\/config" is none of GitHub; it has to be owner\/name/,
    ],
    ['https://github.com/acme/config', { type: 'github', token: undefined }, /a token is needed/],
    ['https://github.com/acme/config', { username: 'ann', type: 'github' }, /only for bitbucket/],
    ['https://github.com/acme/config', { type: undefined }, /a type is needed/],
    ['https://github.com/acme/config', { type: 'gitbucket' }, /must be one of/],
    ['https://github.com/acme/config', { type: 'github', token: 'ghp_literal' }, /must be object/],
  ])('of %s with %o is refused, with what to do', (url, more, message) => {
    expect(() => target(url, { token, ...more })).toThrow(message)
  })
})

describe('receivers in the settings', () => {
  const receivers = (...all: object[]) =>
    loadSettings({
      env: {},
      flags: { receivers: all.map((one) => ({ name: 'a', type: 'github', secret: token, ...one })) },
    })

  it('are taken as they are', () => {
    expect(receivers({}, { name: 'b', type: 'generic', header: 'X-Sig', prefix: 'sha256=' }).receivers).toHaveLength(2)
  })

  it.each([
    ['two of one name', [{}, {}], /two are called a/],
    ['a name that is no part of a path', [{ name: 'a/b' }], /receivers\.0\.name must match/],
    [
      'a header for what has one of its own',
      [{ header: 'X-Sig' }],
      /a has header, which only receivers of type generic/,
    ],
    ['no secret', [{ secret: {} }], /secret must NOT have fewer than 1/],
    ['two secrets', [{ secret: { env: 'A', file: 'b' } }], /secret must NOT have more than 1/],
    ['a secret that is there for all to read', [{ secret: 's3cret' }], /secret must be object/],
    ['an unknown type', [{ type: 'gogs' }], /type must be one of github, gitlab/],
  ])('are refused with %s', (_, all, message) => {
    expect(() => receivers(...all)).toThrow(message)
  })
})

it('what is followed is the repository in the URL and the ref in the settings', () => {
  const { source } = loadSettings({
    env: {},
    flags: { source: { url: 'git@github.com:acme/config.git', ref: { semver: '>=1' } } },
  })
  expect(followedBy({ source })).toEqual({ repository: 'acme/config', ref: { semver: '>=1' } })
  expect(followedBy(loadSettings({ env: {} }))).toEqual({ repository: undefined, ref: {} })
})
