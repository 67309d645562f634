// Credentials that come with a call are nowhere afterwards: not on disk, not in the log, not in what is answered.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ask } from '../e2e/ask.js'
import { Folder } from '../e2e/folder.js'
import { doc } from '../e2e/notifying.js'
import { RunningProgram } from '../e2e/process.js'
import { operateToken } from '../e2e/running.js'
import { Sink } from '../e2e/sink.js'
import { agent, directArguments, vendorAnswers } from './agent.js'

const secret = 'Kx7qLm2Zp9Rt4Wv8'

function forms(text: string): readonly string[] {
  const shifted = [0, 1, 2].map((by) =>
    Buffer.from(`${'a'.repeat(by)}${text}`)
      .toString('base64')
      .slice(4, 16),
  )
  return [text, ...shifted, encodeURIComponent(text), Buffer.from(text).toString('hex')]
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

it('credentials of direct sends are nowhere afterwards, whether they worked or came back in an error', async () => {
  let isRefusing = false
  const sink = await Sink.start((received, res) => {
    if (!isRefusing) return vendorAnswers(received, res)
    const { authorization = '' } = received.headers
    res.writeHead(400, { 'content-type': 'application/json' })
    const said = `no: ${received.path} ${authorization} ${received.text}`
    res.end(JSON.stringify({ ok: false, error: said, description: said, message: said, errors: [said] }))
    return undefined
  })
  const folder = new Folder({
    'ops.yaml': doc('Channel', 'ops', { type: 'webhook', config: { url: `${sink.url}/ops` } }),
  })
  const program = new RunningProgram(folder, {
    CALLBOARD_LOG_LEVEL: 'trace',
    CALLBOARD_NETWORK_ALLOW: '127.0.0.1,localhost',
    CALLBOARD_MESSAGES_PER_MINUTE: '1000',
  })
  const { control } = await program.ready()
  const said: string[] = []
  for (const transport of ['http', 'stdio'] as const) {
    const { call } = await agent(transport, control, operateToken)
    for (isRefusing of [false, true]) {
      for (const [type, args] of Object.entries(directArguments(sink.url, 1, secret))) {
        const { text, result } = await call(`send_${type}`, {
          ...args,
          title: `Direct ${type}`,
          text: 'Words of nobody',
        })
        said.push(text)
        if (type !== 'email') expect([type, result?.status]).toEqual([type, isRefusing ? 'failed' : 'delivered'])
      }
      // What does not fit is refused without saying what it was.
      said.push((await call('send_slack', { botToken: [secret], title: 'a', text: 'b' })).text)
      said.push((await call('send_webhook', { url: `nonsense ${secret}`, title: 'a', text: 'b' })).text)
    }
  }
  const bearer = { authorization: `Bearer ${operateToken}` }
  for (const path of ['/api/v1/audit', '/api/v1/deliveries', '/api/v1/status', '/metrics']) {
    said.push((await ask(control + path, { headers: bearer })).text)
  }
  expect(sink.received.some(({ path, text }) => (path + text).includes(secret))).toBe(true)
  await program.kill('SIGTERM')
  const kept = [...filesBelow(folder.base)].map((file) => readFileSync(file, 'latin1'))
  expect(kept.length).toBeGreaterThan(2)
  const everywhere = [...said, ...kept, program.stdout, program.stderr].join('\n')
  for (const form of forms(secret)) expect(everywhere).not.toContain(form)
  // The words are of the call as well, and the record says what was done without them.
  expect([...kept, program.stderr].join('\n')).not.toContain('Words of nobody')
  expect(kept.join('\n')).toContain('"tool":"send_slack"')
}, 60_000)
