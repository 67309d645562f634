import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Faker } from '@faker-js/faker'
import { isNumeric } from './functions.js'
import type { Json } from './json.js'
import { nearest } from './suggest.js'

/** What a name makes its value from. */
export interface FakeSource {
  /** Uniform in [0, 1). Anything but `Math.random` counts as seeded: the values then repeat, whatever the clock says. */
  readonly random: () => number
  readonly now: () => Date
}

export interface FakeArgument {
  readonly name: string
  readonly type: 'integer' | 'number' | 'any'
  readonly optional?: true
}

/** One name under `$.fake`. */
export interface FakeName {
  readonly args: readonly FakeArgument[]
  /** The last argument may be given many times. */
  readonly variadic?: true
  /** Made by @faker-js/faker, which is loaded when a template that uses the name is compiled. */
  readonly library: boolean
  /** `values` have the declared types. Undefined when they make no sense together. */
  make(source: FakeSource, values: readonly Json[]): Json | undefined
}

/** The least and most an `$.fake` number may be. */
const largest = Number.MAX_SAFE_INTEGER
const longestText = 10_000
const day = 86_400_000
/** Seeded moments lie in the year before this one. */
const seededNow = Date.UTC(2026, 0, 1)

let library: Faker | undefined
let current: () => number = Math.random

/** The English locale alone: the whole library takes six times as long to load. */
export function loadFaker(): Faker {
  if (library === undefined) {
    const require = createRequire(import.meta.url)
    const { faker } = require('@faker-js/faker/locale/en') as typeof import('@faker-js/faker/locale/en')
    const Library = faker.constructor as new (options: object) => Faker
    library = new Library({
      locale: faker.rawDefinitions,
      randomizer: { next: () => current(), seed: () => undefined },
    })
  }
  return library
}

function made(make: (faker: Faker, values: readonly Json[], source: FakeSource) => Json): FakeName {
  return madeWith([], make)
}

function madeWith(
  args: readonly FakeArgument[],
  make: (faker: Faker, values: readonly Json[], source: FakeSource) => Json,
): FakeName {
  return {
    args,
    library: true,
    make(source, values) {
      const faker = loadFaker()
      current = source.random
      try {
        return make(faker, values, source)
      } catch {
        return undefined
      }
    },
  }
}

function own(make: (source: FakeSource) => Json): FakeName {
  return { args: [], library: false, make }
}

const range = (type: 'integer' | 'number'): readonly FakeArgument[] => [
  { name: 'min', type },
  { name: 'max', type },
]
const count: readonly FakeArgument[] = [{ name: 'count', type: 'integer', optional: true }]
const length: readonly FakeArgument[] = [{ name: 'length', type: 'integer', optional: true }]

const firstName = made((faker) => faker.person.firstName())
const lastName = made((faker) => faker.person.lastName())
const fullName = made((faker) => faker.person.fullName())
const phone = made((faker) => faker.phone.number({ style: 'international' }))
const company = made((faker) => faker.company.name())
const amount = made((faker) => Number(faker.finance.amount({ min: 1, max: 1000, dec: 2 })))
const ipv4 = made((faker) => faker.internet.ipv4())
const zip = made((faker) => faker.location.zipCode())
const street = made((faker) => faker.location.streetAddress())
const card = made((faker) => faker.finance.creditCardNumber())
const moment = own((source) => new Date(past(source)).toISOString())
const unix = own((source) => Math.floor(past(source) / 1000))

const integerBetween: FakeName = {
  args: range('integer'),
  library: false,
  make: ({ random }, [min, max]) => between(random, Number(min), Number(max)),
}

const floatBetween: FakeName = {
  args: range('number'),
  library: false,
  make({ random }, [low, high]) {
    const [min, max] = [Number(low), Number(high)]
    if (min > max) return undefined
    const value = (min + random() * (max - min)).toFixed(decimals(min, max))
    return Math.min(max, Math.max(min, Number(value)))
  },
}

