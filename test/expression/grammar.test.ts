// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import { compileTemplate } from '../../src/expression/template.js'
import { scopeOf } from './scope.js'

const options = { env: { REGION: 'eu' }, callback: true }
const scope = scopeOf()
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

function render(value: Json): Json {
  return compileTemplate(value, options).template.render(scope)
}

describe('a string that is one expression keeps the type of what it finds', () => {
  const cases: [string, Json][] = [
    ['$.req.amount', 2500],
    ['$.body.amount', 2500],
    ['$.req.paid', false],
    ['$.req.nothing', null],
    ['$.req.customer', { id: 'c-1', tags: ['a', 'b', 'c'] }],
    ['$.req.customer.tags[0]', 'a'],
    ['$.req.customer.tags[-1]', 'c'],
    ["$.req['a-b']", 'dashed'],
    ['$.req["a-b"]', 'dashed'],
    ["$.req['x.y']", 'dotted'],
    ['$.req.items[*].sku', ['pen', 'book']],
    ['$.req..sku', ['pen', 'book']],
    ['$.req.items[?(@.price > 100)].sku', ['book']],
    ['$.req.items[?@.price > 100]', [{ sku: 'book', price: 150, quantity: 1 }]],
    ['$.req.items[?(@.price > 1000)]', []],
    ['$.req.customer.tags[0:2]', ['a', 'b']],
    ['$.req.customer.tags[?match(@, "[ab]")]', ['a', 'b']],
    ['$.req.customer.*', ['c-1', ['a', 'b', 'c']]],
    ['$.reqHeader.Authorization', ['Bearer t']],
    ['$.reqHeader.Authorization[0]', 'Bearer t'],
    ['$.reqHeader.AUTHORIZATION[0]', 'Bearer t'],
    ['$.reqHeader.X-Session[1]', 's2'],
    ["$.reqHeader['X-Session'][0]", 's1'],
    ['$.reqHeader.X-Session[*]', ['s1', 's2']],
    ['$.queryParams.limit', '10'],
    ['$.queryParams.tag', ['a', 'b']],
    ['$.queryParams.tag[1]', 'b'],
    ["$.queryParams['page-size']", '5'],
    ['$.pathParam.id', '42'],
    ['$.pathParam', { id: '42' }],
    ['$.mS.computed', 1],
    ['$.cS.orderId', 'o-9'],
    ['$.gS.currentSession', 'g-1'],
    ['$.gS.nested.list[1]', 2],
    ['$.gS.nested.list[*]', [1, 2]],
    ['$.mS', { computed: 1 }],
    ['$.response.status', 'ok'],
    ['$.resp.status', 'ok'],
    ['$.response.data.id', 1],
    ['$.statusCode', 201],
    ['$.namespace', 'payments'],
    ['$.now', '2026-03-04T05:06:07.089Z'],
    ['$.now.unix', 1772600767],
    ['$.now.unixMs', 1772600767089],
    ['$.now.date', '2026-03-04'],
    ['$.env.REGION', 'eu'],
    ['${ $.req.amount }', 2500],
    ['${$.req.amount}', 2500],
  ]
  for (const [text, want] of cases) it(text, () => expect(render(text)).toEqual(want))
})

