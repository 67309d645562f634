import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { describeWith } from '../services/services.js'
import { Gpg, type SshSigner, sshSigner } from '../services/signing.js'
import { Repository } from '../source/git/repository.js'
import { condition, Running } from './running.js'

const mock = (text: string): string => `apiVersion: callboard/v1
kind: Mock
metadata: {name: greeting}
spec:
  http: {route: /greeting, httpMethod: GET}
  response: {payload: ${text}}
`

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cb-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Commits and pushes, signed where `options` of git say by whom. */
function push(repository: Repository, text: string, options: readonly string[] | undefined): string {
  writeFileSync(join(repository.work, 'mock.yaml'), mock(text))
  repository.git('add', '-A')
  repository.git(...(options ?? []), 'commit', '-q', '-m', text, ...(options === undefined ? [] : ['-S']))
  repository.git('push', '-q', '--force', 'origin', 'HEAD')
  return repository.git('rev-parse', 'HEAD')
}

async function start(repository: Repository, verify: object, more: object = {}): Promise<Running> {
  return Running.start({}, { source: { url: repository.url, interval: 3600, verify, ...more } })
}

async function answer(running: Running): Promise<string> {
  return (await running.ask('/stubs/sandbox/greeting')).text
}

async function ready(running: Running): Promise<ReturnType<typeof condition>> {
  await running.operate('/api/v1/reconcile')
  return condition(await running.status(), 'Ready')
}

describeWith(['ssh-keygen'], 'a repository whose commits are signed with SSH', () => {
  it('goes live by declared keys alone, and serves the last good revision otherwise', async () => {
    const folder = temporaryFolder()
    const anna: SshSigner = sshSigner(folder, 'anna')
    const mallory = sshSigner(folder, 'mallory')
    const repository = new Repository()
    push(repository, 'one', anna.options)
    const keys = join(folder, 'team.pub')
    writeFileSync(keys, anna.publicKey)
    const running = await start(repository, { keys: { ssh: [{ file: keys }] } })
    expect(await answer(running)).toBe('one')
    const [applied] = await running.revisions()
    expect(applied?.revision).toBe(`main@sha1:${repository.git('rev-parse', 'HEAD')}`)
    expect(applied?.commit?.signer).toMatch(/^anna@example\.com \(SHA256:\S+\)$/)

    const unsigned = push(repository, 'two', undefined)
    expect(await ready(running)).toMatchObject({
      status: 'False',
      reason: 'VerificationFailed',
      message: expect.stringContaining(`commit ${unsigned} is not signed`),
    })
    expect(await answer(running)).toBe('one')

    const foreign = push(repository, 'three', mallory.options)
    const { reason, message } = await ready(running)
    expect(reason).toBe('VerificationFailed')
    expect(message).toMatch(new RegExp(`commit ${foreign} is signed by the SSH key SHA256:\\S+, which is not among`))
    expect(await answer(running)).toBe('one')

    writeFileSync(keys, `${anna.publicKey}\n${mallory.publicKey}`)
    expect(await ready(running)).toMatchObject({ status: 'True' })
    expect(await answer(running)).toBe('three')

    // Taken away again: what is applied stays, and status says that nobody vouches for it any more.
    writeFileSync(keys, anna.publicKey)
    expect(await ready(running)).toMatchObject({ status: 'False', reason: 'VerificationFailed' })
    expect(await answer(running)).toBe('three')
    await running.restart()
    expect(await answer(running)).toBe('three')
    expect(await ready(running)).toMatchObject({ status: 'False', reason: 'VerificationFailed' })
  })

  it('goes live by its signed tag, and not by a branch of the same commit', async () => {
    const folder = temporaryFolder()
    const anna = sshSigner(folder, 'anna')
    const repository = new Repository()
    push(repository, 'one', undefined)
    repository.git(...anna.options, 'tag', '-s', '-m', 'release', 'v1.0.0')
    repository.git('push', '-q', 'origin', 'v1.0.0')
    const verify = { mode: 'tag', keys: { allowedSigners: `anna@example.com namespaces="git" ${anna.publicKey}` } }
    const running = await start(repository, verify, { ref: { semver: '1.x' } })
    expect(await answer(running)).toBe('one')

    push(repository, 'two', undefined)
    repository.git('tag', 'v1.1.0')
    repository.git('push', '-q', 'origin', 'v1.1.0')
    expect((await ready(running)).message).toMatch(/is not named by an annotated tag/)
    // The object of the old release under the name of a new one.
    repository.git('push', '-q', '--force', 'origin', 'v1.0.0^{}:refs/heads/main', 'v1.0.0:refs/tags/v1.1.0')
    expect((await ready(running)).message).toMatch(/tag v1\.1\.0 \(\w+\) was signed as "v1\.0\.0"/)
    expect(await answer(running)).toBe('one')
  })
})

describeWith(['gpg'], 'a repository whose commits are signed with OpenPGP', () => {
  it('goes live by a declared key until that is revoked', async () => {
    const folder = temporaryFolder()
    const gpg = new Gpg(folder)
    onTestFinished(() => gpg.end())
    const options = gpg.signer('anna')
    const repository = new Repository()
    push(repository, 'one', options)
    const file = join(folder, 'anna.asc')
    writeFileSync(file, gpg.publicKey('anna'))
    const running = await start(repository, { mode: 'head', keys: { openpgp: [{ file }] } })
    expect(await answer(running)).toBe('one')

    const second = push(repository, 'two', options)
    gpg.revoke('anna')
    writeFileSync(file, gpg.publicKey('anna'))
    const { reason, message } = await ready(running)
    expect(reason).toBe('VerificationFailed')
    expect(message).toContain(
      `commit ${second} is signed by the OpenPGP key ${gpg.fingerprint('anna')} of anna <anna@example.com>, which is revoked`,
    )
    expect(await answer(running)).toBe('one')
  })
})
