import { expect, it } from 'vitest'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { documents, Folder, mock, plain } from './folder.js'
import { RunningProgram } from './process.js'
import { Running } from './running.js'

const files = {
  'a.yaml': documents(
    plain('plain', 'ok'),
    mock('slow', { http: { route: '/slow' }, response: { delay: 400, payload: 'slow' } }),
    mock('count', {
      http: { route: '/count' },
      extract: { gStore: { n: '$.increment($.gS.n, 1)' } },
      response: { payload: '$.gS.n' },
    }),
  ),
}

it('requests under way are finished, and what they did is kept', async () => {
  const running = await Running.start(files)
  const slow = Array.from({ length: 5 }, () => running.ask('/slow'))
  const counts = Array.from({ length: 20 }, () => running.ask('/count'))
  await running.statusOnce('they have arrived', () => true)
  await eventually(
    'they are counted',
    async () => (await running.see<{ items: [] }>('/api/v1/requests')).items.length >= 20,
  )
  await running.stop()
  for (const { status, text } of await Promise.all(slow))
    expect({ status, text }).toEqual({ status: 200, text: 'slow' })
  for (const { status } of await Promise.all(counts)) expect(status).toBe(200)
  await running.start()
  expect((await running.ask('/count')).text).toBe('21')
})

it('SIGTERM finishes requests under way too, and takes no more', async () => {
  const running = new RunningProgram(new Folder(files))
  const { resolver } = await running.ready()
  const slow = ask(`${resolver}/slow`)
  await ask(`${resolver}/plain`)
  running.child.kill('SIGTERM')
  expect(await slow).toMatchObject({ status: 200, text: 'slow', headers: { connection: 'close' } })
  expect(await running.exit).toEqual({ code: 0, signal: null })
  await expect(ask(`${resolver}/plain`)).rejects.toThrow('ECONNREFUSED')
})

it('what is called while the program ends is answered or refused, and never hangs', async () => {
  const running = await Running.start(files)
  const { control, resolver } = running
  const calls = Array.from({ length: 30 }, (_, index) =>
    ask(index % 2 === 0 ? `${control}/api/v1/status` : `${resolver}/plain`).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    ),
  )
  await running.stop()
  for (const outcome of await Promise.all(calls)) expect([200, 'ECONNREFUSED', 'ECONNRESET']).toContain(outcome)
  await eventually('nothing listens any more', () =>
    ask(`${control}/healthz`).then(
      () => false,
      () => true,
    ),
  )
})
