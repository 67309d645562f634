import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SignedObjects } from '../../../src/source/git/git.js'
import { objectId } from '../../../src/source/git/signed-object.js'
import { TrustedKeyFiles } from '../../../src/source/git/trusted-keys.js'
import { Verifier } from '../../../src/source/git/verifier.js'
import { SourceError } from '../../../src/source/source.js'

const folder = new URL('../../fixtures/signatures/', import.meta.url)
const now = Date.parse('2026-11-22')

function commit(name: string): SignedObjects {
  const bytes = readFileSync(new URL(`${name}.commit`, folder))
  const id = objectId('commit', bytes, 40)
  return { revision: `main@sha1:${id}`, commit: { bytes, id } }
}

const publicKey = readFileSync(new URL('ssh-ed25519.pub', folder), 'utf8')

async function failure(promise: Promise<unknown>): Promise<SourceError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SourceError)
  return error as SourceError
}

describe('a verifier', () => {
  const verifier = new Verifier({ mode: 'head', keys: { ssh: [publicKey] } })

  it('tells who signed', async () => {
    const signer = await verifier.check(commit('ssh-ed25519'), now)
    expect(signer).toMatch(/^ssh-ed25519@example\.com \(SHA256:\S{43}\)$/)
  })

  const cases = [
    { name: 'unsigned', message: /^commit \w{40} is not signed: sign it with git commit -S or git tag -s, by a key/ },
    { name: 'ssh-ecdsa-256', message: /^commit \w{40} is signed by the SSH key SHA256:\S+, which .*: add the key to/ },
    { name: 'ssh-namespace-file', message: /for "file", not for "git": let git sign it/ },
  ]
  for (const { name, message } of cases) {
    it(`names the commit, the key and what to do: ${name}`, async () => {
      const error = await failure(verifier.check(commit(name), now))
      expect(error.reason).toBe('VerificationFailed')
      expect(error.message).toMatch(message)
    })
  }

  it('asks for the tag under the name that the ref gave', async () => {
    const bytes = readFileSync(new URL('ssh-ed25519.tag', folder))
    const tag = { bytes, id: objectId('tag', bytes, 40) }
    const { commit: target } = commit('ssh-rsa-3072')
    const tags = new Verifier({ mode: 'tag', keys: { ssh: [publicKey] } })
    const signed = (name: string): SignedObjects => ({ revision: `${name}@sha1:${target.id}`, commit: target, tag })
    expect(await tags.check(signed('v1.0.0'), now)).toContain('ssh-ed25519@example.com')
    expect((await failure(tags.check(signed('v2.0.0'), now))).message).toContain('was signed as "v1.0.0"')
  })

  it('trusts a key no more once its file has lost it, and says when there is none left', async () => {
    let content = publicKey
    const keys = { ssh: [{ file: 'team.pub' }] }
    const files = new TrustedKeyFiles(keys, async () => Buffer.from(content))
    const live = new Verifier({ mode: 'head', keys }, files)
    await live.check(commit('ssh-ed25519'), now)
    content = readFileSync(new URL('ssh-ecdsa-256.pub', folder), 'utf8')
    expect(await failure(live.check(commit('ssh-ed25519'), now))).toMatchObject({
      reason: 'VerificationFailed',
    })
    content = '# nobody'
    expect(await failure(live.check(commit('ssh-ed25519'), now))).toMatchObject({
      reason: 'KeysUnusable',
      message: expect.stringContaining('team.pub: no key'),
    })
  })
})
