import { afterEach, beforeEach, expect, it } from 'vitest'
import { listEntries, pathInRepository, resolveRevision } from '../../src/cli/git-objects.js'
import { GitObjects } from '../../src/source/git/objects.js'
import { Folder, Repository } from './repository.js'

let repository: Repository
beforeEach(() => {
  repository = new Repository()
})
afterEach(() => repository.remove())

it('reads many objects at once, of any size and content, each as it is', async () => {
  const texts = Array.from({ length: 300 }, (_, i) => 'x\n\0é'.repeat(i * i))
  repository.commit(Object.fromEntries(texts.map((text, i) => [`f${String(i).padStart(3, '0')}`, text])))
  const entries = await listEntries(repository.path, await resolveRevision(repository.path, 'main'))
  const objects = new GitObjects(repository.path)
  try {
    const read = await Promise.all((entries ?? []).map(({ object }) => objects.read(object)))
    expect(read.map((bytes) => bytes.toString('utf8'))).toEqual(texts)
    await expect(objects.read('0'.repeat(40))).rejects.toThrow('git does not have the object')
  } finally {
    objects.close()
  }
})

it('an object that is asked for after the end is an error, not a wait', async () => {
  const object = repository.commit({ a: '' })
  const objects = new GitObjects(repository.path)
  const reading = objects.read('x'.repeat(10))
  objects.close()
  await expect(reading).rejects.toThrow()
  await expect(objects.read(object)).rejects.toThrow()
})

it('knows where a folder is in its repository, if it is in one', async () => {
  repository.write({ 'a/b/c.yaml': '' })
  const folder = new Folder()
  expect(await pathInRepository(`${repository.path}/a/b`)).toBe('a/b/')
  expect(await pathInRepository(repository.path)).toBe('')
  expect(await pathInRepository(folder.path)).toBeUndefined()
  folder.remove()
})
