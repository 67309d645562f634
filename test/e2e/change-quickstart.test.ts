// The webhooks on changes of the quickstart, sent to the mocks beside them.

import { cpSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { curlsIn, parseCurl } from './curl.js'
import { Folder } from './folder.js'
import { Running } from './running.js'
import { freePort } from './sink.js'

const quickstart = fileURLToPath(new URL('../../examples/quickstart', import.meta.url))

it('an edit to the quickstart is told to the receiver beside it, and so is who joins a namespace', async () => {
  const folder = new Folder()
  cpSync(quickstart, folder.root, { recursive: true })
  const port = await freePort()
  const declared = readFileSync(folder.at('changes.yaml'), 'utf8')
  const text = declared.replaceAll('127.0.0.1:5770', `127.0.0.1:${port}`)
  folder.write('changes.yaml', text)
  const running = await Running.start(folder, {
    strict: true,
    network: { allow: [`127.0.0.1:${port}`] },
    ports: { resolver: port, control: 0 },
  })
  const [line = ''] = curlsIn(declared)
  const path = new URL(parseCurl(line).url).pathname
  expect((await running.ask(path)).json).toEqual({ count: 0, operation: 'nothing yet', what: '-', where: '-' })
  const users = readFileSync(folder.at('users.yaml'), 'utf8')
  folder.write('users.yaml', users.replace('$.fake.FullName', 'Ann'))
  const heard = (count: number) => running.answerOnce(path, ({ json }) => (json as { count: number }).count === count)
  expect((await heard(1)).json).toEqual({
    count: 1,
    operation: 'mock.update',
    what: 'sandbox/user',
    where: expect.stringMatching(/^users\.yaml:\d+$/),
  })
  folder.write('changes.yaml', text.replace('namespaces: [payments]', 'namespaces: [payments, sandbox]'))
  await heard(4)
  const { items } = await running.see<{ items: { operation: string }[] }>('/api/v1/deliveries?kind=change')
  expect(items.map(({ operation }) => operation).sort()).toEqual([
    'mock.update',
    'namespace.user.add',
    'user.add_to_namespace',
    'user.update',
  ])
})
