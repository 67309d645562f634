import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { openStore } from '../../src/store/embedded.js'
import { temporaryFolders } from './temporary-folder.js'

const temporaryFolder = temporaryFolders()

it.skipIf(process.platform === 'win32')('the state directory is for its owner alone', async () => {
  const dir = join(temporaryFolder(), 'deep', 'state')
  const store = await openStore(dir, { rawNumber: RawNumber })
  await store.transact(['s/'], (tx) => tx.put('s/x', 1))
  await store.contents.putAll([['k', Buffer.from('x')]])
  const modes = new Map([['.', statSync(dir).mode & 0o777]])
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    modes.set(name, statSync(join(dir, name)).mode & 0o777)
  }
  expect(Object.fromEntries([...modes].sort())).toEqual({
    '.': 0o700,
    cache: 0o700,
    contents: 0o700,
    'contents/00000001.pack': 0o600,
    journal: 0o700,
    'journal/00000001.ndjson': 0o600,
    'lock.1': 0o600,
    'state.json': 0o600,
  })
  await store.close()
})
