import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GitObject, type Verdict, verifyRevision, verifySignature } from '../../../src/source/git/signature.js'
import { objectId } from '../../../src/source/git/signed-object.js'
import { sshString } from '../../../src/source/git/ssh-wire.js'
import { type DeclaredKeys, TrustedKeyFiles } from '../../../src/source/git/trusted-keys.js'

const folder = new URL('../../fixtures/signatures/', import.meta.url)

function fixture(name: string): Buffer {
  return readFileSync(new URL(name, folder))
}

function object(type: GitObject['type'], bytes: Buffer | string): GitObject {
  const content = Buffer.from(bytes)
  return { type, bytes: content, id: objectId(type, content, 40) }
}

const commit = (name: string): GitObject => object('commit', fixture(`${name}.commit`))
const keysOf = (declared: DeclaredKeys) => new TrustedKeyFiles(declared).keys()
const sshKey = (name: string): string => fixture(`${name}.pub`).toString().trim()
const openpgpKey = (name: string) => ({ file: new URL(`${name}.asc`, folder).pathname })

const everyKey: DeclaredKeys = {
  ssh: readdirSync(folder)
    .filter((name) => name.endsWith('.pub'))
    .map((name) => sshKey(name.replace(/\.pub$/, ''))),
  openpgp: ['anna', 'rosa', 'nell', 'sub', 'brief'].map((name) => openpgpKey(`openpgp-${name}`)),
}

const madeAt = Number(/committer .*> (\d+)/.exec(fixture('unsigned.commit').toString())?.[1]) * 1000
const now = madeAt + 60_000
const dayMs = 86_400_000

/** Verifies with everybody's keys declared. */
async function verify(found: GitObject, declared = everyKey, at = now): Promise<Verdict> {
  return verifySignature(found, await keysOf(declared), at)
}

const ed25519 = commit('ssh-ed25519')
const text = Buffer.from(ed25519.bytes).toString()

/** The signed commit, changed. */
const changed = (change: (text: string) => string): GitObject => object('commit', change(text))

describe('a signature by a declared key', () => {
  const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/
  for (const name of ['ssh-ed25519', 'ssh-ecdsa-256', 'ssh-ecdsa-384', 'ssh-ecdsa-521', 'ssh-rsa-3072']) {
    it(`is told by key and comment: ${name}`, async () => {
      const signer = { scheme: 'ssh', key: expect.stringMatching(fingerprint), name: `${name}@example.com` }
      expect(await verify(commit(name))).toEqual({ verified: true, signer })
    })
  }

  for (const name of ['anna', 'rosa', 'nell', 'sub', 'brief']) {
    it(`is told by the primary key's fingerprint and its user id: OpenPGP ${name}`, async () => {
      const signer = {
        scheme: 'openpgp',
        key: expect.stringMatching(/^[0-9A-F]{40}$/),
        name: `${name} <${name}@example.com>`,
      }
      expect(await verify(commit(`openpgp-${name}`))).toEqual({ verified: true, signer })
    })
  }

  it('counts on a merge that carries the signed tag it merged', async () => {
    expect(await verify(commit('ssh-merge-of-signed-tag'))).toMatchObject({ verified: true })
  })

  it('counts over SHA-256 as well as over SHA-512', async () => {
    expect(await verify(commit('ssh-sha256'))).toMatchObject({ verified: true })
  })

  it('counts beside the signature of the other form of a repository that moves to SHA-256', async () => {
    const both = changed((content) => content.replace('\n\nsigned', '\ngpgsig-sha256 -----BEGIN\n other\n\nsigned'))
    expect(await verify(both)).toMatchObject({ verified: true })
  })
})

