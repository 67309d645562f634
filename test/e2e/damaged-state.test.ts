import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documents, Folder, mock, plain } from './folder.js'
import { Running } from './running.js'

const counter = mock('counter', {
  http: { route: '/count' },
  extract: { gStore: { n: '$.increment($.gS.n, 1)' } },
  response: { payload: '$.gS.n' },
})

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

/** Overwrites the second half of every file. */
function scribble(folder: string): void {
  for (const path of filesIn(folder)) {
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill('A', bytes.length >> 1))
  }
}

const damages: readonly {
  name: string
  damage: (state: string) => void
  /** Whether the last good revision is still served without the source. */
  lastGood: boolean
}[] = [
  { name: 'nothing of it', damage: () => {}, lastGood: true },
  {
    name: 'the end of the journal',
    damage: (state) => {
      for (const path of filesIn(join(state, 'journal'))) truncateSync(path, statSync(path).size - 7)
    },
    lastGood: true,
  },
  { name: 'half of the journal', damage: (state) => scribble(join(state, 'journal')), lastGood: false },
  { name: 'the journal', damage: (state) => rmSync(join(state, 'journal'), { recursive: true }), lastGood: false },
  { name: 'the contents', damage: (state) => rmSync(join(state, 'contents'), { recursive: true }), lastGood: false },
  { name: 'the cache', damage: (state) => rmSync(join(state, 'cache'), { recursive: true }), lastGood: true },
  { name: 'half of the cache', damage: (state) => scribble(join(state, 'cache')), lastGood: true },
  { name: 'the small document', damage: (state) => writeFileSync(join(state, 'state.json'), ''), lastGood: true },
  {
    name: 'all bytes',
    damage: (state) => {
      for (const path of filesIn(state)) writeFileSync(path, '')
    },
    lastGood: false,
  },
  { name: 'everything', damage: (state) => rmSync(state, { recursive: true }), lastGood: false },
]

describe('a state directory that has lost', () => {
  it.each(damages)('$name does not keep the source from being served', async ({ damage }) => {
    const running = await Running.start({ 'a.yaml': documents(plain('a', 'a'), counter) })
    await running.ask('/count')
    await running.restart(() => damage(running.folder.state))
    expect((await running.ask('/a')).text).toBe('a')
    expect(['1', '2']).toContain((await running.ask('/count')).text)
    running.folder.write('a.yaml', documents(plain('a', 'edited'), counter))
    await running.answerOnce('/a', ({ text }) => text === 'edited')
    // From here on all is well again.
    await running.restart(() => rmSync(running.folder.root, { recursive: true }))
    expect((await running.ask('/a')).text).toBe('edited')
  })

  it.each(damages)('$name, and the source as well, still starts', async ({ damage, lastGood }) => {
    const running = await Running.start(new Folder({ 'a.yaml': documents(plain('a', 'a'), counter) }))
    await running.ask('/count')
    await running.restart(() => {
      damage(running.folder.state)
      rmSync(running.folder.root, { recursive: true })
    })
    expect((await running.ask('/a')).status).toBe(lastGood ? 200 : 404)
    running.folder.write('a.yaml', plain('a', 'back'))
    await running.operate('/api/v1/reconcile')
    expect((await running.ask('/a')).text).toBe('back')
  })

  it('the contents has them again after a restart with the source unchanged', async () => {
    const running = await Running.start({ 'a.yaml': plain('a', 'a') })
    await running.restart(() => rmSync(join(running.folder.state, 'contents'), { recursive: true }))
    await running.restart(() => rmSync(running.folder.root, { recursive: true }))
    expect((await running.ask('/a')).text).toBe('a')
  })
})
