import { expect, it } from 'vitest'
import type { MockView } from '../../src/status/views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { documents, Folder, mock, plain } from './folder.js'
import { Load } from './load.js'
import { condition, Running } from './running.js'

const count = 20

function files(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}.yaml`, plain(`m${index}`, index)]))
}

const limited = (name: string, annotations?: Record<string, string>) =>
  mock(
    name,
    { http: { route: '/limited' }, useLimiter: 5, response: { payload: 'still there' } },
    annotations === undefined ? {} : { annotations },
  )

function mocks(running: Running): Promise<{ items: MockView[] }> {
  return running.see('/api/v1/mocks')
}

it('a revision that prunes too much is held until a person allows just that revision', async () => {
  const folder = new Folder(files())
  const running = await Running.start(folder)
  for (let index = 0; index < 12; index += 1) folder.remove(`m${index}.yaml`)
  const held = await running.statusOnce('it is held', (status) => status.deletionBudget?.excesses[0]?.pruned === 12)
  expect(condition(held, 'Ready')).toMatchObject({ status: 'False', reason: 'DeletionBudgetExceeded' })
  expect(held.deletionBudget?.excesses).toEqual([{ namespace: null, pruned: 12, applied: 20, allowed: 10 }])
  const revision = held.deletionBudget?.revision ?? ''
  expect(held.deletionBudget?.hint).toContain(`--allow-prune ${revision}`)
  expect((await running.ask('/m0')).text).toBe('0')

  // Neither a restart nor a plain look lets it through, nor a permission for another revision.
  await running.restart()
  expect((await running.ask('/m0')).text).toBe('0')
  expect((await running.operate('/api/v1/reconcile')).json).toMatchObject({ outcome: 'rejected' })
  const other = await running.operate('/api/v1/reconcile', { allowPrune: 'sha256:0000000000000000' })
  expect(other.json).toMatchObject({ outcome: 'rejected', reason: 'DeletionBudgetExceeded' })

  const allowed = await running.operate('/api/v1/reconcile', { allowPrune: revision })
  expect(allowed).toMatchObject({ status: 200, json: { outcome: 'applied', revision } })
  expect((await running.ask('/m0')).status).toBe(404)
  expect((await running.ask('/m12')).text).toBe('12')
  expect((await mocks(running)).items).toHaveLength(8)
})

it('files that are moved to another folder prune nothing and keep their counts', async () => {
  const folder = new Folder({ ...files(), 'limited.yaml': limited('limited') })
  const running = await Running.start(folder)
  for (let use = 0; use < 3; use += 1) await running.ask('/limited')
  await running.ask('/m3')
  for (let index = 0; index < count; index += 1) folder.move(`m${index}.yaml`, `team/moved/m${index}.yml`)
  folder.move('limited.yaml', 'team/limited.yaml')
  const place = async () => (await running.see<{ file: string }>('/api/v1/resources/Mock/sandbox/m3')).file
  await eventually('they are known at their new place', async () => (await place()) === 'team/moved/m3.yml')
  expect((await running.ask('/m3')).text).toBe('3')
  const { items } = await mocks(running)
  expect(items.find(({ name }) => name === 'm3')?.hits).toBe(2)
  expect(items.find(({ name }) => name === 'limited')?.usesLeft).toBe(2)
  for (const { changes } of await running.revisions()) {
    expect(changes.filter(({ operation }) => operation === 'prune')).toEqual([])
  }
})

it('a mock that says what it was called before keeps its counters, also over a restart', async () => {
  const folder = new Folder({ 'a.yaml': limited('old-name') })
  const running = await Running.start(folder)
  for (let use = 0; use < 3; use += 1) expect((await running.ask('/limited')).status).toBe(200)
  folder.replace('a.yaml', limited('new-name', { 'callboard/renamed-from': 'old-name' }))
  await running.answerOnce('/limited', ({ headers }) => headers['callboard-mock'] === 'sandbox/new-name', {
    method: 'HEAD',
  })
  expect((await mocks(running)).items).toMatchObject([{ name: 'new-name', hits: 3, usesLeft: 2 }])
  await running.restart()
  expect((await mocks(running)).items).toMatchObject([{ name: 'new-name', hits: 3, usesLeft: 2 }])
  for (const status of [200, 200, 404]) expect((await running.ask('/limited')).status).toBe(status)
})

it('an edit keeps counters, and a prune forgets them', async () => {
  const folder = new Folder({ 'a.yaml': limited('a'), 'b.yaml': plain('b', 'b') })
  const running = await Running.start(folder)
  for (let use = 0; use < 5; use += 1) await running.ask('/limited')
  expect((await running.ask('/limited')).status).toBe(404)
  folder.write('a.yaml', limited('a').replace('still there', 'edited'))
  await running.statusOnce('the edit is applied', ({ generation }) => generation === 2)
  expect((await running.ask('/limited')).status).toBe(404)
  folder.remove('a.yaml')
  await running.statusOnce('the prune is applied', ({ counts }) => counts.resources.Mock === 1)
  folder.write('a.yaml', limited('a'))
  await running.answerOnce('/limited', ({ status }) => status === 200)
  expect((await mocks(running)).items).toMatchObject([{ name: 'a', usesLeft: 4 }, { name: 'b' }])
})

it('a document moved within one file, among others, is the same resource', async () => {
  const [a, b, c] = [limited('a'), plain('b', 'b'), plain('c', 'c')]
  const running = await Running.start({ 'all.yaml': documents(a, b, c) })
  await running.ask('/limited')
  running.folder.write('all.yaml', documents(c, b, a))
  await running.statusOnce(
    'the edit was looked at',
    ({ generation, conditions }) => generation > 0 && conditions.length > 0,
  )
  await running.operate('/api/v1/reconcile')
  expect((await mocks(running)).items[0]).toMatchObject({ name: 'a', usesLeft: 4, line: 5 })
})

it('no hit is lost while a mock is renamed again and again under load', async () => {
  const declare = (number: number) =>
    plain('x', 'x').replace(
      '"name":"x"',
      `"name":"x${number}","annotations":{"callboard/renamed-from":"x${number - 1}"}`,
    )
  const running = await Running.start({ 'a.yaml': declare(0) })
  let answered = 0
  const load = new Load(4, async (agent) => {
    expect((await ask(`${running.resolver}/x`, { agent })).status).toBe(200)
    answered += 1
  })
  for (let number = 1; number <= 15; number += 1) {
    running.folder.replace('a.yaml', declare(number))
    const name = `sandbox/x${number}`
    await running.answerOnce('/x', ({ headers }) => headers['callboard-mock'] === name, { method: 'HEAD' })
  }
  await load.stop()
  expect(load.failures).toEqual([])
  expect((await mocks(running)).items).toMatchObject([{ name: 'x15', hits: answered }])
  await running.restart()
  expect((await mocks(running)).items).toMatchObject([{ name: 'x15', hits: answered }])
})

it('whoever asks to look again gets an outcome in which what was written before counts', async () => {
  const running = await Running.start({ 'a.yaml': plain('a', 0) })
  for (let number = 1; number <= 15; number += 1) {
    running.folder.write('a.yaml', plain('a', number))
    const all = await Promise.all(Array.from({ length: 8 }, () => running.operate('/api/v1/reconcile')))
    for (const reply of all) expect(reply).toMatchObject({ status: 200, json: { reason: 'Succeeded' } })
    expect((await running.ask('/a')).text).toBe(String(number))
  }
  expect((await running.status()).generation).toBe(16)
})
