import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AuditEntry } from '../../src/status/audit-views.js'
import { backup, restore } from '../../src/store/backup.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { Running } from './running.js'

const canary = 'https://hooks.example.com/services/T0/B0/canary-0123456789'

function channel(name: string, spec: object = {}): string {
  const declared = { type: 'mattermost', config: { webhookUrl: canary }, ...spec }
  return `${JSON.stringify({ apiVersion: 'callboard/v1', kind: 'Channel', metadata: { name }, spec: declared })}\n`
}

const user = JSON.stringify({
  apiVersion: 'callboard/v1',
  kind: 'User',
  metadata: { name: 'ann' },
  spec: { email: 'ann@example.com' },
})

async function entries(running: Running, query = ''): Promise<readonly AuditEntry[]> {
  return (await running.see<{ items: AuditEntry[] }>(`/api/v1/audit?limit=500${query}`)).items
}

const shown = (items: readonly AuditEntry[]) =>
  items.map(({ action, name, actor }) => `${action} ${name ?? '-'} by ${actor.name}`)

describe('who changed what', () => {
  it('is on record once, for revisions and operations, over restarts and in a backup, without a secret', async () => {
    const running = await Running.start({ 'channels.yaml': channel('ops'), 'users.yaml': user })
    running.folder.write('channels.yaml', `${channel('ops', { enabled: false })}---\n${channel('alerts')}`)
    await running.statusOnce('the edit is applied', ({ generation }) => generation === 2)
    await running.operate('/api/v1/suspend')
    await running.operate('/api/v1/resume')
    await running.restart(() => running.folder.write('channels.yaml', channel('ops', { enabled: false })))
    const expected = [
      'delete_notification_channel alerts by source',
      'resume - by operator',
      'suspend - by operator',
      'update_notification_channel ops by source',
      'create_notification_channel alerts by source',
      'create_user ann by source',
      'create_notification_channel ops by source',
    ]
    const sorted = (lines: readonly string[]) => [...lines].sort()
    const found = await eventually('all of it is on record', async () => {
      const items = await entries(running)
      return items.length >= expected.length && items
    })
    // The order of the changes of one revision says nothing.
    expect(sorted(shown(found))).toEqual(sorted(expected))
    expect(shown(found).slice(0, 3)).toEqual(expected.slice(0, 3))
    const [ops] = await entries(running, '&action=update_notification_channel')
    expect(ops).toMatchObject({ type: 'mattermost', enabled: false, generation: 2, actor: { address: null } })
    const [suspended] = await entries(running, '&action=suspend')
    expect(suspended).toMatchObject({ actor: { address: '127.0.0.1' }, generation: 2, outcome: 'done' })

    await running.restart()
    expect(await entries(running)).toEqual(found)

    const folder = join(running.folder.state, 'audit')
    const text = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
    expect(text.trim().split('\n')).toHaveLength(expected.length)
    expect(text).not.toContain('canary')

    await running.stop()
    const file = join(running.folder.state, '..', 'backup.gz')
    await backup(running.folder.state, file)
    const other = new Folder(
      { 'channels.yaml': `${channel('ops')}---\n${channel('new')}`, 'users.yaml': user },
      onTestFinished,
    )
    await restore(file, other.state)
    const again = await Running.start(other)
    const restored = await eventually('the restore and what followed is on record', async () => {
      const items = await entries(again)
      return items.length >= expected.length + 3 && items
    })
    expect(sorted(shown(restored).slice(0, 2))).toEqual([
      'create_notification_channel new by source',
      'update_notification_channel ops by source',
    ])
    expect(shown(restored)[2]).toBe('restore_backup - by system')
    expect(shown(restored).slice(3)).toEqual(shown(found))
  })
})