describe('what is refused', () => {
  const other = sshKey('ssh-ecdsa-256')
  const cases: {
    name: string
    found: GitObject
    declared?: DeclaredKeys
    at?: number
    reason: string
    message: RegExp
  }[] = [
    { name: 'an unsigned commit', found: commit('unsigned'), reason: 'unsigned', message: /^is not signed$/ },
    {
      name: 'an unsigned merge of a signed tag',
      found: commit('unsigned-merge-of-signed-tag'),
      reason: 'unsigned',
      message: /^is not signed$/,
    },
    {
      name: 'an SSH key that is not declared',
      found: ed25519,
      declared: { ssh: [other] },
      reason: 'unknown-key',
      message: /^is signed by the SSH key SHA256:\S+, which is not among the declared keys$/,
    },
    {
      name: 'an OpenPGP key that is not declared',
      found: commit('openpgp-anna'),
      declared: { openpgp: [openpgpKey('openpgp-rosa')] },
      reason: 'unknown-key',
      message: /^is signed by the OpenPGP key [0-9A-F]{40}, which is not among the declared keys$/,
    },
    {
      name: 'an OpenPGP signature where no such key is declared',
      found: commit('openpgp-anna'),
      declared: { ssh: [other] },
      reason: 'unknown-key',
      message: /no OpenPGP key is declared/,
    },
    {
      name: 'a signature for another purpose',
      found: commit('ssh-namespace-file'),
      reason: 'wrong-namespace',
      message: /for "file", not for "git"/,
    },
    {
      name: 'a changed message',
      found: changed((content) => content.replace('a second', 'another')),
      reason: 'bad-signature',
      message: /SHA256:\S+ that is not over its content/,
    },
    {
      name: 'another tree',
      found: changed((content) => content.replace(/^tree ..../, 'tree 0000')),
      reason: 'bad-signature',
      message: /not over its content/,
    },
    {
      name: 'other line ends',
      found: changed((content) => content.replace('\na second', '\r\na second')),
      reason: 'bad-signature',
      message: /not over its content/,
    },
    {
      name: 'text after the end',
      found: changed((content) => `${content}more`),
      reason: 'bad-signature',
      message: /not over its content/,
    },
    {
      name: 'text after the signature',
      found: changed((content) => content.replace('-----END SSH SIGNATURE-----', '$&\n more')),
      reason: 'bad-signature',
      message: /not one whole armored block/,
    },
    {
      name: 'bytes after the signature proper',
      found: changed((content) => content.replace(/=\n -----END/, '=AAAA\n -----END')),
      reason: 'bad-signature',
      message: /damaged SSH signature/,
    },
    {
      name: 'two signatures',
      found: changed((content) => content.replace(/\n(gpgsig [\s\S]*?-----END SSH SIGNATURE-----\n)/, '\n$1$1')),
      reason: 'malformed',
      message: /two gpgsig headers/,
    },
    {
      name: 'a header that git takes for a signature',
      found: changed((content) => content.replace('\ngpgsig ', '\ngpgsigx tree 0000\ngpgsig ')),
      reason: 'malformed',
      message: /unknown gpgsigx header/,
    },
    {
      name: 'a second tree',
      found: changed((content) => content.replace('\ngpgsig ', '\ntree 0000\ngpgsig ')),
      reason: 'malformed',
      message: /stray tree header/,
    },
    {
      name: 'a signature before everything else',
      found: changed((content) => content.replace(/^([\s\S]*)(gpgsig [\s\S]*?END SSH SIGNATURE-----\n)/, '$2$1')),
      reason: 'malformed',
      message: /tree header is not where it belongs/,
    },
    {
      name: 'a NUL byte among the headers',
      found: changed((content) => content.replace('author Anna', 'author An\0a')),
      reason: 'malformed',
      message: /NUL/,
    },
    {
      name: 'a content under the id of another',
      found: { ...commit('unsigned'), bytes: ed25519.bytes },
      reason: 'malformed',
      message: /does not have its hash/,
    },
    {
      name: 'an X.509 signature',
      found: changed((content) => content.replaceAll('SSH SIGNATURE', 'SIGNED MESSAGE')),
      reason: 'unsupported',
      message: /X\.509/,
    },
    {
      name: 'an expired key, although it was valid when it signed',
      found: commit('openpgp-brief'),
      at: now + 3 * dayMs,
      reason: 'expired',
      message: /of brief <brief@example.com>, which expired on \d{4}-/,
    },
    {
      name: 'a revoked key',
      found: commit('openpgp-sub'),
      declared: { openpgp: [openpgpKey('openpgp-sub-revoked')] },
      reason: 'revoked',
      message: /OpenPGP key [0-9A-F]{40} of sub <sub@example.com>, which is revoked$/,
    },
    {
      name: 'a revoked subkey',
      found: commit('openpgp-sub'),
      declared: { openpgp: [openpgpKey('openpgp-sub-revoked-subkey')] },
      reason: 'revoked',
      message: /whose subkey [0-9A-F]{40} is revoked$/,
    },
    {
      name: 'an OpenPGP signature that is not over the commit',
      found: object('commit', fixture('openpgp-anna.commit').toString().replace('a second', 'another')),
      reason: 'bad-signature',
      message: /OpenPGP key [0-9A-F]{40} of anna .* does not hold/,
    },
    {
      name: 'an OpenPGP signature from the future',
      found: commit('openpgp-anna'),
      at: madeAt - dayMs,
      reason: 'expired',
      message: /anna/,
    },
    {
      name: 'two OpenPGP signatures in one',
      found: object(
        'commit',
        fixture('openpgp-anna.commit')
          .toString()
          .replace(/-----BEGIN PGP[\s\S]*END PGP SIGNATURE-----/, '$&\n $&'),
      ),
      reason: 'bad-signature',
      message: /not one whole armored block/,
    },
  ]
  for (const { name, found, declared, at, reason, message } of cases) {
    it(name, async () => {
      const verdict = await verify(found, declared, at)
      expect(verdict).toEqual({ verified: false, reason, message: expect.stringMatching(message) })
    })
  }

  it('any other byte anywhere in a signed commit', async () => {
    const keys = await keysOf(everyKey)
    for (const name of ['ssh-ed25519', 'openpgp-anna', 'ssh-ecdsa-521', 'ssh-rsa-3072']) {
      const bytes = fixture(`${name}.commit`)
      // The armor's own line breaks, header and checksum are no part of what is signed.
      const from = bytes.indexOf('\ngpgsig ')
      const to = bytes.indexOf('SIGNATURE-----\n', from + 60)
      const places = fc.integer({ min: 0, max: bytes.length - 1 }).filter((at) => at < from || at > to + 15)
      await fc.assert(
        fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), async (at, difference) => {
          const wrong = Buffer.from(bytes)
          wrong[at] = (wrong[at] ?? 0) ^ difference
          expect((await verifySignature(object('commit', wrong), keys, now)).verified).toBe(false)
        }),
        { numRuns: 60 },
      )
    }
  })

  it('anything at all that is no signed commit, without failing', async () => {
    const keys = await keysOf(everyKey)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, inSignature) => {
        const junk = Buffer.from(noise).toString('base64')
        const found = inSignature
          ? text.replace(/(SIGNATURE-----\n)[\s\S]*?(\n -----END)/, `$1 ${junk}$2`)
          : Buffer.from(noise)
        expect((await verifySignature(object('commit', found), keys, now)).verified).toBe(false)
      }),
    )
  })
})

