import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Json } from '../src/expression/json.js'
import type { Resource } from '../src/resources/resource.js'
import { SecretCheck } from '../src/secret-check.js'

function callback(spec: Json): Resource {
  const where = { namespace: 'shop', name: 'notify', file: 'a.yaml', line: 1 }
  return { id: 'Callback/shop/notify', kind: 'Callback', labels: {}, annotations: {}, digest: '', spec, ...where }
}

it('says which are missing, why, and where they are named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'))
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const check = new SecretCheck({ env: { THERE: 'yes', EMPTY: '' }, now: () => 1000 })
  const found = await check.look()(
    callback({
      url: { env: 'NOT_SET' },
      headers: {
        A: { env: 'THERE' },
        B: { env: 'EMPTY' },
        C: { file: file('good', 'yes\n') },
        D: { file: file('empty', '\n') },
        E: { file: join(folder, 'none') },
      },
    }),
  )
  expect({ ...found, missing: found?.missing.toSorted() }).toEqual({
    missing: [
      'the environment variable NOT_SET is not set (/spec/url)',
      'the environment variable EMPTY is not set (/spec/headers/B)',
      `the secret's file ${join(folder, 'empty')} is empty (/spec/headers/D)`,
      `the secret's file ${join(folder, 'none')} cannot be read: ENOENT (/spec/headers/E)`,
    ].toSorted(),
    since: 1000,
  })
})

it('looks again each time, and remembers since when it is so', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'key')
  const resource = callback({ sign: { scheme: 'hmac', secret: { file } } })
  let now = 1000
  const check = new SecretCheck({ env: {}, now: () => now })
  const look = async () => {
    const found = await check.look()(resource)
    return [found?.missing.length, found?.since]
  }
  expect(await look()).toEqual([1, 1000])
  now = 2000
  expect(await look()).toEqual([1, 1000])
  writeFileSync(file, 'key')
  expect(await look()).toEqual([0, 2000])
  now = 3000
  rmSync(file)
  expect(await look()).toEqual([1, 3000])
})

it('finds nothing to say of a resource that names none, and reads each secret once in a look', async () => {
  const read: string[] = []
  const readFile = async (path: string): Promise<string> => {
    read.push(path)
    return 'key'
  }
  const look = new SecretCheck({ env: {}, readFile, now: () => 0 }).look()
  expect(await look(callback({ url: 'http://a.example' }))).toBeUndefined()
  const sign = { scheme: 'hmac', secret: { file: '/k' }, previousSecret: { file: '/old' } }
  for (const name of ['a', 'b']) await look(callback({ url: `http://${name}.example`, sign }))
  expect(read).toEqual(['/k', '/old'])
})
