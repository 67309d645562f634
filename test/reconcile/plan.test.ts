import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { isEmpty, type Plan, plan } from '../../src/reconcile/plan.js'
import type { Resource, ResourceId, ResourceSet } from '../../src/resources/resource.js'
import { type Declared, setOf } from './resources.js'

const orders = { name: 'orders', spec: { route: '/orders', status: 200 } }
const from = (old: string) => ({ annotations: { 'callboard/renamed-from': old } })

function summary({ create, update, prune, move, unchanged }: Plan) {
  return {
    create: create.map(({ id }) => id),
    update: update.map(({ after }) => after.id),
    prune: prune.map(({ id }) => id),
    move: move.map((step) => `${step.from.id} → ${step.to.id}${step.declared ? ' (declared)' : ''}`),
    unchanged,
  }
}

const nothing = { create: [], update: [], prune: [], move: [], unchanged: 0 }

describe('plan', () => {
  const cases: {
    name: string
    applied: Declared[]
    desired: Declared[]
    want: Partial<ReturnType<typeof summary>>
  }[] = [
    { name: 'has nothing to do between two empty sets', applied: [], desired: [], want: {} },
    {
      name: 'creates what is declared and not applied',
      applied: [],
      desired: [orders],
      want: { create: ['Mock/shop/orders'] },
    },
    {
      name: 'prunes what is no longer declared',
      applied: [orders],
      desired: [],
      want: { prune: ['Mock/shop/orders'] },
    },
    { name: 'leaves equal digests alone', applied: [orders], desired: [{ ...orders }], want: { unchanged: 1 } },
    {
      name: 'updates what has another digest',
      applied: [orders],
      desired: [{ ...orders, spec: { route: '/orders', status: 201 } }],
      want: { update: ['Mock/shop/orders'] },
    },
    {
      name: 'tells kinds and namespaces apart',
      applied: [orders],
      desired: [
        orders,
        { ...orders, kind: 'Callback', spec: { a: 1 } },
        { ...orders, namespace: 'till', spec: { a: 1 } },
      ],
      want: { create: ['Callback/shop/orders', 'Mock/till/orders'], unchanged: 1 },
    },
    {
      name: 'sees a move where a prune and a create have the same spec, whatever the order of its keys',
      applied: [orders],
      desired: [{ name: 'purchases', spec: { status: 200, route: '/orders' } }],
      want: { move: ['Mock/shop/orders → Mock/shop/purchases'] },
    },
    {
      name: 'sees a move into another namespace',
      applied: [orders],
      desired: [{ ...orders, namespace: 'till' }],
      want: { move: ['Mock/shop/orders → Mock/till/orders'] },
    },
    {
      name: 'sees no move between kinds',
      applied: [orders],
      desired: [{ ...orders, kind: 'Callback' }],
      want: { create: ['Callback/shop/orders'], prune: ['Mock/shop/orders'] },
    },
    {
      name: 'sees no move where only numbers beyond a double are different',
      applied: [{ name: 'a', spec: { n: new RawNumber('9007199254740993') } }],
      desired: [{ name: 'b', spec: { n: new RawNumber('9007199254740992') } }],
      want: { create: ['Mock/shop/b'], prune: ['Mock/shop/a'] },
    },
    {
      name: 'takes each pruned resource for one move only',
      applied: [orders],
      desired: [
        { ...orders, name: 'a' },
        { ...orders, name: 'b' },
      ],
      want: { create: ['Mock/shop/b'], move: ['Mock/shop/orders → Mock/shop/a'] },
    },
    {
      name: 'follows renamed-from though the spec is another',
      applied: [orders],
      desired: [{ name: 'purchases', spec: { route: '/purchases' }, ...from('orders') }],
      want: { move: ['Mock/shop/orders → Mock/shop/purchases (declared)'] },
    },
    {
      name: 'follows renamed-from out of another namespace',
      applied: [orders],
      desired: [{ name: 'orders', namespace: 'till', spec: { a: 1 }, ...from('shop/orders') }],
      want: { move: ['Mock/shop/orders → Mock/till/orders (declared)'] },
    },
    {
      name: 'reads a renamed-from without a namespace as its own namespace, then as global',
      applied: [{ ...orders, kind: 'Channel', namespace: '' }],
      desired: [{ kind: 'Channel', namespace: 'shop', name: 'mail', ...from('orders') }],
      want: { move: ['Channel/-/orders → Channel/shop/mail (declared)'] },
    },
    {
      name: 'prefers a declared move to one that is only seen',
      applied: [orders],
      desired: [
        { ...orders, name: 'a' },
        { name: 'b', spec: { other: true }, ...from('orders') },
      ],
      want: { create: ['Mock/shop/a'], move: ['Mock/shop/orders → Mock/shop/b (declared)'] },
    },
    {
      name: 'takes a renamed-from that names what is still declared for nothing',
      applied: [orders],
      desired: [orders, { name: 'copy', spec: { a: 1 }, ...from('orders') }],
      want: { create: ['Mock/shop/copy'], unchanged: 1 },
    },
    {
      name: 'takes a renamed-from that has done its work for nothing',
      applied: [{ name: 'purchases', ...from('orders') }],
      desired: [{ name: 'purchases', ...from('orders') }],
      want: { unchanged: 1 },
    },
  ]
  for (const { name, applied, desired, want } of cases) {
    it(name, () => {
      const changes = plan(setOf(desired), setOf(applied))
      expect(summary(changes)).toEqual({ ...nothing, ...want })
      expect(isEmpty(changes)).toBe(Object.keys(want).every((key) => key === 'unchanged'))
    })
  }

  const declared = fc.record({
    kind: fc.constantFrom('Mock', 'Channel'),
    namespace: fc.constantFrom('', 'a', 'b'),
    name: fc.constantFrom('v', 'w', 'x', 'y', 'z'),
    spec: fc.constantFrom({ n: 1 }, { n: 2 }, { n: 3 }),
    annotations: fc.oneof(
      fc.constant({}),
      fc.constantFrom('v', 'a/w', 'b/x').map((old) => from(old).annotations),
    ),
  })
  const sets = fc.array(declared, { maxLength: 25 }).map(setOf)

  it('leads from applied to desired', () => {
    fc.assert(
      fc.property(sets, sets, (desired, applied) => {
        expect(digests(carriedOut(plan(desired, applied), applied))).toEqual(digests(desired))
      }),
    )
  })

  it('puts every resource into exactly one list, and a moved one never among the pruned', () => {
    fc.assert(
      fc.property(sets, sets, (desired, applied) => {
        const { create, update, prune, move, unchanged } = plan(desired, applied)
        const after = [...create, ...update.map((step) => step.after), ...move.map(({ to }) => to)].map(({ id }) => id)
        const before = [...prune, ...update.map((step) => step.before), ...move.map((step) => step.from)].map(
          ({ id }) => id,
        )
        expect(new Set(after).size).toBe(after.length)
        expect(new Set(before).size).toBe(before.length)
        expect(after.length + unchanged).toBe(desired.size)
        expect(before.length + unchanged).toBe(applied.size)
      }),
    )
  })

  it('does not depend on the order of either set', () => {
    fc.assert(
      fc.property(sets, sets, (desired, applied) => {
        const { update, prune, create, move, unchanged } = plan(reversed(desired), reversed(applied))
        const straight = plan(desired, applied)
        expect(update.map(({ after }) => after.id).sort()).toEqual(straight.update.map(({ after }) => after.id).sort())
        expect(unchanged).toBe(straight.unchanged)
        expect(move.length + prune.length).toBe(straight.move.length + straight.prune.length)
        expect(move.length + create.length).toBe(straight.move.length + straight.create.length)
      }),
    )
  })

  it('has nothing left to do once it is carried out', () => {
    fc.assert(
      fc.property(sets, sets, (desired, applied) => {
        expect(isEmpty(plan(desired, carriedOut(plan(desired, applied), applied)))).toBe(true)
      }),
    )
  })
})

function carriedOut({ create, update, prune, move }: Plan, applied: ResourceSet): ResourceSet {
  const after = new Map<ResourceId, Resource>(applied)
  for (const { id } of [...prune, ...move.map((step) => step.from)]) after.delete(id)
  for (const made of [...create, ...update.map((step) => step.after), ...move.map(({ to }) => to)])
    after.set(made.id, made)
  return after
}

function digests(set: ResourceSet) {
  return Object.fromEntries([...set].map(([id, { digest }]) => [id, digest]))
}

function reversed(set: ResourceSet): ResourceSet {
  return new Map([...set].reverse())
}