describe('allowed signers', () => {
  const [type = '', blob = ''] = sshKey('ssh-ed25519').split(' ')
  const stamp = (time: number): string => `${new Date(time).toISOString().replace(/[-:T]|\..*/g, '')}Z`
  const cases = [
    { line: `anna@example.com ${type} ${blob}`, want: { verified: true, signer: { name: 'anna@example.com' } } },
    { line: `"anna@example.com,*@ops.example.com" ${type} ${blob} a comment`, want: { verified: true } },
    { line: `a@x namespaces="file,git" ${type} ${blob}`, want: { verified: true } },
    { line: `a@x namespaces="g*" ${type} ${blob}`, want: { verified: true } },
    { line: `a@x namespaces="*,!git" ${type} ${blob}`, want: { reason: 'wrong-namespace' } },
    { line: `a@x namespaces="file" ${type} ${blob}`, want: { reason: 'wrong-namespace' } },
    { line: `a@x valid-before="${stamp(now + 1000)}" ${type} ${blob}`, want: { verified: true } },
    { line: `a@x valid-before="${stamp(now - 1000)}" ${type} ${blob}`, want: { reason: 'expired' } },
    { line: `a@x valid-after="${stamp(now + 1000)}" ${type} ${blob}`, want: { reason: 'expired' } },
    { line: `a@x valid-after=${stamp(madeAt - 1000)},namespaces=git ${type} ${blob}`, want: { verified: true } },
    {
      line: `old@x valid-before="20200101" ${type} ${blob}\nnew@x ${type} ${blob}`,
      want: { verified: true, signer: { name: 'new@x' } },
    },
  ]
  for (const { line, want } of cases) {
    it(`${line.replaceAll(blob, '…').replaceAll(/\d{14}/g, '<time>')} → ${JSON.stringify(want)}`, async () => {
      expect(await verify(ed25519, { allowedSigners: `# who signs\n\n${line}\n` })).toMatchObject(want)
    })
  }

  const mistakes = [
    {
      line: `a@x cert-authority ${type} ${blob}`,
      message: 'source.verify.keys.allowedSigners:1: cert-authority is not',
    },
    { line: `${type} ${blob}`, message: 'the principals are missing' },
    { line: `a@x valid-before=soon ${type} ${blob}`, message: '"soon" is no time' },
    { line: `a@x valid-before=20261399 ${type} ${blob}`, message: '"20261399" is no time' },
    { line: `a@x no-touch ${type} ${blob}`, message: '"no-touch" is neither an option nor a key type' },
    { line: `"a@x ${type} ${blob}`, message: 'a double quote is not closed' },
    { line: `a@x ssh-rsa ${blob}`, message: 'this says ssh-rsa, but the key is ssh-ed25519' },
    { line: `a@x ${type} ${blob.slice(0, -8)}`, message: 'the key is damaged' },
    { line: `a@x ${type} AAAA$`, message: 'is not base64' },
    { line: '# nobody', message: 'no allowed signer' },
  ]
  for (const { line, message } of mistakes) {
    it(`says where it is wrong: ${message}`, async () => {
      await expect(keysOf({ allowedSigners: line })).rejects.toThrow(message)
    })
  }
})

