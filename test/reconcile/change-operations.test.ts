import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DeclaredChange, operationsOf } from '../../src/reconcile/change-operations.js'
import { plan } from '../../src/reconcile/plan.js'
import type { Resource, ResourceId } from '../../src/resources/resource.js'
import { type Declared, setOf } from './resources.js'

function operations(before: readonly Declared[], after: readonly Declared[], buried: readonly ResourceId[] = []) {
  return operationsOf(plan(setOf(after), setOf(before)), (id) => buried.includes(id))
}

function said({ operation, namespace, before, after }: DeclaredChange): string {
  const ends = before?.id === after?.id ? `${after?.id} updated` : `${before?.id ?? '…'} → ${after?.id ?? '…'}`
  return `${namespace === '' ? '-' : namespace}: ${operation} ${ends}`
}

const mock = (name: string, spec: unknown = name, more: Partial<Declared> = {}): Declared => ({ name, spec, ...more })
const user = (name: string, namespaces: readonly string[] = [], more: object = {}): Declared => ({
  kind: 'User',
  namespace: '',
  name,
  spec: { email: `${name}@example.com`, namespaces, ...more },
})
const namespace = (name: string, spec: unknown = null, more: Partial<Declared> = {}): Declared => ({
  kind: 'Namespace',
  namespace: '',
  name,
  spec,
  ...more,
})
const former = (name: string) => ({ annotations: { 'callboard/renamed-from': name } })

