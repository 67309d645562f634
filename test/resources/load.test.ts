import { describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import type { MockSpec } from '../../src/resources/generated/mock.js'
import { Loader, type LoaderOptions } from '../../src/resources/load.js'
import type { ParseCache } from '../../src/resources/parse-cache.js'
import { type ParseMany, parseHere } from '../../src/resources/parse-pool.js'
import type { Problem } from '../../src/resources/problem.js'
import type { Resource } from '../../src/resources/resource.js'
import { mockYaml, snapshotOf } from './snapshot.js'

const places = (problems: readonly Problem[]) =>
  problems.map(({ file, line, severity, rule }) => `${file}:${line} ${severity} ${rule}`)

function loader(options: Partial<LoaderOptions> = {}): Loader {
  return new Loader({ defaultNamespace: 'sandbox', ...options })
}

/** Counts what is parsed; what goes through here is everything when there are 200 files and more. */
function counting(): { parseMany: ParseMany; parsed: string[] } {
  const parsed: string[] = []
  const parseMany: ParseMany = (files, limits, take) => {
    parsed.push(...files.map(({ path }) => path))
    return parseHere(files, limits, take)
  }
  return { parseMany, parsed }
}

class MemoryCache implements ParseCache {
  readonly entries = new Map<string, Uint8Array>()
  async getAll(keys: Iterable<string>): Promise<Map<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>()
    for (const key of keys) {
      const bytes = this.entries.get(key)
      if (bytes !== undefined) found.set(key, bytes)
    }
    return found
  }
  async putAll(entries: Iterable<readonly [string, Uint8Array]>): Promise<void> {
    for (const [key, bytes] of entries) this.entries.set(key, bytes)
  }
}

function manyMocks(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`m/${String(at).padStart(4, '0')}.yaml`, mockYaml(`m-${at}`)]),
  )
}

