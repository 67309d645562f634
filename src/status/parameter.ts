import type { JsonSchema } from './json-schema.js'
import { defaultLimit, largestLimit } from './paging.js'
import { BadRequest } from './problem-details.js'

/** A query parameter: how it is described, and how its text becomes a value. */
export interface Parameter<Value> {
  readonly name: string
  readonly description: string
  readonly schema: JsonSchema
  readonly required: boolean
  readonly repeated: boolean
  parse(texts: readonly string[], now: () => Date): Value
}

/** Longest text a parameter may have; the largest use is a body in `explain`. */
const longest = 8192

function parameter<Value>(
  name: string,
  description: string,
  schema: JsonSchema,
  parse: (text: string, now: () => Date) => Value,
): Parameter<Value> {
  return {
    name,
    description,
    schema,
    required: false,
    repeated: false,
    parse: ([first = ''], now) => parse(first, now),
  }
}

export function textParameter(name: string, description: string, example?: string): Parameter<string> {
  const schema = {
    type: 'string',
    minLength: 1,
    maxLength: longest,
    ...(example === undefined ? {} : { examples: [example] }),
  }
  return parameter(name, description, schema, (text) => {
    if (text === '') throw new BadRequest(name, 'is empty; leave it out or give it a value')
    if (text.length > longest) throw new BadRequest(name, `is longer than ${longest} characters`)
    return text
  })
}

export function requiredParameter<Value>(inner: Parameter<Value>): Parameter<Value> {
  return { ...inner, required: true }
}

/** May be given several times. */
export function repeatedParameter<Value>(inner: Parameter<Value>): Parameter<Value[]> {
  const schema = { type: 'array', items: inner.schema }
  return { ...inner, schema, repeated: true, parse: (texts, now) => texts.map((text) => inner.parse([text], now)) }
}

/** `parse` gives undefined for what it cannot read; `wanted` says what it can. */
export function patternParameter<Value>(
  name: string,
  description: string,
  pattern: string,
  wanted: string,
  parse: (text: string) => Value | undefined,
): Parameter<Value> {
  const expression = new RegExp(pattern, 'u')
  return parameter(name, description, { type: 'string', pattern }, (text) => {
    const value = text.length <= longest && expression.test(text) ? parse(text) : undefined
    if (value === undefined) throw new BadRequest(name, `${quote(text)} is not ${wanted}`)
    return value
  })
}

export function integerParameter(
  name: string,
  description: string,
  { minimum, maximum, fallback }: { minimum: number; maximum: number; fallback: number },
): Parameter<number> {
  return parameter(name, description, { type: 'integer', minimum, maximum, default: fallback }, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= minimum && value <= maximum)) {
      throw new BadRequest(name, `${quote(text)} is not a whole number from ${minimum} to ${maximum}`)
    }
    return value
  })
}

export function flagParameter(name: string, description: string): Parameter<boolean> {
  return parameter(name, description, { type: 'boolean' }, (text) => {
    if (text !== 'true' && text !== 'false') throw new BadRequest(name, `${quote(text)} is neither true nor false`)
    return text === 'true'
  })
}

const durationPattern = '^\\d{1,7}(\\.\\d{1,3})?(ms|s|m|h)$'
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `10s`, `250ms`, `1.5m` in milliseconds; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,7}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? []
  const factor = unitMs[unit]
  return factor === undefined ? undefined : Number(amount) * factor
}

export function durationParameter(name: string, description: string, maximumMs: number): Parameter<number> {
  return parameter(name, description, { type: 'string', pattern: durationPattern, examples: ['10s'] }, (text) => {
    const ms = parseDuration(text)
    if (ms === undefined) throw new BadRequest(name, `${quote(text)} is not a duration such as 10s, 250ms or 1m`)
    if (ms > maximumMs) throw new BadRequest(name, `${quote(text)} is longer than ${maximumMs / 1000}s`)
    return ms
  })
}

const timePattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/

/** A moment: ISO 8601, or a duration before now. */
export function parseMoment(text: string, now: () => Date): Date | undefined {
  const ago = parseDuration(text)
  if (ago !== undefined) return new Date(now().getTime() - ago)
  const date = timePattern.test(text) ? new Date(text) : undefined
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date
}

export const wantedMoment = 'a time such as 2026-01-31T12:00:00Z or a duration before now such as 5m'

export function momentParameter(name: string, description: string): Parameter<Date> {
  return parameter(name, description, { type: 'string', examples: ['2026-01-31T12:00:00Z', '5m'] }, (text, now) => {
    const moment = parseMoment(text, now)
    if (moment === undefined) throw new BadRequest(name, `${quote(text)} is not ${wantedMoment}`)
    return moment
  })
}

export const limitParameter = integerParameter('limit', 'How many items a page has at most', {
  minimum: 1,
  maximum: largestLimit,
  fallback: defaultLimit,
})
export const cursorParameter = textParameter('cursor', 'Where to go on: `nextCursor` of the page before')

/** What a person typed, safe and short enough to repeat. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** The query of a request, checked against the parameters of its route. */
export class Query {
  readonly #values = new Map<Parameter<unknown>, unknown>()

  /** Throws `BadRequest` for what is unknown, missing, repeated or cannot be read. */
  constructor(parameters: readonly Parameter<unknown>[], querystring: string, now: () => Date) {
    const known = parameters.map(({ name }) => name)
    const given = new Map<string, string[]>()
    for (const [name, value] of new URLSearchParams(querystring)) {
      if (!known.includes(name)) {
        const list = known.length === 0 ? 'it takes none' : `known: ${known.join(', ')}`
        throw new BadRequest(name.slice(0, 60), `unknown query parameter; ${list}`, { known })
      }
      const values = given.get(name)
      if (values === undefined) given.set(name, [value])
      else values.push(value)
    }
    for (const parameter of parameters) {
      const texts = given.get(parameter.name)
      if (texts === undefined) {
        if (parameter.required) throw new BadRequest(parameter.name, `is missing: ${parameter.description}`)
        continue
      }
      if (texts.length > 1 && !parameter.repeated) throw new BadRequest(parameter.name, 'is given more than once')
      this.#values.set(parameter, parameter.parse(texts, now))
    }
  }

  get<Value>(parameter: Parameter<Value>): Value | undefined {
    return this.#values.get(parameter) as Value | undefined
  }

  /** For parameters that the route requires. */
  need<Value>(parameter: Parameter<Value>): Value {
    const value = this.get(parameter)
    if (value === undefined) throw new BadRequest(parameter.name, `is missing: ${parameter.description}`)
    return value
  }
}