describe('inside longer text the value is written as text', () => {
  const cases: [string, string][] = [
    ['Table $.req.schema.$.req.name', 'Table public.Ada'],
    ['Added :$.req.reaction: to it', 'Added :+1: to it'],
    ['$.req.owner/$.req.repo#$.req.number', 'octo/cat#7'],
    ["'$.req.path'", "'/x y'"],
    ['Order $.cS.orderId has been processed.', 'Order o-9 has been processed.'],
    ['t=$.now.unix,v1=test_signature', 't=1772600767,v1=test_signature'],
    ['Hello $.req.name.', 'Hello Ada.'],
    ['Hello $.req.name...', 'Hello Ada...'],
    ['Hello $.req.name-', 'Hello Ada-'],
    ['$.req.name-$.req.number', 'Ada-7'],
    ['$.req.a-b', '$.req.a-b'],
    ['session $.reqHeader.X-Session[0]-end', 'session s1-end'],
    ['env $.reqHeader.X-Env[0].', 'env test.'],
    ['all $.reqHeader.X-Session', 'all ["s1","s2"]'],
    ['customer $.req.customer', 'customer {"id":"c-1","tags":["a","b","c"]}'],
    ['null is $.req.nothing', 'null is null'],
    ['$.req.paid!', 'false!'],
    [' $.req.amount', ' 2500'],
    ['$.req.amount ', '2500 '],
    ["first $.req['a-b'] then", 'first dashed then'],
    ['last $.req.customer.tags[-1]!', 'last c!'],
    ['https://$.namespace.example.com/$.pathParam.id.json', 'https://payments.example.com/42.json'],
    ['file $.queryParams.limit.txt', 'file 10.txt'],
    ['Hi $.req.name || nobody, $.req.missing', 'Hi Ada || nobody, $.req.missing'],
    ['x ${ $.req.missing || "nobody" } y', 'x nobody y'],
    ['x ${ $.req.missing || nobody there } y', 'x nobody there y'],
    ['x ${$.req.missing || $.req.name}y', 'x Aday'],
    ['${$.req.name}son', 'Adason'],
    ['skus: ${ $.req.items[*].sku }', 'skus: ["pen","book"]'],
    ['n: $.increment($.gS.counter || 0).', 'n: 5.'],
    ['n: ${ increment($.gS.counter) }', 'n: 5'],
    ['n: increment($.gS.counter)', 'n: increment(4)'],
    ['costs $.50', 'costs $.50'],
    ['$.50', '$.50'],
    ['$5 and 5$ and $', '$5 and 5$ and $'],
    ['a $$.req.name b', 'a $.req.name b'],
    ['$$.req.name', '$.req.name'],
    ['$${ $.req.name }', '${ Ada }'],
    ['${HOME}/$.req.name', '${HOME}/Ada'],
    [
      '$.req.items[*].sku are',
      '[{"sku":"pen","price":2,"quantity":3},{"sku":"book","price":150,"quantity":1}][*].sku are',
    ],
    ['$.req.name[draft]', 'Ada[draft]'],
    ['At $.now.Then', 'At 2026-03-04T05:06:07.089Z.Then'],
    ['in $.env.REGION.', 'in eu.'],
    ['$.fake (no name)', '$.fake (no name)'],
  ]
  for (const [text, want] of cases) it(text, () => expect(render(text)).toBe(want))

  it('pi_$.fake.UUID', () => expect(render('pi_$.fake.UUID')).toMatch(new RegExp(`^pi_${uuid}$`)))
  it('evt_$.fake.UUID', () => expect(render('evt_$.fake.UUID')).toMatch(new RegExp(`^evt_${uuid}$`)))
  it('t=$.fake.UnixTime,v1=test_signature', () =>
    expect(render('t=$.fake.UnixTime,v1=test_signature')).toMatch(/^t=\d{10},v1=test_signature$/))
  it('$.fake.UUID.json', () => expect(render('$.fake.UUID.json')).toMatch(new RegExp(`^${uuid}\\.json$`)))
  it('Order $.req.number has been processed at $.fake.Date', () =>
    expect(render('Order $.req.number has been processed at $.fake.Date')).toMatch(
      /^Order 7 has been processed at \d{4}-\d\d-\d\d$/,
    ))
})

