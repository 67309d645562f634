import { execFileSync } from 'node:child_process'
import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ask } from './ask.js'
import { Folder, mock, plain } from './folder.js'
import { Load } from './load.js'
import { Running } from './running.js'

/** The keys of one ConfigMap: three files with mocks, and one that a mock names. */
function keys(number: number): Record<string, string> {
  const revision = (name: string) => plain(name, { revision: number, again: `${number}` })
  return {
    'a.yaml': revision('a'),
    'b.yaml': revision('b'),
    'c.yaml': mock('c', {
      http: { route: '/c' },
      response: { headers: { 'X-Revision': `${number}` }, payloadTemplatePath: 'body.tmpl' },
    }),
    'body.tmpl': JSON.stringify({ revision: number, again: `${number}` }),
  }
}

/** As the kubelet writes it: a folder with a time, `..data` that leads to it, and a link per key. */
function mount(folder: Folder, number: number): void {
  const stamp = `..2026_01_01_00_00_00.${number}`
  mkdirSync(folder.at(stamp))
  for (const [name, text] of Object.entries(keys(number))) writeFileSync(join(folder.at(stamp), name), text)
  const before = number === 0 ? undefined : readlinkSync(folder.at('..data'))
  symlinkSync(stamp, folder.at('..data_tmp'))
  renameSync(folder.at('..data_tmp'), folder.at('..data'))
  if (before !== undefined) rmSync(folder.at(before), { recursive: true })
  else for (const name of Object.keys(keys(0))) symlinkSync(join('..data', name), folder.at(name))
}

/** Asks a, b, c and a again: no later answer is of an earlier revision, and each is of one. */
function watcher(running: Running, seen: Set<number>) {
  return new Load(4, async (agent) => {
    let floor = 0
    for (const name of ['a', 'b', 'c', 'a']) {
      const { status, text, headers } = await ask(`${running.resolver}/${name}`, { agent })
      expect(status).toBe(200)
      const { revision, again } = JSON.parse(text) as { revision: number; again: string }
      expect(again).toBe(String(revision))
      if (name === 'c') expect(headers['x-revision']).toBe(again)
      expect(revision).toBeGreaterThanOrEqual(floor)
      floor = revision
      seen.add(revision)
    }
  })
}

it('each swap of a ConfigMap mount is one generation, and no request sees two', async () => {
  const folder = new Folder()
  mount(folder, 0)
  const running = await Running.start(folder)
  const first = await running.status()
  expect(first).toMatchObject({ generation: 1, problems: [], counts: { resources: { Mock: 3 } } })
  const seen = new Set<number>()
  const load = watcher(running, seen)
  const swaps = 25
  for (let number = 1; number <= swaps; number += 1) {
    mount(folder, number)
    await running.answerOnce('/c', ({ json }) => (json as { revision: number }).revision === number)
  }
  await load.stop()
  expect(load.failures).toEqual([])
  expect(seen.size).toBeGreaterThan(swaps / 2)
  const { generation, problems, counts } = await running.status()
  expect({ generation, problems, mocks: counts.resources.Mock }).toEqual({
    generation: swaps + 1,
    problems: [],
    mocks: 3,
  })
})

function git(folder: Folder, ...words: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'core.autocrlf=false', ...words], {
    cwd: folder.root,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: folder.base, GIT_CONFIG_NOSYSTEM: '1' },
  })
}

it('a git checkout of 100 files goes live as one generation, back and forth', async () => {
  const folder = new Folder()
  const count = 100
  const declare = (revision: number) => {
    for (let index = 0; index < count; index += 1) {
      folder.write(`team-${index % 5}/m${index}.yaml`, plain(`m${index}`, { revision, index }))
    }
  }
  git(folder, 'init', '-q', '-b', 'main')
  for (const [revision, branch] of ['one', 'two'].entries()) {
    declare(revision)
    git(folder, 'checkout', '-q', '-b', branch)
    git(folder, 'add', '.')
    git(folder, 'commit', '-q', '-m', branch)
  }
  git(folder, 'checkout', '-q', 'one')
  const running = await Running.start(folder)
  expect((await running.ask('/m99')).json).toEqual({ revision: 0, index: 99 })
  const load = new Load(3, async (agent, client) => {
    const { status } = await ask(`${running.resolver}/m${client * 30}`, { agent })
    expect(status).toBe(200)
  })
  for (const [turn, branch] of ['two', 'one', 'two', 'one'].entries()) {
    git(folder, 'checkout', '-q', branch)
    const wanted = branch === 'two' ? 1 : 0
    await running.answerOnce('/m0', ({ json }) => (json as { revision: number }).revision === wanted)
    const status = await running.statusOnce('it is applied', ({ generation }) => generation >= turn + 2)
    expect(status.generation).toBe(turn + 2)
    const replies = await Promise.all(Array.from({ length: count }, (_, index) => running.ask(`/m${index}`)))
    for (const { json } of replies) expect(json).toMatchObject({ revision: wanted })
  }
  await load.stop()
  expect(load.failures).toEqual([])
  const [latest] = await running.revisions()
  expect(latest?.changes).toHaveLength(count)
})

it('an edit to a payload file is live, in place, by rename, and when it comes back', async () => {
  const folder = new Folder({
    'mocks/a.yaml': mock('a', { http: { route: '/a' }, response: { payloadTemplatePath: '../bodies/a.json' } }),
    'bodies/a.json': '{"n": 0}',
  })
  const running = await Running.start(folder)
  const live = (n: number) => running.answerOnce('/a', ({ json }) => (json as { n: number }).n === n)
  await live(0)
  folder.write('bodies/a.json', '{"n": 1}')
  await live(1)
  folder.replace('bodies/a.json', '{"n": 2}')
  await live(2)
  folder.remove('bodies')
  const { problems } = await running.statusOnce('its loss is told', ({ counts }) => counts.errors === 1)
  expect(problems[0]).toMatchObject({
    file: 'mocks/a.yaml',
    line: 1,
    message: expect.stringContaining('bodies/a.json'),
  })
  await live(2)
  folder.write('bodies/a.json', '{"n": 3}')
  await live(3)
  folder.write('bodies/a.json', '{"n": "$.nowhere"}')
  await running.statusOnce('a mistake in it is told', ({ counts }) => counts.errors === 1)
  await live(3)
})

it('a root that is a link goes live when the link is swapped', async () => {
  const folder = new Folder()
  const releases = [1, 2, 3].map((number) => {
    const name = `release-${number}`
    mkdirSync(join(folder.base, name))
    writeFileSync(join(folder.base, name, 'a.yaml'), plain('a', { number }))
    return name
  })
  const lead = (to: string) => {
    symlinkSync(to, join(folder.base, 'next'))
    renameSync(join(folder.base, 'next'), folder.root)
  }
  rmSync(folder.root, { recursive: true })
  lead('release-1')
  const running = await Running.start(folder)
  for (const [index, release] of [...releases, ...releases].entries()) {
    lead(release)
    await running.answerOnce('/a', ({ json }) => (json as { number: number }).number === (index % 3) + 1)
  }
  // Edits behind the link are seen too.
  writeFileSync(join(folder.base, 'release-3', 'a.yaml'), plain('a', 'edited'))
  await running.answerOnce('/a', ({ text }) => text === 'edited')
})
