import { describe, expect, it } from 'vitest'
import { failureOf, StoreDamaged } from '../../../src/source/git/failure.js'
import { SourceError } from '../../../src/source/source.js'

const same = (text: string): string => text

function failure(stderr: string, redact = same): Error {
  return failureOf({ code: 128, stdout: '', stderr, ended: undefined }, redact, 60_000)
}

describe('what git says when it fails', () => {
  // As git 2.39 and OpenSSH 9.2 say it.
  const said = [
    [
      "fatal: unable to access 'https://h/x/': Failed to connect to h port 443 after 0 ms: Couldn't connect to server",
      'FetchFailed',
    ],
    ["fatal: unable to access 'https://h/x/': Could not resolve host: h", 'FetchFailed'],
    ["fatal: unable to access 'https://h/x/': The requested URL returned error: 503", 'FetchFailed'],
    ["fatal: unable to access 'https://h/x/': The requested URL returned error: 403", 'AuthenticationFailed'],
    ["fatal: unable to access 'https://h/x/': The requested URL returned error: 301", 'RedirectRefused'],
    [
      "fatal: unable to access 'https://h/x/': server certificate verification failed. CAfile: none CRLfile: none",
      'CertificateRefused',
    ],
    ["fatal: unable to access 'https://h/x/': SSL certificate problem: certificate has expired", 'CertificateRefused'],
    ["fatal: Authentication failed for 'https://h/x/'", 'AuthenticationFailed'],
    ["fatal: could not read Username for 'https://h': terminal prompts disabled", 'AuthenticationFailed'],
    ["remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found", 'RepositoryNotFound'],
    [
      "fatal: '/srv/x.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
      'RepositoryNotFound',
    ],
    ['fatal: remote error: access denied or repository not exported: /x.git', 'RepositoryNotFound'],
    ["fatal: couldn't find remote ref refs/heads/x", 'RefNotFound'],
    ['fatal: remote error: upload-pack: not our ref 2222222222222222222222222222222222222222', 'RefNotFound'],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'HostKeyRefused'],
    [
      'No ED25519 host key is known for h and you have requested strict checking.\nHost key verification failed.',
      'HostKeyRefused',
    ],
    ['git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'AuthenticationFailed'],
    ['Load key "/k": error in libcrypto\ngit@h: Permission denied (publickey).', 'AuthenticationFailed'],
    [
      'ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.',
      'FetchFailed',
    ],
    [
      'kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from remote repository.',
      'FetchFailed',
    ],
    ['fatal: the remote end hung up unexpectedly', 'FetchFailed'],
    [
      'error: RPC failed; curl 18 transfer closed with outstanding read data remaining\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output',
      'FetchFailed',
    ],
    ['fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output', 'DiskFull'],
    [
      "error: object 1234567890123456789012345678901234567890: hasDotgit: contains '.git'\nfatal: fsck error in packed object",
      'ObjectRefused',
    ],
    ["fatal: detected dubious ownership in repository at '/srv/x.git'", 'FetchFailed'],
  ] as const
  it.each(said)('%j has the reason %s', (stderr, reason) => {
    const error = failure(stderr)
    expect(error).toBeInstanceOf(SourceError)
    expect(error).toMatchObject({ reason })
    expect(error.message).toContain('git says: ')
  })

  it.each([
    'fatal: bad object refs/callboard/head',
    'error: packfile ./objects/pack/pack-1.pack does not match index',
    'error: inflate: data stream error (incorrect data check)\nfatal: loose object 12 (stored in x) is corrupt',
    "fatal: not a git repository: '/state'",
    "fatal: Unable to create '/state/shallow.lock': File exists.",
    'fatal: shallow file has changed since we read it',
    'fatal: something nobody has heard of',
  ])('%j is about our own store', (stderr) => expect(failure(stderr)).toBeInstanceOf(StoreDamaged))

  it('of the other side is not about our own store', () => {
    const error = failure('remote: fatal: bad object 12\nfatal: the remote end hung up unexpectedly')
    expect(error).toBeInstanceOf(SourceError)
  })

  it('is one line of printable text, not too long, without secrets', () => {
    const { message } = failure(
      `remote: \u001b[31mred\u001b[0m s3cret\u0085\u2028\nremote: ${'x'.repeat(10_000)}\nfatal: Authentication failed for 'x'`,
      (text) => text.replaceAll('s3cret', '******'),
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028]/)
    expect(message).not.toContain('s3cret')
    expect(message.length).toBeLessThan(500)
  })
})