describe('what cannot be resolved stays as written', () => {
  const cases = [
    '$.req.missing',
    '$.req.name.first',
    '$.req.customer.tags[9]',
    '$.req.customer.tags.length',
    '$.req.missing[*].x',
    '$.reqHeader.X-Missing[0]',
    '$.queryParams.nope',
    '$.gS.nope',
    '$.sum($.req.name, 1)',
    '$.multiply($.req.missing, 2)',
    'text $.req.missing.',
    'text ${ $.req.missing } text',
    '$.req.constructor',
    "$.req['__proto__']",
    '$.gS.constructor.name',
    '$.reqHeader.constructor',
    '$.req..constructor.name',
  ]
  for (const text of cases) {
    it(text, () => expect(render(text)).toEqual(text.includes('..') ? [] : text))
  }

  it('a request without a body resolves nothing under $.req', () => {
    const { template } = compileTemplate({ all: '$.req', part: '$.req.a' }, options)
    expect(template.render(scopeOf({ req: undefined }))).toEqual({ all: '$.req', part: '$.req.a' })
  })
})

describe('|| gives a default', () => {
  const cases: [string, Json][] = [
    ['$.req.missing || "guest"', 'guest'],
    ['$.req.missing || guest of honour', 'guest of honour'],
    ['$.req.missing || 12', 12],
    ['$.req.missing || true', true],
    ['$.req.missing || null', null],
    ['$.req.missing || [1, "a||b"]', [1, 'a||b']],
    ['$.req.missing || {"a": {"b": "}"}}', { a: { b: '}' } }],
    ['$.req.missing || $.req.name', 'Ada'],
    ['$.req.missing || $.req.gone || last', 'last'],
    ['$.req.missing || sum($.req.number, 1)', 8],
    ['$.req.nothing || "from null"', 'from null'],
    ['$.req.zero || 1', 0],
    ['$.req.paid || true', false],
    ['$.req.empty || "x"', ''],
    ['$.req.amount || 1', 2500],
    ['$.req.missing || $.req.gone', '$.req.missing || $.req.gone'],
    ["$.req.missing || don't know", "don't know"],
    ['$.req.nothing || $.req.gone', null],
    ['$.gS.hidden || fallback', 'fallback'],
  ]
  for (const [text, want] of cases) it(text, () => expect(render(text)).toEqual(want))
})

describe('functions', () => {
  const cases: [string, Json][] = [
    ['$.increment($.gS.counter)', 5],
    ['$.increment($.gS.counter || 0)', 5],
    ['$.increment($.gS.counter, 10)', 14],
    ['$.increment($.gS.missing)', 1],
    ['$.increment($.gS.missing || 100)', 101],
    ['$.increment($.gS.hidden)', 1],
    ['$.increment($.gS.text)', 6],
    ['increment($.gS.counter)', 5],
    ['$.sum(10, 20, $.req.number)', 37],
    ['$.sum($.req.number,$.pathParam.id)', 49],
    ['$.sum($.cS.total, 0.25)', 12.75],
    ['$.sum(0.1, 0.2, $.req.zero)', 0.3],
    ['$.sum($.req.items[*].price)', 152],
    ['$.sum($.gS.missing, 3)', 3],
    ['$.multiply($.req.items[0].price, $.req.items[0].quantity)', 6],
    ['$.subtract($.req.amount, 500)', 2000],
    ['$.subtract($.gS.missing, 1)', -1],
    ['$.sum($.multiply(2, $.req.number), $.increment(0))', 15],
    ['${ sum(1, 2) }', 3],
    ['sum(1, 2)', 'sum(1, 2)'],
    ['sum (1, $.req.number)', 'sum (1, 7)'],
  ]
  for (const [text, want] of cases) it(text, () => expect(render(text)).toEqual(want))
})

describe('one pass', () => {
  it('a value that looks like an expression is not evaluated', () => {
    const { template } = compileTemplate({ a: '$.req.x', b: '>$.req.x<', c: '${ $.req.x || 1 }' }, options)
    const hostile = scopeOf({ req: { x: '$.env.REGION ${ $.req.x }' } })
    expect(template.render(hostile)).toEqual({
      a: '$.env.REGION ${ $.req.x }',
      b: '>$.env.REGION ${ $.req.x }<',
      c: '$.env.REGION ${ $.req.x }',
    })
  })

  it('object keys are never rendered', () => {
    expect(render({ '$.req.name': '$.req.name' })).toEqual({ '$.req.name': 'Ada' })
  })
})
