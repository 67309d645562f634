import type { Json } from '../../src/expression/json.js'
import type { Scope, StoreView } from '../../src/expression/scope.js'

export function storeOf(values: Record<string, Json>): StoreView {
  return { get: (key) => (Object.hasOwn(values, key) ? values[key] : undefined), entries: () => values }
}

/** The request that the table of expressions is about; a test replaces what it is interested in. */
export function scopeOf(changes: Partial<Scope> = {}): Scope {
  return {
    req: {
      amount: 2500,
      currency: 'usd',
      name: 'Ada',
      'a-b': 'dashed',
      paid: false,
      zero: 0,
      empty: '',
      nothing: null,
      schema: 'public',
      owner: 'octo',
      repo: 'cat',
      number: 7,
      path: '/x y',
      reaction: '+1',
      quoted: 'say "hi"\n',
      'x.y': 'dotted',
      customer: { id: 'c-1', tags: ['a', 'b', 'c'] },
      items: [
        { sku: 'pen', price: 2, quantity: 3 },
        { sku: 'book', price: 150, quantity: 1 },
      ],
    },
    reqHeader: Object.assign(Object.create(null), {
      authorization: ['Bearer t'],
      'x-session': ['s1', 's2'],
      'x-env': ['test'],
    }),
    queryParams: { limit: '10', tag: ['a', 'b'], 'page-size': '5' },
    pathParam: { id: '42' },
    mS: storeOf({ computed: 1 }),
    cS: storeOf({ orderId: 'o-9', total: '12.5' }),
    gS: storeOf({ currentSession: 'g-1', counter: 4, text: '5', nested: { list: [1, 2] }, hidden: null }),
    namespace: 'payments',
    now: () => new Date('2026-03-04T05:06:07.089Z'),
    random: () => 0.5,
    response: { status: 'ok', data: { id: 1 } },
    statusCode: 201,
    ...changes,
  }
}
