// What a person sees of callbacks that do not get through, and of the same after a restart.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ConditionView, ResourceSummary, ResourceView } from '../../src/status/views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { documents, Folder, mock } from './folder.js'
import { Running } from './running.js'
import { Sink } from './sink.js'

const http = { route: '/fire', httpMethod: 'POST' }
const path = '/api/v1/resources'

interface Deliveries {
  readonly items: readonly { readonly id: string; readonly transport: string; readonly status: string }[]
}

function condition({ conditions }: ResourceSummary, type: string): ConditionView | undefined {
  return conditions.find((one) => one.type === type)
}

it('a missing secret, what failed for it and what went well are seen on the resource, also after a restart', async () => {
  const sink = await Sink.start()
  const folder = new Folder()
  const file = join(folder.base, 'key')
  const spec = {
    selector: { mocks: ['fire'] },
    url: `${sink.url}/attached`,
    sign: { scheme: 'hmac', secret: { file } },
  }
  folder.write(
    'a.yaml',
    documents(
      mock('fire', { http, response: {}, webhooks: [{ name: 'notify', url: `${sink.url}/own` }] }),
      `${JSON.stringify({ apiVersion: 'callboard/v1', kind: 'Callback', metadata: { name: 'notify' }, spec })}\n`,
    ),
  )
  const running = await Running.start(folder, { network: { allow: [sink.address] } })
  const see = () => running.see<ResourceView>(`${path}/Callback/sandbox/notify`)
  const before = await see()
  expect(condition(before, 'SecretMissing')).toMatchObject({
    status: 'True',
    message: `the secret's file ${file} cannot be read: ENOENT (/spec/sign/secret)`,
  })
  expect(condition(before, 'Ready')?.status).toBe('True')
  expect(condition(before, 'Delivering')).toMatchObject({ status: 'Unknown', reason: 'NothingSent' })

  await running.ask('/fire', { method: 'POST' })
  await sink.at('/own')
  const failing = await eventually('the failure is seen', async () => {
    const resource = await see()
    return condition(resource, 'Delivering')?.status === 'False' && resource
  })
  expect(condition(failing, 'Delivering')).toMatchObject({ reason: 'Auth' })
  const [failed] = failing.status?.callbacks ?? []
  expect(failed).toMatchObject({
    name: 'notify',
    lastSuccess: null,
    failuresInARow: 1,
    lastError: { class: 'auth', message: `the secret's file ${file} cannot be read: ENOENT` },
    targets: [{ target: sink.url, gate: 'open', breaker: 'closed' }],
  })
  const { items: dead } = await running.see<Deliveries>('/api/v1/deliveries?status=dead_letter&transport=http')
  expect(dead.map(({ id }) => id)).toEqual([failed?.lastError?.delivery])
  // The mock's own entry of the same name is another one.
  const own = await running.see<ResourceView>(`${path}/Mock/sandbox/fire`)
  expect(own.status?.callbacks).toMatchObject([{ name: 'notify', lastError: null, failuresInARow: 0 }])
  expect(condition(own, 'Delivering')?.status).toBe('True')

  await running.restart()
  const again = await see()
  expect(again.status?.callbacks[0]).toMatchObject({ lastError: failed?.lastError, failuresInARow: 1 })
  expect(condition(again, 'Delivering')).toMatchObject(condition(failing, 'Delivering') ?? {})

  writeFileSync(file, 'key')
  expect(condition(await see(), 'SecretMissing')?.status).toBe('False')
  await running.ask('/fire', { method: 'POST' })
  await sink.at('/attached')
  await eventually('the success is seen', async () => {
    const { items } = await running.see<{ items: readonly ResourceSummary[] }>(`${path}?kind=Callback`)
    const [found] = items
    return found !== undefined && condition(found, 'Delivering')?.status === 'True'
  })
  const { status } = await see()
  expect(status?.callbacks[0]).toMatchObject({ lastError: failed?.lastError, failuresInARow: 0 })
  expect(status?.callbacks[0]?.lastSuccess).not.toBeNull()
})

it('deliveries can be asked for by how they are sent', async () => {
  const sink = await Sink.start()
  const running = await Running.start(
    { 'a.yaml': mock('fire', { http, response: {}, webhooks: [{ url: `${sink.url}/one` }, { url: 'ftp$.req.x' }] }) },
    { network: { allow: [sink.address] } },
  )
  await running.ask('/fire', { method: 'POST' })
  const sentBy = async (transport: string): Promise<readonly string[]> => {
    const { items } = await running.see<Deliveries>(`/api/v1/deliveries?transport=${transport}`)
    return items.map((item) => `${item.transport} ${item.status}`)
  }
  await eventually('both are over', async () => {
    const { items } = await running.see<Deliveries>('/api/v1/deliveries')
    return items.length === 2 && items.every(({ status }) => ['delivered', 'dead_letter'].includes(status))
  })
  // What could not be prepared is found by how it was to be sent.
  expect([...(await sentBy('http'))].sort()).toEqual(['http dead_letter', 'http delivered'])
  expect(await sentBy('kafka')).toEqual([])
  expect((await ask(`${running.control}/api/v1/deliveries?transport=htpp`)).text).toContain(
    '\\"htpp\\" is not one of http, kafka, rabbitmq, notification',
  )
})