describe('declared keys', () => {
  const mistakes: { name: string; declared: DeclaredKeys; message: RegExp }[] = [
    {
      name: 'a file that is not there',
      declared: { ssh: [{ file: '/nowhere/a.pub' }] },
      message: /^source\.verify\.keys\.ssh\[0\]: the file \/nowhere\/a\.pub cannot be read: ENOENT$/,
    },
    {
      name: 'a file that is named from here, and is not there',
      declared: { openpgp: [{ file: 'none.asc' }] },
      message: /^source\.verify\.keys\.openpgp\[0\]: the file \/.*\/none\.asc cannot be read: ENOENT$/,
    },
    {
      name: 'a private SSH key',
      declared: { ssh: ['-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----'] },
      message: /ssh\[0\]:1: a private key; declare the public one/,
    },
    { name: 'no key', declared: { ssh: ['hello there'] }, message: /"hello" is no key type/ },
    {
      name: 'a DSA key',
      declared: { ssh: [`ssh-dss ${Buffer.concat([sshString('ssh-dss'), sshString('x')]).toString('base64')}`] },
      message: /DSA keys are too weak/,
    },
    {
      name: 'a certificate',
      declared: {
        ssh: [`ssh-ed25519-cert-v01@openssh.com ${sshString('ssh-ed25519-cert-v01@openssh.com').toString('base64')}`],
      },
      message: /is a certificate; declare the key itself/,
    },
    {
      name: 'an SSH key as OpenPGP key',
      declared: { openpgp: [sshKey('ssh-ed25519')] },
      message: /openpgp\[0\]: no OpenPGP public keys/,
    },
  ]
  for (const { name, declared, message } of mistakes) {
    it(`are refused by place and reason: ${name}`, async () => {
      await expect(keysOf(declared)).rejects.toThrow(message)
    })
  }

  it('count no more once they are gone from their file', async () => {
    let content = `${sshKey('ssh-ecdsa-256')}\n${sshKey('ssh-ed25519')}`
    const files = new TrustedKeyFiles({ ssh: [{ file: 'team.pub' }] }, async () => Buffer.from(content))
    expect(await verifySignature(ed25519, await files.keys(), now)).toMatchObject({ verified: true })
    content = sshKey('ssh-ecdsa-256')
    expect(await verifySignature(ed25519, await files.keys(), now)).toMatchObject({ reason: 'unknown-key' })
  })
})

describe('a security key', () => {
  const application = sshString('ssh:')
  const payload = Buffer.from(fixture('unsigned.commit'))
  const sha = (bytes: Uint8Array, name = 'sha256') => createHash(name).update(bytes).digest()
  const toSign = Buffer.concat([
    Buffer.from('SSHSIG'),
    ...['git', '', 'sha512'].map((part) => sshString(part)),
    sshString(sha(payload, 'sha512')),
  ])
  const flags = Buffer.from([1, 0, 0, 0, 7])
  const signed = Buffer.concat([sha(Buffer.from('ssh:')), flags, sha(toSign)])

  function signedCommit(key: Buffer, signature: Buffer): GitObject {
    const version = Buffer.from([0, 0, 0, 1])
    const parts = [sshString(key), sshString('git'), sshString(''), sshString('sha512'), sshString(signature)]
    const armored = Buffer.concat([Buffer.from('SSHSIG'), version, ...parts]).toString('base64')
    const lines = ['-----BEGIN SSH SIGNATURE-----', armored, '-----END SSH SIGNATURE-----']
    return object('commit', payload.toString().replace('\n\n', `\ngpgsig ${lines.join('\n ')}\n\n`))
  }

  it('signs with Ed25519', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const type = 'sk-ssh-ed25519@openssh.com'
    const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    const key = Buffer.concat([sshString(type), sshString(x), application])
    const signature = Buffer.concat([sshString(type), sshString(sign(null, signed, privateKey)), flags])
    const declared = { ssh: [`${type} ${key.toString('base64')} yubikey`] }
    expect(await verify(signedCommit(key, signature), declared)).toMatchObject({ signer: { name: 'yubikey' } })
    const other = Buffer.concat([signature.subarray(0, -1), Buffer.from([8])])
    expect(await verify(signedCommit(key, other), declared)).toMatchObject({ reason: 'bad-signature' })
  })

  it('signs with ECDSA', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const type = 'sk-ecdsa-sha2-nistp256@openssh.com'
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    const key = Buffer.concat([sshString(type), sshString('nistp256'), sshString(point), application])
    const raw = sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const mpint = (bytes: Buffer) => sshString(Buffer.concat([Buffer.from([0]), bytes]))
    const numbers = Buffer.concat([mpint(raw.subarray(0, 32)), mpint(raw.subarray(32))])
    const signature = Buffer.concat([sshString(type), sshString(numbers), flags])
    const declared = { ssh: [`${type} ${key.toString('base64')} yubikey`] }
    expect(await verify(signedCommit(key, signature), declared)).toMatchObject({ verified: true })
  })
})

