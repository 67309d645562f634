// /mcp as a path of the control port: the same doors as for all others.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type AskOptions, ask } from '../e2e/ask.js'
import { doc } from '../e2e/notifying.js'
import { operateToken, Running } from '../e2e/running.js'
import { agent } from './agent.js'

const files = {
  'ops.yaml': doc('Channel', 'ops', { type: 'webhook', config: { url: 'http://127.0.0.1:9/ops' } }),
  'answer.json': '{"a": 1}',
  'mock.yaml': doc('Mock', 'order', {
    http: { route: '/orders', httpMethod: 'GET' },
    response: { payloadTemplatePath: 'answer.json' },
  }),
}
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }

function post(control: string, body: unknown, headers: AskOptions['headers'] = {}) {
  return ask(`${control}/mcp`, { body, headers: { accept: 'application/json, text/event-stream', ...headers } })
}

it('/mcp answers each message by itself, as JSON, and keeps no session', async () => {
  const { control } = await Running.start(files)
  const answer = await post(control, ping)
  expect([answer.status, answer.headers['content-type'], answer.json]).toEqual([
    200,
    'application/json',
    { jsonrpc: '2.0', id: 1, result: {} },
  ])
  expect(answer.headers['mcp-session-id']).toBeUndefined()
  expect((await post(control, { jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202)
  expect((await ask(`${control}/mcp`)).status).toBe(405)
  expect((await ask(`${control}/mcp`, { method: 'DELETE' })).headers.allow).toBe('POST')
})

it('/mcp is closed to other hosts, pages of other origins, other types, and messages that are too large', async () => {
  const { control } = await Running.start(files)
  const status = async (headers: Record<string, string>, body: unknown = ping) =>
    (await post(control, body, headers)).status
  expect(await status({ host: 'rebound.example' })).toBe(421)
  expect(await status({ origin: 'https://rebound.example' })).toBe(403)
  expect(await status({ origin: 'null' })).toBe(403)
  expect(await status({ origin: control })).toBe(200)
  expect(await status({ 'content-type': 'text/plain' }, JSON.stringify(ping))).toBe(415)
  expect(await status({ accept: 'text/html' })).toBe(406)
  expect(await status({ 'mcp-protocol-version': '1999-01-01' })).toBe(400)
  expect(await status({}, { ...ping, params: { text: 'x'.repeat(2 * 1024 * 1024) } })).toBe(413)
  expect(await status({ 'content-type': 'application/json' }, '{"jsonrpc":')).toBe(400)
  expect(await status({}, { jsonrpc: '2.0', id: 1, method: 'no/such' })).toBe(200)
})

it('/mcp needs the read token where there is one, and is not there when it is switched off', async () => {
  const { control } = await Running.start(files, { tokens: { operate: operateToken, read: 'read-token' } })
  expect((await post(control, ping)).status).toBe(401)
  expect((await post(control, ping, { authorization: 'Bearer read-token' })).status).toBe(200)
  const off = await Running.start(files, { mcp: { enabled: false } })
  expect((await post(off.control, ping)).status).toBe(404)
})

it('without a token in settings nothing can be sent, and the answer says what to set', async () => {
  const { control } = await Running.start(files, { tokens: {} })
  const { call } = await agent('http', control)
  const { isError, text } = await call('send_via_channel', { channel_id: 'ops', title: 'a', text: 'b' })
  expect([isError, text]).toEqual([
    true,
    expect.stringContaining('messages by programs are switched off: set tokens.messages'),
  ])
})

it('direct sends can be switched off', async () => {
  const { control } = await Running.start(files, { messages: { direct: false } })
  const { client } = await agent('http', control, operateToken)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name).filter((name) => name.startsWith('send_'))).toEqual(['send_via_channel'])
  // A process of one's own does not know that before it asks.
  const { call } = await agent('stdio', control, operateToken)
  const { isError, text } = await call('send_webhook', { url: 'https://example.com', title: 'a', text: 'b' })
  expect([isError, text]).toEqual([true, expect.stringContaining('are switched off (messages.direct of the settings)')])
})

it('files are judged as if they were merged: over what is applied, or alone', async () => {
  const { control } = await Running.start(files)
  const { call } = await agent('http', control, operateToken)
  const binding = doc('UserBinding', 'ann-ops', { user: 'ann', channel: 'ops' })
  const ann = doc('User', 'ann', { email: 'ann@example.com' })
  const over = (await call('plan', { files: { 'people.yaml': `${ann}\n---\n${binding}`, 'mock.yaml': null } })).result
  expect(over).toMatchObject({ errors: 0, counts: { create: 2, update: 0, prune: 1, unchanged: 1 } })
  const alone = (await call('validate', { yaml: binding, path: 'people.yaml', alone: true })).result
  expect(alone).toMatchObject({ computed: false, errors: 2, base: null })
  expect(alone.problems[0]).toMatchObject({ file: 'people.yaml', line: 1, severity: 'error' })
  const broken = (await call('plan', { yaml: 'apiVersion: callboard/v1\nkind: Chanel\nmetadata: {name: a}\n' })).result
  expect(broken).toMatchObject({ computed: false, counts: null, changes: null, problems: [{ file: 'proposal.yaml' }] })
  // Nothing of it is applied.
  expect((await call('list_resources', { kind: 'User' })).result.items).toEqual([])
})

it('over standard input and output, folders of the machine that it runs on are judged too', async () => {
  const { control, folder } = await Running.start(files)
  const { call } = await agent('stdio', control, operateToken)
  const other = mkdtempSync(join(tmpdir(), 'callboard-mcp-'))
  onTestFinished(() => rmSync(other, { recursive: true, force: true }))
  for (const name of Object.keys(files)) writeFileSync(join(other, name), readFileSync(folder.at(name)))
  writeFileSync(
    join(other, 'more.yaml'),
    doc('Channel', 'more', { type: 'webhook', config: { url: 'https://example.com' } }),
  )
  expect((await call('plan', { directory: other })).result.report).toMatchObject({
    counts: { create: 1, unchanged: 2 },
  })
  writeFileSync(join(other, 'more.yaml'), doc('Channel', 'more', { type: 'webhok', config: {} }))
  expect((await call('validate', { directory: other })).text).toContain('webhok')
  expect(await call('validate', { directory: join(other, 'nothing') })).toMatchObject({
    isError: true,
    text: expect.stringContaining('there is no folder'),
  })
  expect((await call('plan', { directory: other, yaml: 'a' })).text).toBe('give either directory or yaml, not both')
})