/** Every name that may follow `$.fake.`. Validation, suggestions and rendering read this table. */
export const fakeNames: ReadonlyMap<string, FakeName> = new Map<string, FakeName>([
  ['UUID', own(({ random }) => (random === Math.random ? randomUUID() : uuid(random)))],
  ['UUIDDigit', own(({ random }) => (random === Math.random ? randomUUID() : uuid(random)).replaceAll('-', ''))],
  ['FirstName', firstName],
  ['LastName', lastName],
  ['FullName', fullName],
  ['Name', fullName],
  ['Gender', made((faker) => faker.person.sex())],
  ['Prefix', made((faker) => faker.person.prefix())],
  ['Email', made((faker) => faker.internet.email().toLowerCase())],
  ['Username', made((faker) => faker.internet.username())],
  ['Password', madeWith(length, (faker, [size = 15]) => faker.internet.password({ length: bounded(size) }))],
  ['Phone', phone],
  ['PhoneNumber', phone],
  ['Company', company],
  ['CompanyName', company],
  ['JobTitle', made((faker) => faker.person.jobTitle())],
  ['ProductName', made((faker) => faker.commerce.productName())],
  ['Price', made((faker) => Number(faker.commerce.price({ min: 1, max: 1000, dec: 2 })))],
  ['Amount', amount],
  ['Currency', made((faker) => faker.finance.currencyCode())],
  ['CreditCardNumber', card],
  ['IBAN', made((faker) => faker.finance.iban())],
  [
    'Address',
    made(({ location }) => {
      const state = `${location.state({ abbreviated: true })} ${location.zipCode()}`
      return `${location.streetAddress()}, ${location.city()}, ${state}`
    }),
  ],
  ['StreetAddress', street],
  ['City', made((faker) => faker.location.city())],
  ['State', made((faker) => faker.location.state())],
  ['Zip', zip],
  ['ZipCode', zip],
  ['Country', made((faker) => faker.location.country())],
  ['CountryCode', made((faker) => faker.location.countryCode())],
  ['Latitude', made((faker) => faker.location.latitude())],
  ['Longitude', made((faker) => faker.location.longitude())],
  ['TimeZone', made((faker) => faker.location.timeZone())],
  ['IPv4', ipv4],
  ['IPv4Address', ipv4],
  ['IPv6', made((faker) => faker.internet.ipv6())],
  ['MacAddress', made((faker) => faker.internet.mac())],
  ['URL', made((faker) => faker.internet.url())],
  ['DomainName', made((faker) => faker.internet.domainName())],
  ['UserAgent', made((faker) => faker.internet.userAgent())],
  ['HexColor', made((faker) => faker.color.rgb({ format: 'hex', casing: 'lower' }))],
  ['Word', made((faker) => faker.lorem.word())],
  ['Words', madeWith(count, (faker, [size = 3]) => faker.lorem.words(bounded(size, 1000)))],
  [
    'Sentence',
    madeWith(count, (faker, [size]) => faker.lorem.sentence(size === undefined ? undefined : bounded(size, 1000))),
  ],
  [
    'Paragraph',
    madeWith(count, (faker, [size]) => faker.lorem.paragraph(size === undefined ? undefined : bounded(size, 100))),
  ],
  ['JWT', made((faker, _values, source) => faker.internet.jwt({ refDate: new Date(reference(source)) }))],
  ['Bool', own(({ random }) => random() < 0.5)],
  ['PositiveInt', own(({ random }) => between(random, 1, 2 ** 31 - 1) ?? 1)],
  ['Float64', own(({ random }) => random())],
  ['IntBetween', integerBetween],
  ['IntRange', integerBetween],
  ['FloatRange', floatBetween],
  ['Digits', { args: length, library: false, make: ({ random }, [size = 6]) => pick(random, '0123456789', size) }],
  [
    'OneOf',
    {
      args: [{ name: 'value', type: 'any' }],
      variadic: true,
      library: false,
      make: ({ random }, values) => values[Math.floor(random() * values.length)],
    },
  ],
  ['Date', own((source) => new Date(past(source)).toISOString().slice(0, 10))],
  ['DateISO', moment],
  ['DateTimeISO', moment],
  ['Timestamp', moment],
  ['UnixTime', unix],
])

/** `IntBetween(min, max)`, for messages. */
export function fakeSignature(name: string): string {
  const { args = [], variadic } = fakeNames.get(name) ?? {}
  if (args.length === 0) return name
  const words = args.map((arg) => (arg.optional ? `${arg.name}?` : arg.name))
  return `${name}(${words.join(', ')}${variadic ? ', …' : ''})`
}

/** What was probably meant by an unknown name; `UUID_x` is most likely `UUID` with a text after it. */
export function suggestFake(name: string): string | undefined {
  const near = nearest(name, fakeNames.keys())
  if (near !== undefined && !name.startsWith(near)) return `did you mean "$.fake.${fakeSignature(near)}"?`
  const prefix = [...fakeNames.keys()].filter((known) => name.startsWith(known)).sort((a, b) => b.length - a.length)[0]
  return prefix && `did you mean "\${$.fake.${prefix}}${name.slice(prefix.length)}"?`
}

/** The argument as its type, numbers also from text; undefined when it is not of that type. */
export function toFakeArgument(value: Json | undefined, type: FakeArgument['type']): Json | undefined {
  if (value === undefined || type === 'any') return value
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && isNumeric(value) ? Number(value) : Number.NaN
  return Number.isFinite(number) && (type === 'number' || Number.isSafeInteger(number)) ? number : undefined
}

function reference({ random, now }: FakeSource): number {
  return random === Math.random ? now().getTime() : seededNow
}

/** A moment in the last year, to the second. */
function past(source: FakeSource): number {
  const at = reference(source) - source.random() * 365 * day
  return Math.floor(at / 1000) * 1000
}

function between(random: () => number, min: number, max: number): number | undefined {
  if (min > max || Math.abs(min) > largest || Math.abs(max) > largest) return undefined
  return Math.min(max, Math.floor(random() * (max - min + 1)) + min)
}

/** Two, or what the bounds have, or what it takes to tell values between them apart. */
function decimals(min: number, max: number): number {
  const given = Math.max(...[min, max].map((value) => /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0))
  const needed = max > min ? Math.ceil(-Math.log10(max - min)) + 2 : 0
  return Math.min(20, Math.max(2, given, needed))
}

/** A count or length as asked for, within reason. */
function bounded(value: Json, most = longestText): number {
  return Math.min(most, Math.max(1, Number(value)))
}

function pick(random: () => number, from: string, size: Json): string {
  let text = ''
  for (let left = bounded(size); left > 0; left -= 1) text += from[Math.floor(random() * from.length)]
  return text
}

/** A version 4 UUID from a seeded source. */
function uuid(random: () => number): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16)
    return (place === 'x' ? digit : (digit & 3) | 8).toString(16)
  })
}
