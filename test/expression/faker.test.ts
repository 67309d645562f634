import { describe, expect, it } from 'vitest'
import { fakeNames } from '../../src/expression/faker.js'
import { seededRandom } from '../../src/expression/random.js'
import { compileTemplate } from '../../src/expression/template.js'
import { scopeOf } from './scope.js'

const options = { env: {} }
const now = () => new Date('2026-03-04T05:06:07.089Z')
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/
const text = /\S/

/** What each name of the reference gives: a pattern for a text, or a test. */
const names: Record<string, RegExp | ((value: unknown) => boolean)> = {
  UUID: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  UUIDDigit: /^[0-9a-f]{32}$/,
  FirstName: text,
  LastName: text,
  FullName: / /,
  Name: / /,
  Gender: /^(fe)?male$/,
  Email: /^\S+@\S+\.\S+$/,
  Username: /^\S+$/,
  Password: /^.{15}$/,
  'Password(8)': /^.{8}$/,
  Phone: /^\+\d+$/,
  PhoneNumber: /^\+\d+$/,
  Company: text,
  CompanyName: text,
  JobTitle: text,
  ProductName: text,
  Price: (value) => typeof value === 'number' && value >= 1 && value <= 1000,
  Amount: (value) => typeof value === 'number' && value >= 1 && value <= 1000,
  CreditCardNumber: /^[\d-]{12,23}$/,
  Address: /, /,
  StreetAddress: /\d/,
  City: text,
  State: text,
  Zip: /^\d{5}/,
  ZipCode: /^\d{5}/,
  Country: text,
  CountryCode: /^[A-Z]{2}$/,
  Latitude: (value) => typeof value === 'number' && Math.abs(value) <= 90,
  Longitude: (value) => typeof value === 'number' && Math.abs(value) <= 180,
  IPv4: /^\d+\.\d+\.\d+\.\d+$/,
  IPv4Address: /^\d+\.\d+\.\d+\.\d+$/,
  IPv6: /^[0-9a-f:]+$/,
  MacAddress: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/,
  URL: /^https?:\/\/\S+$/,
  DomainName: /^\S+\.\S+$/,
  UserAgent: text,
  HexColor: /^#[0-9a-f]{6}$/,
  Word: /^\w+$/,
  'Words(4)': /^\w+( \w+){3}$/,
  Sentence: /\.$/,
  'Sentence(3)': /^\w+( \w+){2}\.$/,
  Paragraph: /\.$/,
  Bool: (value) => typeof value === 'boolean',
  PositiveInt: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  Float64: (value) => typeof value === 'number' && value >= 0 && value < 1,
  'IntBetween(5,7)': (value) => [5, 6, 7].includes(value as number),
  'IntRange( -2 , -1 )': (value) => [-2, -1].includes(value as number),
  'FloatRange(9.99,999.99)': (value) => /^\d+(\.\d{1,2})?$/.test(String(value)) && Number(value) >= 9.99,
  'FloatRange(0.001,0.002)': (value) => Number(value) >= 0.001 && Number(value) <= 0.002,
  Date: /^\d{4}-\d\d-\d\d$/,
  DateISO: iso,
  DateTimeISO: iso,
  Timestamp: iso,
  UnixTime: (value) => Number.isInteger(value) && Number(value) <= now().getTime() / 1000 && Number(value) > 1.7e9,
  JWT: /^[\w-]+\.[\w-]+\.[\w-]+$/,
  'Digits(4)': /^\d{4}$/,
  'OneOf("a", b, $.req.name)': /^(a|b|Ada)$/,
}

function fake(name: string, random: () => number): unknown {
  const { template, findings } = compileTemplate(`$.fake.${name}`, options)
  expect(findings).toEqual([])
  return template.render(scopeOf({ random, now }))
}

describe('every name gives what it says', () => {
  for (const [name, want] of Object.entries(names)) {
    it(name, () => {
      for (let run = 0; run < 20; run += 1) {
        const value = fake(name, Math.random)
        if (want instanceof RegExp) expect(value).toMatch(want)
        else expect(want(value), String(value)).toBe(true)
      }
    })
  }

  it('without an argument that is optional, and with one', () => {
    for (const [name, { args, library }] of fakeNames) {
      const given = args.filter((arg) => arg.optional !== true).map((_arg, index) => index + 1)
      const call = given.length === 0 ? name : `${name}(${given.join()})`
      expect(fake(call, Math.random), `${name} ${library}`).not.toBe(`$.fake.${call}`)
    }
  })
})

describe('a seed', () => {
  const all = [...Object.keys(names)].map((name) => `$.fake.${name}`)
  const render = (seed: string, at = now) =>
    compileTemplate(all, options).template.render(scopeOf({ random: seededRandom(seed), now: at }))

  it('makes every value repeat, whatever the clock says', () => {
    expect(render('a')).toEqual(render('a', () => new Date('2031-01-01T00:00:00Z')))
  })

  it('of another text gives other values', () => {
    const [a, b] = [render('a') as unknown[], render('b') as unknown[]]
    expect(a.filter((value, index) => value === b[index]).length).toBeLessThan(all.length / 3)
  })

  it('without one, values differ', () => {
    expect(fake('UUID', Math.random)).not.toBe(fake('UUID', Math.random))
  })

  it('gives numbers that are uniform', () => {
    const random = seededRandom('uniform')
    const buckets = new Array(10).fill(0)
    for (let draw = 0; draw < 10_000; draw += 1) buckets[Math.floor(random() * 10)] += 1
    expect(Math.min(...buckets)).toBeGreaterThan(850)
    expect(Math.max(...buckets)).toBeLessThan(1150)
  })
})

describe('arguments', () => {
  it('may be expressions, and numbers in texts count as numbers', () => {
    const { template } = compileTemplate('$.fake.IntBetween($.queryParams.limit, $.req.number || 10)', options)
    expect(template.render(scopeOf({ req: {}, random: () => 0.99 }))).toBe(10)
  })

  it('that make no sense at run time leave the expression as written', () => {
    for (const text of [
      '$.fake.IntBetween($.req.name, 3)',
      '$.fake.IntBetween($.req.amount, 3)',
      '$.fake.Digits($.req.nope)',
    ]) {
      expect(compileTemplate(text, options).template.render(scopeOf())).toBe(text)
    }
  })

  it('cannot ask for a text without end', () => {
    expect(String(fake('Digits(999999999)', Math.random)).length).toBe(10_000)
  })
})
