import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { backup, restore } from '../../src/store/backup.js'
import { type Disk, nodeDisk } from '../../src/store/disk.js'
import { type EmbeddedStore, openStore } from '../../src/store/embedded.js'
import { StoreLocked } from '../../src/store/store.js'
import { increment } from '../contract/store.js'
import { temporaryFolders } from './temporary-folder.js'

const temporaryFolder = temporaryFolders()

function open(dir: string): Promise<EmbeddedStore> {
  return openStore(dir, { rawNumber: RawNumber, segmentBytes: 1000 })
}

async function fill(store: EmbeddedStore): Promise<void> {
  for (let n = 0; n < 30; n += 1) {
    await store.transact(['s/'], (tx) => {
      tx.put(`s/${n}`, { n, raw: new RawNumber(`1234567890123456789${n}`) })
      tx.delete(`s/${n - 7}`)
    })
  }
  await store.contents.putAll([
    ['one', Buffer.from('content one')],
    ['two', Buffer.alloc(300_000, 2)],
  ])
}

const secret = 'ab'.repeat(32)

/** A state directory, stopped, and its backup. */
async function backedUp(): Promise<{ dir: string; file: string; epoch: string; content: unknown }> {
  const folder = temporaryFolder()
  const dir = join(folder, 'state')
  const store = await open(dir)
  await fill(store)
  mkdirSync(join(dir, 'secrets'))
  writeFileSync(join(dir, 'secrets', secret), 'a secret')
  writeFileSync(join(dir, 'secrets', `${secret}.123`), 'unfin')
  const { epoch } = store
  const content = store.list('s/')
  await store.close()
  const file = join(folder, 'backup.gz')
  await backup(dir, file)
  return { dir, file, epoch, content }
}