describe('a revision', () => {
  const tag = object('tag', fixture('ssh-ed25519.tag'))
  const target = fixture('ssh-ed25519.tag-target').toString().trim()
  // The tag was set on the commit signed last before it.
  const tagged = commit('ssh-rsa-3072')

  it('is verified by its commit', async () => {
    expect(await verifyRevision({ commit: ed25519 }, 'head', await keysOf(everyKey), now)).toMatchObject({
      verified: true,
    })
  })

  it('is verified by its tag, whoever signed the commit', async () => {
    expect(tagged.id).toBe(target)
    const objects = { commit: tagged, tag: { name: 'v1.0.0', object: tag } }
    const keys = await keysOf({ ssh: [sshKey('ssh-ed25519')] })
    expect(await verifyRevision(objects, 'tag', keys, now)).toMatchObject({
      verified: true,
      signer: { name: 'ssh-ed25519@example.com' },
    })
    const both = await verifyRevision(objects, 'tagAndHead', keys, now)
    expect(both).toMatchObject({
      reason: 'unknown-key',
      message: expect.stringContaining(`commit ${target} is signed by`),
    })
    expect(await verifyRevision(objects, 'tagAndHead', await keysOf(everyKey), now)).toMatchObject({ verified: true })
  })

  it('is verified by an OpenPGP tag', async () => {
    const found = object('tag', fixture('openpgp-anna.tag'))
    const objects = { commit: commit('openpgp-nell'), tag: { name: 'v2.0.0', object: found } }
    expect(objects.commit.id).toBe(fixture('openpgp-anna.tag-target').toString().trim())
    expect(await verifyRevision(objects, 'tag', await keysOf(everyKey), now)).toMatchObject({
      signer: { name: 'anna <anna@example.com>' },
    })
  })

  const cases = [
    { name: 'without a tag', tag: undefined, message: /^commit \w+ is not named by an annotated tag/ },
    {
      name: 'under another name than was signed',
      tag: { name: 'v9', object: tag },
      message: /^tag v9 \(\w+\) was signed as "v1\.0\.0"$/,
    },
    {
      name: 'at another commit than the tag names',
      tag: { name: 'v1.0.0', object: tag },
      at: ed25519,
      message: /names the commit \w+, not the commit \w+$/,
    },
    {
      name: 'by a tag whose text was changed',
      tag: {
        name: 'v1.0.0',
        object: object('tag', Buffer.from(tag.bytes).toString().replace('release one', 'release 1')),
      },
      message: /not over its content/,
    },
    {
      name: 'by a tag whose target was changed',
      tag: {
        name: 'v1.0.0',
        object: object('tag', Buffer.from(tag.bytes).toString().replace(target, ed25519.id)),
      },
      at: ed25519,
      message: /not over its content/,
    },
    {
      name: 'by a tag that is not signed',
      tag: {
        name: 'v1.0.0',
        object: object(
          'tag',
          Buffer.from(tag.bytes)
            .toString()
            .replace(/-----BEGIN[\s\S]*/, ''),
        ),
      },
      message: /^tag v1\.0\.0 \(\w+\) is not signed$/,
    },
  ]
  for (const { name, tag: named, at = tagged, message } of cases) {
    it(`is refused ${name}`, async () => {
      const verdict = await verifyRevision({ commit: at, tag: named }, 'tag', await keysOf(everyKey), now)
      expect(verdict).toMatchObject({ verified: false, message: expect.stringMatching(message) })
    })
  }
})
