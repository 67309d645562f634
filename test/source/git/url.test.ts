import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GitUrlError, isGitUrl, parseGitUrl } from '../../../src/source/git/url.js'

describe('the URL of a repository', () => {
  const good = [
    ['https://git.example.com/team/config.git', 'https', 'git.example.com', 443, undefined],
    ['https://git.example.com:8443/team/config', 'https', 'git.example.com', 8443, undefined],
    ['http://127.0.0.1:3000/config.git', 'http', '127.0.0.1', 3000, undefined],
    ['http://[::1]:3000/config.git', 'http', '::1', 3000, undefined],
    ['ssh://git@git.example.com/team/config.git', 'ssh', 'git.example.com', 22, 'git'],
    ['ssh://git@git.example.com:443/team/config.git', 'ssh', 'git.example.com', 443, 'git'],
    ['ssh://git.example.com:2222/~ann/config.git', 'ssh', 'git.example.com', 2222, undefined],
    ['git@git.example.com:team/config.git', 'ssh', 'git.example.com', 22, 'git'],
    ['git@[::1]:config.git', 'ssh', '::1', 22, 'git'],
    ['git://git.example.com/config.git', 'git', 'git.example.com', 9418, undefined],
    ['git://git.example.com:9419/config.git', 'git', 'git.example.com', 9419, undefined],
    ['file:///srv/config.git', 'file', '', 0, undefined],
  ] as const
  it.each(good)('%s is taken as it is', (text, scheme, host, port, user) => {
    expect(isGitUrl(text)).toBe(true)
    expect(parseGitUrl(text)).toMatchObject({ scheme, host, port, user, text })
  })

  const bad = [
    ['https://ann:s3cret@git.example.com/x.git', 'credentials'],
    ['https://s3cret@git.example.com/x.git', 'source.auth'],
    ['ssh://ann:s3cret@git.example.com/x.git', 'credentials'],
    ['ext::sh -c id', 'white space'],
    ['ext::sh', '"ext::" are not used'],
    ['0::x', '"0::" are not used'],
    ['fd::17/x', '"fd::" are not used'],
    ['ftp://git.example.com/x.git', '"ftp" is no transport'],
    ['ext://git.example.com/x', '"ext" is no transport'],
    ['ssh://-oProxyCommand=id/x', 'is no host'],
    ['ssh://-oProxyCommand@host/x', 'is no user name'],
    ['-oProxyCommand=id@host:x', 'is no URL'],
    ['git@-oProxyCommand=id:x', 'is no URL'],
    ['git@host:--upload-pack=id', 'taken for an option'],
    ['ssh://%@git.example.com/x.git', 'begins no escape'],
    ['https://git.example.com', 'names no repository'],
    ['https://git.example.com/', 'names no repository'],
    ['https://git.example.com/x.git?ref=main', 'source.ref'],
    ['https://git.example.com/x.git#main', 'source.ref'],
    ['file://srv/config.git', 'three slashes'],
    ['https://git.example.com/x\ny', 'control characters'],
  ] as const
  it.each(bad)('%j is refused, and shows no secret', (text, says) => {
    expect(() => parseGitUrl(text)).toThrow(says)
    expect(() => parseGitUrl(text)).not.toThrow('s3cret')
  })

  it.each(['.', '../config', 'config', '/srv/config', 'C:\\config', 'C:/config', 'a b', 'host:path'])(
    '%j is a folder',
    (text) => expect(isGitUrl(text)).toBe(false),
  )

  it('never passes an option or another transport on, whatever is given', () => {
    const part = fc.oneof(
      fc.constantFrom('-', '--', '::', '://', '@', ':', '/', '..', '~', '%', '\n', ' '),
      fc.string(),
    )
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.constantFrom('', 'ssh://', 'https://', 'git@'),
        (parts, head) => {
          try {
            const { text, host, user = 'x', scheme } = parseGitUrl(head + parts.join(''))
            expect(text).not.toMatch(/^-|^[a-z0-9][a-z0-9+.-]*::|\s/i)
            expect(host).not.toMatch(/^-/)
            expect(user).not.toMatch(/^-/)
            if (scheme !== 'file') expect(host).not.toBe('')
          } catch (error) {
            expect(error).toBeInstanceOf(GitUrlError)
          }
        },
      ),
    )
  })
})