describe('a backup', () => {
  it('brings back everything, in a new epoch', async () => {
    const { file, epoch, content } = await backedUp()
    const dir = join(temporaryFolder(), 'new')
    await restore(file, dir)
    const store = await open(dir)
    expect(store.list('s/')).toEqual(content)
    expect(store.warnings).toEqual([])
    expect(store.epoch).not.toBe(epoch)
    expect(String(Buffer.from((await store.contents.get('one')) ?? []))).toBe('content one')
    expect((await store.contents.get('two'))?.length).toBe(300_000)
    await store.transact(['s/'], increment('s/count'))
    expect(readFileSync(join(dir, 'secrets', secret), 'utf8')).toBe('a secret')
    expect(readdirSync(join(dir, 'secrets'))).toEqual([secret])
    expect(statSync(join(dir, 'secrets', secret)).mode & 0o777).toBe(0o600)
    await store.close()
    const again = await open(dir)
    expect(again.epoch).toBe(store.epoch)
    expect(again.get('s/count')).toBe(1)
    await again.close()
  })

  it('is one file that only its owner can read, and leaves the state as it was', async () => {
    const { dir, file, content } = await backedUp()
    expect(statSync(file).isFile()).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(file, '..')).sort()).toEqual(['backup.gz', 'state'])
    const store = await open(dir)
    expect(store.list('s/')).toEqual(content)
    await store.close()
  })

  it('of a store that goes on is of one moment', async () => {
    const folder = temporaryFolder()
    const store = await open(join(folder, 'state'))
    await fill(store)
    const file = join(folder, 'backup.gz')
    let over = false
    const done = store.backup(file).finally(() => {
      over = true
    })
    // Two counters that are always equal, while segments are begun and compacted.
    const write = async () => {
      while (!over) {
        await store.transact(['s/'], (tx) => {
          increment('s/a')(tx)
          increment('s/b')(tx)
        })
      }
    }
    await Promise.all([done, write(), write(), store.contents.putAll([['late', Buffer.from('late')]])])
    await store.close()
    const dir = join(folder, 'restored')
    await restore(file, dir)
    const restored = await open(dir)
    expect(restored.get('s/a')).toEqual(restored.get('s/b'))
    expect(restored.get('s/29')).toMatchObject({ n: 29 })
    expect((await restored.contents.getAll(['one', 'two'])).size).toBe(2)
    expect(restored.warnings).toEqual([])
    await restored.close()
  })

  it('is never written over a file, and never of what is no state', async () => {
    const { dir, file } = await backedUp()
    await expect(backup(dir, file)).rejects.toThrow(`${file} exists; name a new file for the backup`)
    const empty = temporaryFolder()
    await expect(backup(empty, join(empty, 'b'))).rejects.toThrow(`${empty} holds no state to back up`)
    expect(readdirSync(empty)).toEqual([])
    await expect(backup(dir, join(dir, 'no', 'folder'))).rejects.toThrow('ENOENT')
  })

  it('and a restore are refused while a process has the directory', async () => {
    const { file } = await backedUp()
    const dir = temporaryFolder()
    const store = await open(dir)
    await store.transact(['s/'], increment('s/count'))
    await expect(backup(dir, `${file}2`)).rejects.toBeInstanceOf(StoreLocked)
    await expect(restore(file, dir)).rejects.toBeInstanceOf(StoreLocked)
    await store.close()
    await expect(restore(file, dir)).rejects.toThrow(`${dir} is not empty (`)
    const kept = await open(dir)
    expect(kept.get('s/count')).toBe(1)
    await kept.close()
  })

  it('is restored into a directory that is empty but for what a new drive holds', async () => {
    const { file, content } = await backedUp()
    const dir = temporaryFolder()
    mkdirSync(join(dir, 'lost+found'))
    await restore(file, dir)
    const store = await open(dir)
    expect(store.list('s/')).toEqual(content)
    await store.close()
  })

  it('that is no regular file is refused', async () => {
    const { file } = await backedUp()
    const folder = temporaryFolder()
    symlinkSync(file, join(folder, 'link'))
    for (const path of [folder, join(folder, 'link')]) {
      await expect(restore(path, join(folder, 'new'))).rejects.toThrow('is not a regular file')
    }
    await expect(restore(join(folder, 'none'), join(folder, 'new'))).rejects.toThrow('there is no file')
  })

  it('that was cut off or altered is refused, and leaves the directory empty', async () => {
    const { file } = await backedUp()
    const bytes = readFileSync(file)
    const dir = temporaryFolder()
    const altered = join(temporaryFolder(), 'altered')
    const step = Math.max(1, Math.floor(bytes.length / 60))
    const versions = [Buffer.alloc(0), Buffer.from('not a backup'), gzipSync('{}\n'), gzipSync('')]
    for (let at = 0; at < bytes.length; at += step) {
      versions.push(bytes.subarray(0, at))
      const flipped = Buffer.from(bytes)
      // The header of gzip holds a time and a system that mean nothing.
      const place = at < 10 ? 0 : at
      flipped[place] = (flipped[place] ?? 0) ^ 0x10
      versions.push(flipped)
    }
    for (const version of versions) {
      // Bits that only fill up the last byte of the compressed data mean nothing either.
      if (unpacked(version)?.equals(gunzipSync(bytes))) continue
      writeFileSync(altered, version)
      await expect(restore(altered, dir)).rejects.toThrow(`${altered} cannot be restored: `)
      expect(readdirSync(dir)).toEqual([])
    }
  })

  const sum = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const head = '{"callboard":"backup","format":1,"epoch":"e","segments":[]}'
  const empty = (name: string) => `{"name":${JSON.stringify(name)},"length":0}\n{"sha256":"${sum}"}`
  const hostile: [string, string[], RegExp][] = [
    ['a path out of the directory', [head, empty('../evil')], /it has an entry "\.\.\/evil"/],
    ['a path through a folder', [head, empty('journal/../../evil')], /it has an entry/],
    ['an absolute path', [head, empty('/tmp/evil')], /it has an entry/],
    ['a name of its own', [head, empty('state.json')], /it has an entry/],
    ['a lock', [head, empty('lock.1')], /it has an entry/],
    ['a name with a null byte', [head, empty('journal/00000001.ndjson\0')], /it has an entry/],
    ['a name twice', [head, empty('contents/00000001.pack'), empty('contents/00000001.pack')], /twice/],
    ['a negative length', [head, '{"name":"contents/00000001.pack","length":-1}'], /no proper length/],
    ['a huge length', [head, '{"name":"contents/00000001.pack","length":1000000000000000}'], /unpacks to more than/],
    ['a wrong checksum', [head, empty('contents/00000001.pack').replace('e3b0', 'e3b1')], /checksum/],
    [
      'a missing segment',
      [head.replace('[]', '[3]'), '{"end":true,"entries":0}'],
      /journal\/00000003\.ndjson is missing/,
    ],
    ['segments that are none', [head.replace('[]', '["../x"]')], /no backup of a state directory/],
    ['no end', [head, empty('contents/00000001.pack')], /ends too early/],
    ['a wrong count', [head, '{"end":true,"entries":1}'], /it has 0 entries, and should have 1/],
    ['something behind its end', [head, '{"end":true,"entries":0}', 'more'], /something follows its end/],
    ['a newer format', [head.replace('"format":1', '"format":2')], /a newer version wrote it \(format 2/],
    ['a line without end', [`{"a":"${'x'.repeat(3_000_000)}`], /a line that is too long/],
    ['a line that is null', [head, 'null'], /it has an entry undefined/],
  ]
  for (const [what, lines, message] of hostile) {
    it(`with ${what} is refused`, async () => {
      const file = join(temporaryFolder(), 'hostile')
      writeFileSync(file, gzipSync(`${lines.join('\n')}\n`))
      const parent = temporaryFolder()
      await expect(restore(file, join(parent, 'state'))).rejects.toThrow(message)
      expect(readdirSync(parent)).toEqual([])
    })
  }

  it.each([
    ['Hello', 'it is no backup: backups are compressed by gzip, and this is not'],
    ['', 'it ends too early, as a file does that was not copied whole'],
    [gzipSync('{"callboard":"backup"').subarray(0, 20), 'it ends too early, as a file does that was not copied whole'],
    [
      Buffer.concat([gzipSync(head).subarray(0, 10), Buffer.alloc(40, 0xff)]),
      'it is damaged: what is compressed in it',
    ],
  ])('that is none is refused in plain words, and leaves no folder (%#)', async (bytes, message) => {
    const parent = temporaryFolder()
    const file = join(temporaryFolder(), 'backup')
    writeFileSync(file, bytes)
    await expect(restore(file, join(parent, 'one', 'two'))).rejects.toThrow(`${file} cannot be restored: ${message}`)
    expect(readdirSync(parent)).toEqual([])
  })

  it('is made all the same when the oldest file of the audit log goes meanwhile', async () => {
    const folder = temporaryFolder()
    const dir = join(folder, 'state')
    mkdirSync(join(dir, 'audit'), { recursive: true })
    const logs = ['00000001.ndjson', '00000002.ndjson'].map((name) => join(dir, 'audit', name))
    for (const log of logs) writeFileSync(log, '{}\n')
    let isGone = false
    const disk: Disk = {
      ...nodeDisk,
      open: (path, mode) => {
        // It goes after it was found, and before it is read.
        if (path.endsWith('.ndjson') && path.includes('journal') && mode === 'read' && !isGone) {
          isGone = true
          rmSync(logs[0] ?? '')
        }
        return nodeDisk.open(path, mode)
      },
    }
    const store = await openStore(dir, { rawNumber: RawNumber, segmentBytes: 1000, disk })
    await fill(store)
    isGone = false
    writeFileSync(logs[0] ?? '', '{}\n')
    const file = join(folder, 'backup.gz')
    await store.backup(file)
    await store.close()
    const restored = join(folder, 'restored')
    await restore(file, restored)
    expect([isGone, readdirSync(join(restored, 'audit'))]).toEqual([true, ['00000002.ndjson']])
  })

  it('that unpacks to more than is allowed is refused', async () => {
    const { file } = await backedUp()
    await expect(restore(file, temporaryFolder(), { maxBytes: 1000 })).rejects.toThrow(
      'unpacks to more than 1000 bytes',
    )
  })

  it('that was not restored to its end is not opened', async () => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'restoring'), '')
    await expect(open(dir)).rejects.toThrow('a restore that did not finish; empty it and restore again')
    const { file } = await backedUp()
    await expect(restore(file, dir)).rejects.toThrow('a restore that did not finish')
  })

  it('holds no parsed documents, which are made again', async () => {
    const folder = temporaryFolder()
    const dir = join(folder, 'state')
    const store = await open(dir)
    await store.transact(['s/'], increment('s/count'))
    await store.cache.putAll([['document', Buffer.from('parsed document')]])
    await store.backup(join(folder, 'backup.gz'))
    await store.close()
    expect(gunzipSync(readFileSync(join(folder, 'backup.gz'))).includes('parsed document')).toBe(false)
  })
})

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes)
  } catch {
    return undefined
  }
}