describe('operationsOf', () => {
  it.each<[what: string, before: Declared[], after: Declared[], told: string[], buried?: string[]]>([
    ['nothing that has not changed', [mock('a'), user('ann')], [mock('a'), user('ann')], []],
    ['a mock that is new', [], [mock('a')], ['shop: mock.create … → Mock/shop/a']],
    [
      'a mock that returns, and only that',
      [],
      [mock('a'), mock('b')],
      ['shop: mock.restore … → Mock/shop/a', 'shop: mock.create … → Mock/shop/b'],
      ['Mock/shop/a'],
    ],
    ['a mock that has changed', [mock('a', 1)], [mock('a', 2)], ['shop: mock.update Mock/shop/a updated']],
    ['a mock that is gone', [mock('a')], [], ['shop: mock.delete Mock/shop/a → …']],
    [
      'a mock with another name',
      [mock('a', 1)],
      [mock('b', 2, former('a'))],
      ['shop: mock.update Mock/shop/a → Mock/shop/b'],
    ],
    [
      'a mock that looks the same elsewhere',
      [mock('a', 1)],
      [mock('b', 1)],
      ['shop: mock.update Mock/shop/a → Mock/shop/b'],
    ],
    [
      'a mock in another namespace, in both',
      [mock('a', 1)],
      [mock('a', 2, { namespace: 'sale', ...former('shop/a') })],
      ['sale: mock.update Mock/shop/a → Mock/sale/a', 'shop: mock.update Mock/shop/a → Mock/sale/a'],
    ],
    [
      'a namespace that is declared',
      [mock('a')],
      [mock('a'), namespace('shop')],
      ['shop: namespace.create … → Namespace/-/shop'],
    ],
    [
      'a namespace that has changed',
      [namespace('shop')],
      [namespace('shop', { suspend: true })],
      ['shop: namespace.update Namespace/-/shop updated'],
    ],
    [
      'a namespace that is no longer declared',
      [namespace('shop')],
      [],
      ['shop: namespace.delete Namespace/-/shop → …'],
    ],
    [
      'two namespaces that look alike as two',
      [namespace('shop')],
      [namespace('sale')],
      ['sale: namespace.create … → Namespace/-/sale', 'shop: namespace.delete Namespace/-/shop → …'],
    ],
    [
      'a namespace that says what it was',
      [namespace('shop')],
      [namespace('sale', null, former('shop'))],
      ['sale: namespace.update Namespace/-/shop → Namespace/-/sale'],
    ],
    ['no namespace that is not declared', [], [{ kind: 'Callback', namespace: 'shop', name: 'c' }], []],
    ['no namespace of a user that is not declared', [], [user('ann')], ['-: user.create … → User/-/ann']],
    [
      'a user with namespaces, and each of them',
      [],
      [user('ann', ['shop', 'sale'])],
      [
        '-: user.create … → User/-/ann',
        'shop: user.add_to_namespace … → User/-/ann',
        'shop: namespace.user.add … → User/-/ann',
        'sale: user.add_to_namespace … → User/-/ann',
        'sale: namespace.user.add … → User/-/ann',
      ],
    ],
    [
      'a user who joins and leaves',
      [user('ann', ['shop'])],
      [user('ann', ['sale'])],
      [
        '-: user.update User/-/ann updated',
        'sale: user.add_to_namespace User/-/ann updated',
        'sale: namespace.user.add User/-/ann updated',
      ],
    ],
    ['a user who is gone', [user('ann', ['shop'])], [], ['-: user.delete User/-/ann → …']],
    ['a user who returns as a new one', [], [user('ann')], ['-: user.create … → User/-/ann'], ['User/-/ann']],
    [
      'a user with another name',
      [user('ann', ['shop'])],
      [{ ...user('anna', ['shop'], { email: 'ann@example.com' }) }],
      ['-: user.update User/-/ann → User/-/anna'],
    ],
    [
      'no webhooks, and no callbacks',
      [{ kind: 'AdminWebhook', namespace: '', name: 'w' }],
      [
        { kind: 'NamespaceWebhook', name: 'w' },
        { kind: 'Callback', name: 'c' },
      ],
      [],
    ],
  ])('tells of %s', (_, before, after, told, buried = []) => {
    expect(operations(before, after, buried).map(said)).toEqual(told)
  })

  const declared = fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom('Mock', 'User', 'Namespace'),
      namespace: fc.constantFrom('shop', 'sale'),
      name: fc.constantFrom('a', 'b', 'c'),
      spec: fc.record({ n: fc.constantFrom(1, 2), namespaces: fc.subarray(['shop', 'sale']) }),
    }),
    { selector: ({ kind, namespace, name }) => `${kind} ${kind === 'Mock' ? namespace : ''} ${name}` },
  )
  const global = (all: readonly Declared[]) => all.map((one) => (one.kind === 'Mock' ? one : { ...one, namespace: '' }))

  it('tells of a resource what happened to it: the steps lead from what was to what is', () => {
    fc.assert(
      fc.property(declared, declared, (before, after) => {
        const changes = operations(global(before), global(after))
        const own = changes.filter(({ operation }) => !/user\.add/.test(operation))
        const resources = new Map(setOf(global(before)))
        for (const change of own) {
          if (change.before !== undefined) resources.delete(change.before.id)
        }
        for (const { after: now } of own) if (now !== undefined) resources.set(now.id, now)
        const digests = (all: ReadonlyMap<string, { digest: string }>) =>
          [...all].map(([id, { digest }]) => `${id} ${digest}`).sort()
        expect(digests(resources)).toEqual(digests(setOf(global(after))))
        // Each change is told once in one place.
        const keys = changes.map(({ operation, namespace, before: was, after: is }) =>
          [operation, namespace, (is ?? was)?.id].join(' '),
        )
        expect(new Set(keys).size).toBe(keys.length)
      }),
    )
  })

  it('tells of a user who joins exactly the namespaces that are new to them', () => {
    fc.assert(
      fc.property(declared, declared, (before, after) => {
        const joined = operations(global(before), global(after)).filter(
          ({ operation }) => operation === 'namespace.user.add',
        )
        const namespacesOf = (one: Resource | undefined) => (one?.spec as { namespaces?: string[] })?.namespaces ?? []
        for (const { namespace: into, before: was, after: is } of joined) {
          expect(namespacesOf(is)).toContain(into)
          expect(namespacesOf(was)).not.toContain(into)
        }
      }),
    )
  })
})