describe('Loader', () => {
  it('turns documents into resources with identity, place and digest', async () => {
    const { resources, problems, counts, complete } = await loader().load(
      snapshotOf({
        'a.yaml': `# hello\n${mockYaml('one')}---\n${mockYaml('two', '', 'shop')}`,
        'ns.yaml': 'apiVersion: callboard/v1\nkind: Namespace\nmetadata: {name: payments}\n',
      }),
    )
    expect(problems).toEqual([])
    expect(complete).toBe(true)
    expect(counts).toEqual({ files: 2, documents: 3, managed: 3, unmanaged: 0 })
    expect([...resources.keys()].sort()).toEqual(['Mock/payments/one', 'Mock/shop/two', 'Namespace/-/payments'])
    const two = resources.get('Mock/shop/two')
    expect(two).toMatchObject({ kind: 'Mock', namespace: 'shop', name: 'two', file: 'a.yaml', line: 16 })
    expect(two?.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(two?.program).toBeDefined()
  })

  it('collects the problems of all files in one run, by file and line', async () => {
    const { problems } = await loader().load(
      snapshotOf({
        'b.yaml': mockYaml('b').replace('httpMethod', 'httpMetod').replace('200', '99'),
        'a.yaml': mockYaml('a').replace('ok: true', 'ok: $.fake.Nonsense'),
        'c.json': '{"apiVersion": "callboard/v1",}',
      }),
    )
    expect(places(problems)).toEqual([
      'a.yaml:13 error unknown-faker',
      'b.yaml:9 error unknown-field',
      'b.yaml:11 error out-of-range',
      'c.json:1 error json-syntax',
    ])
  })

  it('a second document of the same name is an error that names both places, and goes when the first does', async () => {
    const load = loader()
    const one = snapshotOf({ 'a.yaml': mockYaml('x'), 'b.yaml': mockYaml('x') })
    const { problems, resources } = await load.load(one)
    expect(problems).toMatchObject([
      {
        rule: 'duplicate-resource',
        file: 'b.yaml',
        line: 4,
        column: 9,
        message: 'Mock/payments/x is declared twice: first in a.yaml:1',
      },
    ])
    expect(resources.get('Mock/payments/x')?.file).toBe('a.yaml')
    const after = await load.load(snapshotOf({ 'b.yaml': mockYaml('x') }, one))
    expect(after.problems).toEqual([])
    expect(after.resources.get('Mock/payments/x')?.file).toBe('b.yaml')
  })

  it('an edit to one of many files parses that file alone and keeps every other resource as it is', async () => {
    const { parseMany, parsed } = counting()
    const load = loader({ parseMany })
    const files = manyMocks(300)
    const before = snapshotOf(files)
    const first = await load.load(before)
    expect(parsed).toHaveLength(300)
    const second = await load.load(
      snapshotOf({ ...files, 'm/0007.yaml': mockYaml('m-7').replace('200', '201') }, before),
    )
    expect(parsed).toHaveLength(300)
    const changed = [...second.resources.values()].filter((resource) => first.resources.get(resource.id) !== resource)
    expect(changed.map(({ name }) => name)).toEqual(['m-7'])
  })

  it('a comment added above keeps digest and program, and moves the line', async () => {
    const load = loader()
    const before = snapshotOf({ 'a.yaml': mockYaml('a') })
    const one = (await load.load(before)).resources.get('Mock/payments/a')
    const two = (await load.load(snapshotOf({ 'a.yaml': `# why\n\n${mockYaml('a')}` }, before))).resources.get(
      'Mock/payments/a',
    )
    expect(two).toMatchObject({ line: 3, digest: one?.digest })
    expect(two?.program).toBe(one?.program)
  })

  it('the outcome does not depend on the way it was reached', async () => {
    const steps: Record<string, string>[] = [
      { 'a.yaml': mockYaml('a'), 'b.yaml': mockYaml('b') },
      { 'a.yaml': mockYaml('a'), 'b.yaml': mockYaml('a'), 'c.yaml': 'x: [' },
      {
        'b.yaml': mockYaml('a'),
        'c.yaml': mockYaml('c', '    payloadTemplatePath: p.txt\n').replace(/ {4}payload:\n.*\n/, ''),
      },
      {
        'b.yaml': mockYaml('a'),
        'c.yaml': mockYaml('c', '    payloadTemplatePath: d.json\n').replace(/ {4}payload:\n.*\n/, ''),
        'd.json': '{"a": 1}',
      },
      { 'b.yaml': mockYaml('a'), 'd.json': '{"a": 1}' },
      { 'd.json': '{"a": 1}' },
    ]
    const stepwise = loader()
    let before: ReturnType<typeof snapshotOf> | undefined
    for (const contents of steps) {
      before = snapshotOf(contents, before)
      const fresh = loader()
      await fresh.load(before)
      await stepwise.load(before)
      const [one, two] = [await stepwise.load(before), await fresh.load(before)]
      expect(places(one.problems)).toEqual(places(two.problems))
      expect(one.counts).toEqual(two.counts)
      expect([...one.references].sort()).toEqual([...two.references].sort())
      expect(digests(one.resources.values())).toEqual(digests(two.resources.values()))
    }
  })

  it('a load while another runs waits for it', async () => {
    const load = loader()
    const one = load.load(snapshotOf({ 'a.yaml': mockYaml('a') }))
    const two = load.load(snapshotOf({ 'b.yaml': mockYaml('b') }))
    expect([...(await one).resources.keys()]).toEqual(['Mock/payments/a'])
    expect([...(await two).resources.keys()]).toEqual(['Mock/payments/b'])
  })

  it('spec.id and spec.namespace of a pasted mock stand in for metadata', async () => {
    const pasted =
      'apiVersion: callboard/v1\nkind: Mock\nspec:\n  id: pasted\n  namespace: shop\n  createdAt: 12\n  http: {route: /x, httpMethod: GET}\n  response: {statusCode: 200}\n'
    const { resources, problems } = await loader().load(snapshotOf({ 'a.yaml': pasted }))
    expect([...resources.keys()]).toEqual(['Mock/shop/pasted'])
    expect(places(problems)).toEqual(['a.yaml:6 warning ignored-field'])
  })

  it('a namespace that is not declared is the default', async () => {
    const text = mockYaml('a').replace('  namespace: payments\n', '')
    expect([...(await loader().load(snapshotOf({ 'a.yaml': text }))).resources.keys()]).toEqual(['Mock/sandbox/a'])
  })

  it('strict turns warnings and documents that are not ours into errors', async () => {
    const files = { 'a.yaml': mockYaml('a', '  useCounter: 3\n'), 'k8s.yaml': 'kind: Pod\n', 'broken.yaml': 'a: [' }
    expect(places((await loader().load(snapshotOf(files))).problems)).toEqual([
      'a.yaml:14 warning ignored-field',
      'broken.yaml:1 warning yaml-syntax',
    ])
    expect(places((await loader({ strict: true }).load(snapshotOf(files))).problems)).toEqual([
      'a.yaml:14 error ignored-field',
      'broken.yaml:1 error yaml-syntax',
      'k8s.yaml:1 error unmanaged-document',
    ])
  })

  it('warnings about mocks that stand in one another’s way come on demand', async () => {
    const load = loader()
    const shadow = mockYaml('second').replace('/second', '/first')
    const { problems } = await load.load(snapshotOf({ 'a.yaml': mockYaml('first'), 'b.yaml': shadow }))
    expect(problems).toEqual([])
    expect(load.warnings()).toMatchObject([{ file: 'b.yaml', severity: 'warning', rule: 'equal-claim' }])
  })

  it('warnings about selectors that select nothing, or name what is not there, come on demand', async () => {
    const load = loader()
    const callback = (name: string, selector: string, namespace = 'payments') =>
      `apiVersion: callboard/v1\nkind: Callback\nmetadata: {name: ${name}, namespace: ${namespace}}\n` +
      `spec:\n  url: http://a.example/\n  selector: ${selector}\n`
    const files = {
      'fits.yaml': callback('fits', '{mocks: [first]}'),
      'all.yaml': callback('all', '{}'),
      'idle.yaml': callback('idle', '{matchLabels: {team: x}}'),
      'misspelt.yaml': callback('misspelt', '{mocks: [frist]}'),
      'half.yaml': callback('half', '{mocks: [first, secnd]}'),
      'elsewhere.yaml': callback('elsewhere', '{}', 'other'),
      'a.yaml': mockYaml('first'),
      'b.yaml': mockYaml('second'),
    }
    const { problems } = await load.load(snapshotOf(files))
    expect(problems).toEqual([])
    expect(load.warnings()).toMatchObject([
      { file: 'elsewhere.yaml', line: 6, severity: 'warning', rule: 'selector-idle' },
      { file: 'half.yaml', line: 6, column: 29, rule: 'selector-unknown-mock', hint: 'did you mean "second"?' },
      { file: 'idle.yaml', rule: 'selector-idle' },
      { file: 'misspelt.yaml', rule: 'selector-idle', hint: 'did you mean "first"?' },
    ])
    const { problems: later } = await load.load(snapshotOf({ ...files, 'a.yaml': mockYaml('renamed') }))
    expect(later).toEqual([])
    expect(load.warnings().map(({ file }) => file)).toContain('fits.yaml')
  })
})

describe('payload files', () => {
  const mock = mockYaml('a', '    payloadTemplatePath: ../bodies/a.json\n').replace(/ {4}payload:\n.*\n/, '')

  it('are asked for first, and are a problem only when they are not there then', async () => {
    const load = loader()
    const snapshot = snapshotOf({ 'mocks/a.yaml': mock })
    const first = await load.load(snapshot)
    expect(first).toMatchObject({ complete: false, problems: [] })
    expect([...first.references]).toEqual(['bodies/a.json'])
    const second = await load.load(snapshot)
    expect(second.complete).toBe(true)
    expect(places(second.problems)).toEqual(['mocks/a.yaml:12 error missing-file'])
    const third = await load.load(snapshotOf({ 'mocks/a.yaml': mock, 'bodies/a.json': '{"a": 1}' }, snapshot))
    expect(third.problems).toEqual([])
    expect(third.counts).toEqual({ files: 1, documents: 1, managed: 1, unmanaged: 0 })
  })

  it('change the digest of what names them, and only that', async () => {
    const load = loader()
    const before = snapshotOf({ 'mocks/a.yaml': mock, 'mocks/b.yaml': mockYaml('b'), 'bodies/a.json': '{"a": 1}' })
    const one = (await load.load(before)).resources
    const two = (
      await load.load(
        snapshotOf({ 'mocks/a.yaml': mock, 'mocks/b.yaml': mockYaml('b'), 'bodies/a.json': '{"a": 2}' }, before),
      )
    ).resources
    expect(two.get('Mock/payments/a')?.digest).not.toBe(one.get('Mock/payments/a')?.digest)
    expect(two.get('Mock/payments/b')).toBe(one.get('Mock/payments/b'))
  })

  it('are no documents: what is wrong with them as YAML or JSON is nobody’s business', async () => {
    const { problems, counts } = await loader().load(
      snapshotOf({ 'mocks/a.yaml': mock, 'bodies/a.json': '{"a": $.req.x, callboard/' }),
    )
    expect(problems).toEqual([])
    expect(counts.files).toBe(1)
  })

  it('that hold documents of ours do not vanish without a word', async () => {
    const text = JSON.stringify({ apiVersion: 'callboard/v1', kind: 'Namespace', metadata: { name: 'x' } })
    const { problems, resources } = await loader().load(snapshotOf({ 'mocks/a.yaml': mock, 'bodies/a.json': text }))
    expect(places(problems)).toEqual(['bodies/a.json:1 warning payload-with-documents'])
    expect([...resources.keys()]).toEqual(['Mock/payments/a'])
  })

  it('outside the root are refused', async () => {
    const outside = mock.replace('../bodies/a.json', '../../etc/passwd')
    const { problems, references, complete } = await loader().load(snapshotOf({ 'mocks/a.yaml': outside }))
    expect(complete).toBe(true)
    expect([...references]).toEqual([])
    expect(problems).toMatchObject([
      { rule: 'refused-file', message: '"../../etc/passwd" leaves the root of the source' },
    ])
  })

  it('that the source refuses to read are reported with its reason', async () => {
    const refusals = [{ path: 'bodies/a.json', reason: 'a link that leaves the root' }]
    const { problems } = await loader().load(snapshotOf({ 'mocks/a.yaml': mock }, undefined, refusals))
    const again =
      problems.length > 0
        ? problems
        : (await loader().load(snapshotOf({ 'mocks/a.yaml': mock }, undefined, refusals))).problems
    expect(again.every(({ message }) => message.includes('a link that leaves the root'))).toBe(true)
  })
})

describe('documents that were ours', () => {
  const applied = async (files: Record<string, string>) => (await loader().load(snapshotOf(files))).resources

  it('a file that does not parse is a warning, an error when it mentions callboard/ or held documents of ours', async () => {
    const before = await applied({ 'was.yaml': mockYaml('was') })
    const { problems } = await loader().load(
      snapshotOf({ 'was.yaml': 'a: [', 'other.yaml': 'a: [', 'mention.yaml': '# callboard/v1\na: [' }),
      before,
    )
    expect(places(problems)).toEqual([
      'mention.yaml:2 error yaml-syntax',
      'other.yaml:1 warning yaml-syntax',
      'was.yaml:1 error yaml-syntax',
    ])
  })

  it('a document that is no longer managed is an error, deleting it is none', async () => {
    const before = await applied({ 'a.yaml': `${mockYaml('a')}---\n${mockYaml('b')}` })
    const lost = `${mockYaml('a')}---\n${mockYaml('b').replace('apiVersion: callboard/v1\n', '')}`
    expect((await loader().load(snapshotOf({ 'a.yaml': lost }), before)).problems).toMatchObject([
      { rule: 'no-longer-managed', severity: 'error', line: 15, message: expect.stringContaining('Mock/payments/b') },
    ])
    expect((await loader().load(snapshotOf({ 'a.yaml': mockYaml('a') }), before)).problems).toEqual([])
  })
})

describe('the cache', () => {
  it('spares a restart the parsing, problems and exact numbers included', async () => {
    const cache = new MemoryCache()
    const files = {
      ...manyMocks(250),
      'big.yaml': mockYaml('big').replace('ok: true', 'n: 12345678901234567890'),
      'bad.yaml': mockYaml('bad').replace('httpMethod', 'httpMetod'),
      'warn.yaml': mockYaml('warn', '  folderId: x\n'),
    }
    const first = counting()
    const one = loader({ cache, parseMany: first.parseMany })
    const before = await one.load(snapshotOf(files))
    await one.settled()
    const second = counting()
    const after = await loader({ cache, parseMany: second.parseMany }).load(snapshotOf(files))
    expect([first.parsed.length, second.parsed.length]).toEqual([253, 0])
    expect(after.problems).toEqual(before.problems)
    expect(after.resources.get('Mock/payments/big')?.spec).toEqual(before.resources.get('Mock/payments/big')?.spec)
    const spec = after.resources.get('Mock/payments/big')?.spec as MockSpec | undefined
    expect(spec?.response?.payload).toEqual({ n: new RawNumber('12345678901234567890') })
    expect(digests(after.resources.values())).toEqual(digests(before.resources.values()))
  })

  it('that is damaged or fails is read past', async () => {
    const cache = new MemoryCache()
    const one = loader({ cache })
    await one.load(snapshotOf(manyMocks(20)))
    await one.settled()
    expect(cache.entries.size).toBe(20)
    for (const key of cache.entries.keys()) cache.entries.set(key, Buffer.from('{"documents":'))
    expect((await loader({ cache }).load(snapshotOf(manyMocks(20)))).resources.size).toBe(20)
    const failing: ParseCache = {
      getAll: () => Promise.reject(new Error('gone')),
      putAll: () => Promise.reject(new Error('full')),
    }
    const two = loader({ cache: failing })
    expect((await two.load(snapshotOf(manyMocks(20)))).resources.size).toBe(20)
    await two.settled()
  })

  it('tells how far a long load has come', async () => {
    const steps: number[] = []
    await loader({ onProgress: ({ done, total }) => steps.push(done / total) }).load(snapshotOf(manyMocks(30)))
    expect(steps.at(-1)).toBe(1)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
  })
})

function digests(resources: Iterable<Resource>): string[] {
  return [...resources].map(({ id, digest, file, line }) => `${id} ${digest} ${file}:${line}`).sort()
}
