// What git says when it fails, in words that tell what to do.

import { SourceError } from '../source.js'
import type { GitResult } from './process.js'

/** What is in the local store cannot be used; it can be fetched anew. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged'
}

interface Kind {
  readonly says: RegExp
  readonly reason: string
  readonly words: string
}

/** The first that fits. `words` end in what to do, where there is something. */
const kinds: readonly Kind[] = [
  {
    says: /No space left on device|Disk quota exceeded/i,
    reason: 'DiskFull',
    words: 'the disk of the state directory is full; make room, or move stateDir',
  },
  {
    says: /host key is known/i,
    reason: 'HostKeyRefused',
    words: 'source.auth.knownHosts has no key of this host; add what ssh-keyscan prints, once you have compared it',
  },
  {
    says: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    reason: 'HostKeyRefused',
    words: 'the key of the host is not the one in source.auth.knownHosts',
  },
  {
    says: /Authentication failed|could not read (?:Username|Password)|Permission denied \(|returned error: 40[13]|HTTP Basic: Access denied/i,
    reason: 'AuthenticationFailed',
    words: 'the server refuses the credentials in source.auth, or asks for some',
  },
  {
    says: /error in libcrypto|invalid format|incorrect passphrase|Load key /i,
    reason: 'AuthenticationFailed',
    words: 'source.auth.sshKey is no private key that ssh can read, or has a passphrase',
  },
  {
    says: /couldn't find remote ref|not our ref|unadvertised object/i,
    reason: 'RefNotFound',
    words: 'the server does not have what source.ref names, or does not give it out by its name',
  },
  {
    says: /repository .* not found|does not appear to be a git repository|returned error: 404|not exported|no such repository|Could not find repository/i,
    reason: 'RepositoryNotFound',
    words: 'there is no such repository, or these credentials may not see it',
  },
  {
    says: /redirect|returned error: 30[1-8]/i,
    reason: 'RedirectRefused',
    words: 'the server sends elsewhere, which is not followed; give the URL it leads to in source.url',
  },
  {
    says: /certificate|SSL_|CAfile|SSL CA cert/i,
    reason: 'CertificateRefused',
    words: 'the certificate of the server is not by an authority that is trusted; see source.auth.ca',
  },
  {
    says: /dubious ownership/i,
    reason: 'FetchFailed',
    words:
      'the repository belongs to another user, for whom git does not read it; give it the user that Callboard runs as',
  },
  {
    says: /fsck error|error: object [0-9a-f]+: \w+:|invalid .* in pack/i,
    reason: 'ObjectRefused',
    words: 'the commit holds what git itself takes to be malformed; `git fsck` in a clone tells more',
  },
  {
    says: /dumb http transport/i,
    reason: 'FetchFailed',
    words: 'the server only gives out files; it has to speak the protocol of git (git http-backend)',
  },
  {
    says: /cannot run ssh|ssh: not found|unable to fork/i,
    reason: 'FetchFailed',
    words: 'ssh cannot be run; is it installed?',
  },
  {
    says: /Could not resolve|unable to look up|Name or service not known/i,
    reason: 'FetchFailed',
    words: 'the host cannot be looked up',
  },
  {
    says: new RegExp(
      'connect|refused|reset by peer|timed out|hung up|early EOF|RPC failed|unexpected disconnect|Empty reply|' +
        'Recv failure|Broken pipe|still expected|transfer closed|returned error: \\d+|bad line length|protocol error|' +
        'unexpected .*packet|expected flush|kex_exchange|unable to access|invalid index-pack output|unpack',
      'i',
    ),
    reason: 'FetchFailed',
    words: 'the server cannot be reached, or broke off',
  },
]

/** Of our own store, wherever it is not the other side that says so. */
const damage = new RegExp(
  'does not match index|bad object|valid object|data stream error|loose object|not a git repository|corrupt|' +
    'shallow file|necessary objects|bad config|\\.lock|cannot lock ref|unable to (?:read|map)|missing (?:blob|tree|commit)',
  'i',
)

/** The error of a run that failed; `StoreDamaged` when what it says is about nothing but our own store. */
export function failureOf({ stderr, ended }: GitResult, redact: (text: string) => string, timeoutMs: number): Error {
  if (ended === 'timeout') {
    return new SourceError(`the server took longer than ${timeoutMs / 1000} s (source.timeout)`, { reason: 'TimedOut' })
  }
  if (ended === 'aborted') return new SourceError('fetching was given up: Callboard is stopping')
  if (ended === 'output') return new SourceError('the server lists more branches and tags than can be read')
  if (ended !== undefined) return new SourceError(ended.objection, { reason: 'TooLarge' })
  const said = saidBy(redact(stderr))
  const ours = stderr.replace(/^(?:remote: .*|fatal: remote error: .*)$/gm, '')
  const kind =
    damage.test(ours) && !/No space left/i.test(ours) ? undefined : kinds.find(({ says }) => says.test(stderr))
  if (kind === undefined) return new StoreDamaged(said)
  return new SourceError(`${kind.words} (${said})`, { reason: kind.reason })
}

const longestSaid = 300

/** The lines that tell most, as text that breaks out of no line. */
function saidBy(stderr: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what servers say may hold them.
  const lines = stderr.replace(/[\x00-\x09\x0b-\x1f\x7f\u0080-\u009f\u2028\u2029]/g, ' ').split('\n')
  const told = lines
    .map((line) => line.trim())
    .filter((line) => /^(?:fatal|error|remote|ssh|git@|\S+@\S+): ?\S/.test(line))
  const chosen = (told.length > 0 ? told : lines.filter((line) => line.trim() !== '').slice(-2)).slice(0, 3)
  const text = chosen.map((line) => line.replace(/^(?:fatal|error): /, '')).join('; ')
  return `git says: ${text.slice(0, longestSaid) || 'nothing'}`
}
