import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { Repository } from '../source/git/repository.js'
import { ask } from './ask.js'
import { plain } from './folder.js'
import { Load } from './load.js'
import { Running } from './running.js'

const pushes = 300

/** Two files that belong together: every commit changes both. */
function files(number: number): Record<string, string> {
  return {
    'first.yaml': plain('first', { number, filler: 'x'.repeat(500), last: number }),
    'deep/second.yaml': plain('second', { number, filler: 'y'.repeat(500), last: number }),
  }
}

/** All commits at once, so that only the pushing takes time. */
function commitAll(repository: Repository): string[] {
  const text = (content: string) => `data ${Buffer.byteLength(content)}\n${content}\n`
  const parts = Array.from({ length: pushes }, (_, at) => {
    const changes = Object.entries(files(at + 1)).map(([path, content]) => `M 100644 inline ${path}\n${text(content)}`)
    const head = `commit refs/heads/all\nmark :${at + 1}\ncommitter Bob <bob@example.com> ${1_700_000_000 + at} +0000\n`
    return `${head}${text(`number ${at + 1}`)}${at === 0 ? 'from refs/heads/main^0\n' : ''}${changes.join('')}\n`
  })
  execFileSync('git', ['fast-import', '--quiet'], { cwd: repository.work, input: parts.join('') })
  return repository.git('rev-list', '--reverse', 'main..all').split('\n')
}

it('many pushes in quick succession end with the last, and mix nothing meanwhile', async () => {
  const repository = new Repository(files(0))
  const first = repository.git('rev-parse', 'HEAD')
  const commits = [first, ...commitAll(repository)]
  const running = await Running.start({}, { source: { url: repository.url } })
  let newest = 0
  const load = new Load(4, async (agent, client) => {
    const floor = newest
    const { status, json } = await ask(`${running.resolver}/${client % 2 === 0 ? 'first' : 'second'}`, { agent })
    const { number, last } = json as { number: number; last: number }
    expect(status).toBe(200)
    expect(last).toBe(number)
    expect(number).toBeGreaterThanOrEqual(floor)
    newest = Math.max(newest, number)
  })
  const asked: Promise<unknown>[] = []
  for (const commit of commits.slice(1)) {
    repository.git('push', '-q', 'origin', `${commit}:refs/heads/main`)
    asked.push(running.operate('/api/v1/reconcile'))
    // The load is in this process, as what it asks is.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(asked)
  const revision = `main@sha1:${commits.at(-1)}`
  expect(await running.status()).toMatchObject({ lastAppliedRevision: revision, lastAttemptedRevision: revision })
  expect((await running.ask('/first')).json).toMatchObject({ number: pushes })
  expect((await running.ask('/second')).json).toMatchObject({ number: pushes })
  await load.stop()
  expect(load.failures).toEqual([])
  const applied = (await running.revisions()).flatMap(({ revision, outcome }) =>
    outcome === 'applied' ? [revision] : [],
  )
  const places = applied.reverse().map((each) => commits.indexOf(each?.slice('main@sha1:'.length) ?? ''))
  expect(places).not.toContain(-1)
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
  expect(places.length).toBeGreaterThan(5)
}, 120_000)
