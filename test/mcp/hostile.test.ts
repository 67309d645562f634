// Arguments that nobody means well, over a real controller.

import { expect, it } from 'vitest'
import { doc } from '../e2e/notifying.js'
import { operateToken, Running } from '../e2e/running.js'
import { Sink } from '../e2e/sink.js'
import { agent } from './agent.js'

const files = { 'ops.yaml': doc('Channel', 'ops', { type: 'webhook', config: { url: 'http://127.0.0.1:9/ops' } }) }
const words = { title: 'Today', text: '' }
const slack = { webhookUrl: 'https://hooks.slack.com/services/T/B/x' }

it.each<[what: string, tool: string, args: Record<string, unknown>, said: RegExp]>([
  ['a file', 'send_webhook', { url: 'file:///etc/passwd' }, /no host that can be dialled/],
  [
    'the address of a cloud’s own data',
    'send_slack',
    { ...slack, baseUrl: 'http://169.254.169.254' },
    /169\.254\.169\.254/,
  ],
  ['that address in another spelling', 'send_webhook', { url: 'http://0xa9fea9fe/latest' }, /169\.254\.169\.254/],
  [
    'a header within a header',
    'send_webhook',
    { url: 'https://example.com/', headers: { 'X-A': 'a\r\nX-B: b' } },
    /header/i,
  ],
  [
    'a name of a header that is none',
    'send_webhook',
    { url: 'https://example.com/', headers: { 'a b': 'c' } },
    /headers/,
  ],
  ['a variable of the controller', 'send_webhook', { url: { env: 'CALLBOARD_TOKENS_OPERATE' } }, /url must be string/],
  [
    'a variable in a header',
    'send_webhook',
    { url: 'https://example.com/', headers: { 'X-A': { env: 'HOME' } } },
    /headers/,
  ],
  [
    'a file with certificates',
    'send_email',
    { host: 'mail.example.com', to: 'a@example.com', ca: '/etc/shadow' },
    /no argument "ca"/,
  ],
  ['a prototype', 'send_slack', JSON.parse('{"__proto__":{"webhookUrl":"https://example.com"}}'), /ways to log in/],
  ['fields of another type', 'send_slack', { ...slack, routing_key: 'x' }, /no argument "routing_key"/],
  ['a channel by a path', 'send_via_channel', { channel_id: '../../etc' }, /no channel|may not/],
  ['a channel with a zero byte', 'send_via_channel', { channel_id: 'ops\u0000' }, /no channel/],
  [
    'half a character',
    'send_via_channel',
    { channel_id: 'ops', title: '\ud83d', text: '\udc00', wait_seconds: 0 },
    /accepted/,
  ],
])('%s gets an answer, and nothing else happens', async (_, tool, args, said) => {
  const { control } = await Running.start(files)
  const { call } = await agent('http', control, operateToken)
  const { text } = await call(tool, { ...words, ...args })
  expect(text).toMatch(said)
  expect(text).not.toContain('mistake in the program')
  expect((await call('get_status')).isError).toBe(false)
})

it('a direct send cannot reach the control port itself, nor a private address, whatever the token', async () => {
  const sink = await Sink.start()
  const { control } = await Running.start(files)
  const { call } = await agent('http', control, operateToken)
  for (const url of [`${control}/api/v1/suspend`, `${sink.url}/in`]) {
    const headers = { Authorization: `Bearer ${operateToken}` }
    const { isError, text } = await call('send_webhook', { ...words, url, headers })
    expect([isError, text]).toEqual([true, expect.stringContaining('"class":"guard"')])
  }
  expect(sink.received).toEqual([])
  expect((await call('get_status')).result.suspended).toBe(false)
})
