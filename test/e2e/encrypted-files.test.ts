import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from './eventually.js'
import { Folder, mock } from './folder.js'
import { condition, Running } from './running.js'
import { Sink } from './sink.js'

const secret = 'correct-horse-battery-staple'
const fixture = (name: string): string => readFileSync(new URL(`../fixtures/sops/${name}`, import.meta.url), 'utf8')

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

/** A mock whose answer is encrypted, and a callback with an encrypted header, whose receiver says back what it was sent. */
async function start(): Promise<{ running: Running; sink: Sink; keyFile: string }> {
  const sink = await Sink.start(({ headers }, res) => {
    res.writeHead(500).end(`no such ticket: ${headers['x-ticket']}`)
    return undefined
  })
  const folder = new Folder({
    'a.yaml': mock('a', { http: { route: '/a', httpMethod: 'GET' }, response: { payloadTemplatePath: 'note.txt' } }),
    'note.txt': fixture('note.enc.txt'),
    'callback.yaml': fixture('callback.enc.yaml').replace('http://127.0.0.1:1', sink.url),
    'channel.yaml': fixture('channel.enc.yaml'),
  })
  const keyFile = join(folder.base, 'key.txt')
  writeFileSync(keyFile, fixture('test-key.txt'))
  const running = await Running.start(folder, {
    network: { allow: [sink.address] },
    secrets: { age: { file: keyFile } },
  })
  return { running, sink, keyFile }
}

describe('encrypted files', () => {
  it('are served and sent decrypted, and shown and recorded nowhere', async () => {
    const { running, sink } = await start()
    expect((await running.ask('/stubs/sandbox/a')).text).toBe(fixture('note.plain.txt'))
    const [received] = await sink.at('/hook')
    expect(received?.headers['x-ticket']).toBe(secret)
    const [delivery] = await eventually('the delivery is over', async () => {
      const { items } = await running.see<{ items: { id: string; status: string }[] }>('/api/v1/deliveries')
      return items.some(({ status }) => status === 'dead_letter') && items
    })
    const shown = await Promise.all(
      [
        `/api/v1/deliveries/${delivery?.id}`,
        '/api/v1/deliveries',
        '/api/v1/status',
        '/api/v1/audit',
        '/api/v1/requests',
        '/api/v1/resources/Callback/sandbox/told',
        '/api/v1/resources/Channel/-/ops',
        '/api/v1/admin/channels',
      ].map(async (path) => JSON.stringify(await running.see(path))),
    )
    expect(shown[0]).toContain('no such ticket: ******')
    for (const text of shown) expect(text).not.toContain(secret)

    await running.stop()
    const holding = filesBelow(running.folder.state).filter((path) => readFileSync(path).includes(secret))
    // The header's, as a secret that a declaration holds: a delivery that waits is sent after a restart.
    for (const path of holding) {
      expect(readFileSync(path, 'utf8')).toBe(secret)
      expect(statSync(path).mode & 0o077).toBe(0)
    }
    expect(holding).toHaveLength(1)
    await running.start()
    expect((await running.ask('/stubs/sandbox/a')).text).toBe(fixture('note.plain.txt'))
  })

  it('that change to what cannot be decrypted hold the revision, and the last good one keeps serving', async () => {
    const { running } = await start()
    running.folder.replace('channel.yaml', fixture('other.enc.yaml'))
    const status = await running.statusOnce('it is refused', (now) => condition(now, 'Ready').status === 'False')
    expect(status.problems).toMatchObject([{ rule: 'sops-wrong-key', file: 'channel.yaml' }])
    expect((await running.ask('/stubs/sandbox/a')).text).toBe(fixture('note.plain.txt'))
  })

  it('go live once their key is there', async () => {
    const { running, keyFile } = await start()
    running.folder.replace('channel.yaml', fixture('other.enc.yaml'))
    await running.statusOnce('it is refused', (now) => condition(now, 'Ready').status === 'False')
    writeFileSync(keyFile, fixture('test-key.txt') + fixture('other-key.txt'))
    await running.operate('/api/v1/reconcile')
    expect(condition(await running.status(), 'Ready')).toMatchObject({ status: 'True' })
  })
})
