import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Disk, errorCode, nodeDisk } from '../../src/source/disk.js'
import { StartDisk } from '../../src/source/start-disk.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-start-disk-'))
  await writeFile(join(folder, 'a.yaml'), 'hello')
  await symlink('a.yaml', join(folder, 'link'))
})

afterAll(() => rm(folder, { recursive: true }))

async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  return work().catch((error: unknown) => errorCode(error))
}

async function read(disk: Disk, path: string): Promise<unknown> {
  const descriptor = await disk.open(path)
  const into = new Uint8Array(8)
  const count = await disk.read(descriptor, into, 1)
  const stat = await disk.fstat(descriptor)
  disk.close(descriptor)
  return { count, into, stat }
}

const calls: [name: string, call: (disk: Disk) => Promise<unknown>][] = [
  ['lstat of a file', (disk) => disk.lstat(join(folder, 'a.yaml'))],
  ['lstat of a link', (disk) => disk.lstat(join(folder, 'link'))],
  ['lstat of nothing', (disk) => disk.lstat(join(folder, 'none'))],
  ['lstat below a file', (disk) => disk.lstat(join(folder, 'a.yaml', 'none'))],
  ['list', (disk) => disk.list(folder)],
  ['list of a file', (disk) => disk.list(join(folder, 'a.yaml'))],
  ['reading a file', (disk) => read(disk, join(folder, 'a.yaml'))],
  ['reading a link', (disk) => read(disk, join(folder, 'link'))],
  ['reading nothing', (disk) => read(disk, join(folder, 'none'))],
  ['realpath', (disk) => disk.realpath(join(folder, 'link'))],
  ['readlink', (disk) => disk.readlink(join(folder, 'link'))],
]

describe('the disk of a start', () => {
  it.each(calls)('says the same as the usual one, before and after its end: %s', async (_name, call) => {
    const usual = await outcome(() => call(nodeDisk))
    const disk = new StartDisk()
    expect(await outcome(() => call(disk))).toEqual(usual)
    disk.end()
    expect(await outcome(() => call(disk))).toEqual(usual)
  })

  it('lets the event loop turn while it reads much', async () => {
    const disk = new StartDisk()
    let turned = false
    setImmediate(() => {
      turned = true
    })
    const path = join(folder, 'a.yaml')
    for (let calls = 0; calls < 200_000 && !turned; calls += 1) await disk.lstat(path)
    expect(turned).toBe(true)
  })
})
