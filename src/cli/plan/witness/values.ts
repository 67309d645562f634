// Which values a condition may accept, as far as that can be told from what it wants.

import { Buffer } from 'node:buffer'
import type { Condition } from '../../../expression/condition.js'
import { type Json, RawNumber, stringifyJson } from '../../../expression/json.js'
import { regexSample } from './regex-sample.js'
import { schemaSample } from './schema-sample.js'

/** Stands for nothing at the place. */
export const absent = Symbol('absent')
export type Candidate = Json | typeof absent

/** What has to hold of a request; `isNot`: that a condition does not. */
export type Asked = Pick<Condition, 'subject' | 'place' | 'action' | 'wanted' | 'base64' | 'matches' | 'describe'> & {
  readonly isNot?: true
}

/** Holds where the condition does not. */
export function opposite(condition: Condition): Asked {
  const { subject, place, action, wanted, base64 } = condition
  return {
    subject,
    place,
    action,
    wanted,
    base64,
    isNot: true,
    matches: (subjects) => !condition.matches(subjects),
    describe: () => `not: ${condition.describe()}`,
  }
}

/** In the order in which they are tried; some may be refused, and whoever asks has to try them. */
export function candidatesOf({ action, wanted, base64, isNot }: Asked): readonly Candidate[] {
  const found = (isNot === true ? opposites : actions)[action]?.(wanted) ?? []
  return base64 ? found.map(encoded) : found
}

type Proposer = (wanted: Json) => readonly Candidate[]

const somethingElse: Proposer = (wanted) => [absent, 'x', ...(wanted === 'x' ? ['y'] : []), 1]

const actions: Readonly<Record<string, Proposer>> = {
  equals: (wanted) => [wanted],
  contains: (wanted) => [wanted, [wanted]],
  not_equals: somethingElse,
  not_contains: somethingElse,
  any: () => [absent],
  notEmpty: () => ['x'],
  empty: () => [absent, ''],
  matches: (wanted) => {
    const sample = typeof wanted === 'string' ? regexSample(wanted) : undefined
    const number = sample !== undefined && /^-?(?:0|[1-9]\d{0,14})$/.test(sample) ? [Number(sample)] : []
    return sample === undefined ? [] : [sample, ...number]
  },
  gt: (wanted) => around(wanted, 1),
  gte: (wanted) => [wanted, ...around(wanted, 1)],
  lt: (wanted) => around(wanted, -1),
  lte: (wanted) => [wanted, ...around(wanted, -1)],
  jsonSchema: (wanted) => {
    const sample = schemaSample(wanted)
    return sample === undefined ? [] : [sample]
  },
}

const opposites: Readonly<Record<string, Proposer>> = {
  ...Object.fromEntries(Object.keys(actions).map((name) => [name, somethingElse])),
  not_equals: (wanted) => [wanted],
  not_contains: (wanted) => [wanted, [wanted]],
  empty: () => ['x', 1],
  gt: (wanted) => [absent, wanted, ...around(wanted, -1)],
  gte: (wanted) => [absent, ...around(wanted, -1)],
  lt: (wanted) => [absent, wanted, ...around(wanted, 1)],
  lte: (wanted) => [absent, ...around(wanted, 1)],
}

/** Values a little, and somewhat more, beyond one: the next condition may leave only little room. */
function around(wanted: Json, sign: 1 | -1): readonly Json[] {
  if (wanted instanceof RawNumber || (typeof wanted === 'string' && /^[+-]?\d{16,}$/.test(wanted.trim()))) {
    const text = String(wanted).trim()
    return /^[+-]?\d+$/.test(text) ? [new RawNumber(String(BigInt(text.replace('+', '')) + BigInt(sign)))] : []
  }
  const number = typeof wanted === 'number' ? wanted : typeof wanted === 'string' ? Number(wanted) : Number.NaN
  if (!Number.isNaN(number)) {
    const fraction = Number((number + sign / 2).toPrecision(15))
    return [number + sign, fraction, Number((number + sign / 100).toPrecision(15)), number + sign * 1_000]
  }
  const time = typeof wanted === 'string' ? Date.parse(wanted) : Number.NaN
  if (Number.isNaN(time)) return []
  return [86_400_000, 1_000].map((ms) => new Date(time + sign * ms).toISOString().replace('.000Z', 'Z'))
}

function encoded(candidate: Candidate): Candidate {
  if (candidate === absent) return absent
  const text = typeof candidate === 'string' ? candidate : stringifyJson(candidate)
  return Buffer.from(text).toString('base64')
}
