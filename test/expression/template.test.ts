// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/expression/json.js'
import { compilePayloadText, compileTemplate, compileText } from '../../src/expression/template.js'
import { scopeOf, storeOf } from './scope.js'

const options = { env: { REGION: 'eu' } }
const scope = scopeOf()

describe('compileTemplate', () => {
  it('a value without expressions is constant and keeps its very self', () => {
    const value = { a: [1, 'two', { three: null }] }
    const { template, findings } = compileTemplate(value, options)
    expect(template.constant).toBe(true)
    expect(template.render(scope)).toBe(value)
    expect(template.renderJson(scope)).toBe('{"a":[1,"two",{"three":null}]}')
    expect(template.renderText(scope)).toBe('{"a":[1,"two",{"three":null}]}')
    expect([...template.uses, ...findings]).toEqual([])
  })

  it('escapes and allowed environment variables leave it constant', () => {
    const { template } = compileTemplate({ a: 'say $$.req', b: '$.env.REGION', c: 'in $.env.REGION' }, options)
    expect(template.constant).toBe(true)
    expect(template.render(scope)).toEqual({ a: 'say $.req', b: 'eu', c: 'in eu' })
  })

  it('uses names the roots, also those inside arguments and defaults', () => {
    const { template } = compileTemplate(['$.increment($.gS.n)', '${ $.req.a || $.fake.UUID } $.reqHeader.X'], options)
    expect([...template.uses].sort()).toEqual(['fake', 'gS', 'req', 'reqHeader'])
  })

  it('an attempt that turns out to be text leaves no trace', () => {
    expect([...compileTemplate('sum($.gS.n', options).template.uses]).toEqual(['gS'])
    expect([...compileTemplate('${ $.cS.x and more', options).template.uses]).toEqual(['cS'])
    expect([...compileTemplate('${ sum($.mS.x }', options).template.uses]).toEqual(['mS'])
    expect([...compileTemplate('$.sum($.fake.Int, 1) ${ $.nope', options).template.uses]).toEqual([])
  })

  it('renders the seed documents like their text says', () => {
    const payload = { id: 'pi_$.fake.UUID', status: 'succeeded', amount: '$.req.amount' }
    const rendered = compileTemplate(payload, options).template.renderJson(scope)
    expect(JSON.parse(rendered)).toEqual({
      id: expect.stringMatching(/^pi_[0-9a-f-]{36}$/),
      status: 'succeeded',
      amount: 2500,
    })
  })

  it('values are escaped in JSON, and large numbers keep their digits', () => {
    const { template } = compileTemplate({ text: '$.req.t', in: '<$.req.t>', big: '$.req.n', all: '$.req' }, options)
    const req = parseJson('{"t":"a\\"b\\n\\u2028","n":12345678901234567890}')
    expect(template.renderJson(scopeOf({ req }))).toBe(
      '{"text":"a\\"b\\n\u2028","in":"<a\\"b\\n\u2028>","big":12345678901234567890,"all":{"t":"a\\"b\\n\u2028","n":12345678901234567890}}',
    )
    const text = compileText('n=$.req.n', options).template.renderText(scopeOf({ req }))
    expect(text).toBe('n=12345678901234567890')
  })

  it('a key __proto__ is left out with a warning', () => {
    const value = JSON.parse('{"__proto__": {"x": "$.req.name"}, "a": 1, "b": {"__proto__": 1, "c": 2}}')
    const { template, findings } = compileTemplate(value, options)
    expect(template.renderJson(scope)).toBe('{"a":1,"b":{"c":2}}')
    expect(findings.map(({ pointer }) => pointer)).toEqual(['/__proto__', '/b/__proto__'])
  })

  it('a value nested too deeply to be written stays as written', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    const { template } = compileTemplate({ a: '$.gS.deep' }, options)
    const hostile = scopeOf({ gS: storeOf({ deep: deep as never }) })
    expect(template.renderJson(hostile)).toBe('{"a":"$.gS.deep"}')
  })
})

describe('compileText', () => {
  it('gives a text whatever the expression finds', () => {
    const render = (text: string) => compileText(text, options).template.render(scope)
    expect(render('$.req.amount')).toBe('2500')
    expect(render('$.req.nothing')).toBe('null')
    expect(render('$.req.customer.tags')).toBe('["a","b","c"]')
    expect(render('$.req.missing || 5')).toBe('5')
    expect(render('$.req.missing')).toBe('$.req.missing')
    expect(compileText('$.req.amount', options).template.renderJson(scope)).toBe('"2500"')
  })
})

describe('compilePayloadText', () => {
  it('JSON is rendered structurally, so that values are escaped', () => {
    const { json, template } = compilePayloadText('{"say": "<$.req.quoted>", "n": "$.req.amount"}', options)
    expect(json).toBe(true)
    expect(template.renderJson(scope)).toBe('{"say":"<say \\"hi\\"\\n>","n":2500}')
  })

  it('constant JSON is served as written', () => {
    const text = '{\n  "a": 1.50,\n  "big": 12345678901234567890\n}\n'
    const { json, template } = compilePayloadText(text, options)
    expect([json, template.constant, template.renderJson(scope), template.renderText(scope)]).toEqual([
      true,
      true,
      text,
      text,
    ])
  })

  it('other text is not escaped', () => {
    const { json, template } = compilePayloadText('{"say": "<$.req.quoted>"', options)
    expect(json).toBe(false)
    expect(template.renderText(scope)).toBe('{"say": "<say "hi"\n>"')
    expect(compilePayloadText('42', options).json).toBe(false)
    expect(compilePayloadText('<a>$.req.name</a>', options).template.renderText(scope)).toBe('<a>Ada</a>')
  })

  it('an escape in constant JSON is still read', () => {
    expect(compilePayloadText('{"a": "$$.req"}', options).template.renderJson(scope)).toBe('{"a":"$.req"}')
  })

  it('findings point at the text and name the place inside it', () => {
    const { findings } = compilePayloadText('{"a": ["$.fake.Nope"]}', options)
    expect(findings).toMatchObject([{ pointer: '', message: expect.stringContaining('at /a/0 of the JSON') }])
  })
})
