// What leaves the program over HTTP, from behind a proxy.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadSettings } from '../../src/settings.js'
import { smallProxies } from '../network/small-proxy.js'
import { ask } from './ask.js'
import { Folder, mock } from './folder.js'
import { doc } from './notifying.js'
import { operateToken, Running } from './running.js'
import { Sink } from './sink.js'

const openProxy = smallProxies()
const there = 'http://93.184.216.34:8080'

it('callbacks, channels and mocks that proxy go through it, with the login of the settings', async () => {
  const sink = await Sink.start()
  const proxy = await openProxy(() => Number(new URL(sink.url).port), 'ann:s3cret')
  const folder = new Folder({
    'mocks.yaml': [
      mock('fire', { http: { route: '/fire' }, response: {}, webhooks: [{ url: `${there}/callback` }] }),
      mock('pass', { http: { route: '/pass/*' }, proxy: { target: `${there}/proxied` } }),
    ].join('\n---\n'),
    'ops.yaml': doc('Channel', 'ops', { type: 'webhook', config: { url: `${there}/channel` } }),
  })
  const file = join(folder.base, 'password')
  writeFileSync(file, 's3cret\n')
  const running = await Running.start(folder, {
    network: { proxy: { url: proxy.url, username: 'ann', password: { file } } },
  })
  await running.ask('/fire')
  await running.ask('/pass/on')
  const posted = await ask(`${running.control}/api/v1/events`, {
    body: { type: 'deploy.failure' },
    headers: { authorization: `Bearer ${operateToken}` },
  })
  expect(posted.status).toBe(202)
  await sink.at('/callback')
  await sink.at('/channel')
  expect(sink.received.map(({ path }) => path.split('?')[0]).sort()).toEqual(
    expect.arrayContaining(['/callback', '/channel']),
  )
  expect(sink.received.some(({ path }) => path.startsWith('/proxied'))).toBe(true)
  expect(new Set(proxy.asked)).toEqual(new Set(['93.184.216.34:8080']))
})

it.each([
  [{ url: 'http://user:pass@proxy:3128' }, /network\.proxy\.url/],
  [{ url: 'socks5://proxy:1080' }, /network\.proxy\.url/],
  [{ username: 'ann' }, /network\.proxy/],
  [{ url: 'http://proxy:3128', username: 'ann', password: 's3cret' }, /network\.proxy\.password/],
])('settings of it that cannot be are refused: %j', (proxy, message) => {
  expect(() => loadSettings({ env: {}, flags: { network: { proxy } } })).toThrow(message)
})

it('a password that is not there is said at the start', async () => {
  const proxy = { url: 'http://127.0.0.1:1', username: 'ann', password: { env: 'NOWHERE' } }
  await expect(Running.start({}, { network: { proxy } })).rejects.toThrow(
    'network.proxy.password: the environment variable NOWHERE is not set',
  )
})
