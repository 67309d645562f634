import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documents, Folder, mock, plain } from './folder.js'
import { condition, Running } from './running.js'

const counted = mock('counted', {
  http: { route: '/counted' },
  extract: { gStore: { n: '$.increment($.gS.n, 1)' } },
  response: { payload: { n: '$.gS.n' } },
})
const filed = mock('filed', { http: { route: '/filed' }, response: { payloadTemplatePath: 'bodies/filed.txt' } })

function declared(): Folder {
  return new Folder({
    'a.yaml': documents(plain('a', { from: 'a' }), counted),
    'deep/b.yaml': filed,
    'deep/bodies/filed.txt': 'from a file: $.queryParams.n',
  })
}

const damages: readonly { name: string; damage: (folder: Folder) => void; reason: string }[] = [
  {
    name: 'is broken',
    damage: (folder) => folder.write('a.yaml', 'apiVersion: callboard/v1\nkind: Moc\n'),
    reason: 'ValidationFailed',
  },
  { name: 'is gone', damage: ({ root }) => rmSync(root, { recursive: true }), reason: 'FetchFailed' },
  {
    name: 'has become a file',
    damage: ({ root, base }) => {
      rmSync(root, { recursive: true })
      new Folder().replace(`../../${base.split('/').pop()}/config`, 'no folder')
    },
    reason: 'FetchFailed',
  },
  {
    name: 'is empty',
    damage: (folder) => {
      folder.remove('a.yaml')
      folder.remove('deep')
    },
    reason: 'EmptySource',
  },
  {
    name: 'has lost a payload file',
    damage: (folder) => folder.remove('deep/bodies'),
    reason: 'ValidationFailed',
  },
  {
    name: 'declares nothing of ours any more',
    damage: (folder) => {
      folder.remove('deep')
      folder.write('a.yaml', 'apiVersion: apps/v1\nkind: Deployment\n')
    },
    reason: 'ValidationFailed',
  },
]

describe('the revision applied last is served', () => {
  it.each(damages)(
    'after a restart while the source $name, and the source is followed once it is back',
    async ({ damage, reason }) => {
      const running = await Running.start(declared())
      await running.ask('/counted')
      const { lastAppliedRevision: good, generation } = await running.status()
      for (let restart = 0; restart < 2; restart += 1) {
        await running.restart(() => restart === 0 && damage(running.folder))
        expect((await running.ask('/a')).json).toEqual({ from: 'a' })
        expect((await running.ask('/filed?n=1')).text).toBe('from a file: 1')
        expect((await running.ask('/counted')).json).toEqual({ n: restart + 2 })
        const status = await running.status()
        expect(status).toMatchObject({ lastAppliedRevision: good, generation })
        expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason })
        await running.see('/readyz')
      }
      rmSync(running.folder.root, { recursive: true, force: true })
      running.folder.write('a.yaml', documents(plain('a', { from: 'the source again' }), counted))
      running.folder.write('deep/b.yaml', filed)
      running.folder.write('deep/bodies/filed.txt', 'edited')
      await running.operate('/api/v1/reconcile')
      await running.statusOnce('the source is applied again', (status) => condition(status, 'Ready').status === 'True')
      expect((await running.ask('/a')).json).toEqual({ from: 'the source again' })
      expect((await running.ask('/filed')).text).toBe('edited')
      expect((await running.ask('/counted')).json).toEqual({ n: 4 })
    },
  )

  it.each(damages)('while it runs and the source $name', async ({ damage, reason }) => {
    const running = await Running.start(declared())
    damage(running.folder)
    const status = await running.statusOnce('it is told', (one) => condition(one, 'Ready').reason === reason)
    expect(condition(status, 'Ready').message).not.toBe('')
    expect((await running.ask('/a')).json).toEqual({ from: 'a' })
    expect((await running.ask('/filed?n=1')).text).toBe('from a file: 1')
  })
})

it('a source that is broken from the start is no reason not to start, and is applied once it is mended', async () => {
  const running = await Running.start({
    'a.yaml': 'apiVersion: callboard/v1\nkind: Mock\nmetadata: {name: a}\nspec: {}\n',
  })
  const { problems, lastAppliedRevision } = await running.status()
  expect(lastAppliedRevision).toBeNull()
  expect(problems[0]).toMatchObject({ file: 'a.yaml', line: 4 })
  await expect(running.see('/readyz')).rejects.toThrow('503')
  await running.see('/healthz')
  running.folder.write('a.yaml', plain('a', 'mended'))
  await running.answerOnce('/a', ({ text }) => text === 'mended')
  await running.see('/readyz')
})

it('what was changed while nothing ran is applied at the start', async () => {
  const running = await Running.start(declared())
  await running.restart(() => running.folder.write('a.yaml', documents(plain('a', 'changed'), counted)))
  expect((await running.ask('/a')).text).toBe('changed')
  expect((await running.status()).generation).toBe(2)
})

it('suspend is kept over a restart: nothing is applied until resume', async () => {
  const running = await Running.start(declared())
  expect((await running.operate('/api/v1/suspend')).json).toEqual({ changed: true, suspended: true })
  running.folder.write('a.yaml', documents(plain('a', 'edited'), counted))
  expect((await running.operate('/api/v1/reconcile')).json).toMatchObject({ outcome: 'suspended' })
  await running.restart()
  expect(await running.status()).toMatchObject({ suspended: true })
  expect((await running.ask('/a')).json).toEqual({ from: 'a' })
  running.folder.write('a.yaml', documents(plain('a', 'edited twice'), counted))
  expect((await running.operate('/api/v1/reconcile')).json).toMatchObject({ outcome: 'suspended' })
  expect((await running.ask('/a')).json).toEqual({ from: 'a' })
  expect((await running.operate('/api/v1/resume')).json).toEqual({ changed: true, suspended: false })
  expect((await running.ask('/a')).text).toBe('edited twice')
  expect((await running.operate('/api/v1/resume')).json).toEqual({ changed: false, suspended: false })
})
