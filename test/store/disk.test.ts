import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../src/store/disk.js'
import { temporaryFolders } from './temporary-folder.js'

const temporaryFolder = temporaryFolders()

it('makes a folder with its parents, and is content with one that is there', async () => {
  const root = temporaryFolder()
  const path = join(root, 'a', 'b', 'c')
  await Promise.all([nodeDisk.makeFolder(path), nodeDisk.makeFolder(path)])
  await nodeDisk.makeFolder(path)
  await nodeDisk.makeFolder(`${root}/a/b/d/`)
  expect([path, join(root, 'a'), join(root, 'a/b/d')].map((made) => statSync(made).isDirectory())).toEqual([
    true,
    true,
    true,
  ])
})

it.skipIf(process.platform === 'win32')('is content with a symbolic link to a folder', async () => {
  const root = temporaryFolder()
  mkdirSync(join(root, 'real'))
  symlinkSync('real', join(root, 'link'))
  await nodeDisk.makeFolder(join(root, 'link'))
  await nodeDisk.makeFolder(join(root, 'link', 'below'))
  expect(statSync(join(root, 'real', 'below')).isDirectory()).toBe(true)
})

it('refuses a path that leads through a file, or is one', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(nodeDisk.makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(nodeDisk.makeFolder(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

// fs.mkdir with `recursive` never returns from this.
it.skipIf(process.platform !== 'linux')('gives up where the system makes no folders', async () => {
  await expect(nodeDisk.makeFolder('/proc/callboard/state')).rejects.toMatchObject({ code: 'ENOENT' })
})
