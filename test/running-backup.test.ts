import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { RunningBackup, type RunningBackupParts } from '../src/running-backup.js'
import { StoreUnavailable } from '../src/store/store.js'
import { temporaryFolders } from './store/temporary-folder.js'

const temporaryFolder = temporaryFolders()

function open(parts: Partial<RunningBackupParts> = {}) {
  const stateDir = temporaryFolder()
  const told: unknown[] = []
  let made = 0
  const backup = new RunningBackup({
    stateDir,
    store: {
      backup: async (file) => {
        made += 1
        writeFileSync(file, `backup ${made}`)
      },
    },
    webhooks: {
      fireOperation: async (operation) => {
        told.push(operation)
        return 1
      },
    },
    now: () => 5,
    ...parts,
  })
  return { stateDir, told, backup }
}

it('is read to its end while others are made, each is told, and none stays in the state directory', async () => {
  const { stateDir, told, backup } = open()
  writeFileSync(join(stateDir, 'x.backup-to-send.y.tmp'), 'of a process that was killed')
  const [first, second] = await Promise.all([backup.make(), backup.make()])
  expect(readdirSync(stateDir)).toEqual([])
  expect([await text(second), await text(first)]).toEqual(['backup 2', 'backup 1'])
  const operation = { id: expect.any(String), operation: 'backup.create', time: 5 }
  expect(told).toEqual([operation, operation])
  expect(new Set(told.map((one) => (one as { id: string }).id)).size).toBe(2)
})

it('is none when it cannot be written, or nobody can be told of it; the next is made all the same', async () => {
  let fails = true
  const { stateDir, backup } = open({
    webhooks: {
      fireOperation: async () => {
        if (fails) throw new StoreUnavailable('full')
        return 0
      },
    },
  })
  await expect(backup.make()).rejects.toThrow(StoreUnavailable)
  expect(readdirSync(stateDir)).toEqual([])
  fails = false
  expect(await text(await backup.make())).toBe('backup 2')
  const broken = open({ store: { backup: () => Promise.reject(new Error('no space left on device')) } })
  await expect(broken.backup.make()).rejects.toThrow('no space left')
  expect(readdirSync(broken.stateDir)).toEqual([])
})
