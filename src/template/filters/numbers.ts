import type { Run, Value } from '../run.js'
import { isNumber, numberOf, textOf } from '../value.js'
import type { Filters } from './filter.js'

const rounders: Readonly<Record<string, (value: number) => number>> = {
  common: Math.round,
  ceil: Math.ceil,
  floor: Math.floor,
}

/** Looked at, of a text that begins with one. */
const longestNumber = 400

function digits(value: Value, otherwise: number): number {
  const number = numberOf(value ?? otherwise)
  return Number.isNaN(number) ? otherwise : Math.min(Math.max(Math.floor(number), 0), 15)
}

/** As people of the reader's language write it; what is no number stays as it is. */
function written(value: Value, options: Intl.NumberFormatOptions, run: Run, factor = 1): string {
  const number = numberOf(value)
  if (value === undefined || value === null || Number.isNaN(number)) return textOf(value, run)
  run.spend(20)
  return formatter(run.locale, options).format(number * factor)
}

const formatters = new Map<string, Intl.NumberFormat>()

function formatter(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  const known = formatters.get(key)
  if (known !== undefined) return known
  if (formatters.size >= 100) formatters.clear()
  let made: Intl.NumberFormat
  try {
    made = new Intl.NumberFormat(locale, options)
  } catch {
    made = new Intl.NumberFormat('en', options)
  }
  formatters.set(key, made)
  return made
}

const sizes = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

export const numberFilters: Filters = {
  abs: {
    params: [],
    description: 'Without its sign.',
    example: ['{{ -3 | abs }}', '3'],
    apply: (value) => Math.abs(numberOf(value)),
  },
  round: {
    params: ['precision', 'method'],
    description: 'To so many places (0); `method` is `common`, `ceil` or `floor`.',
    example: ['{{ 3.14159 | round(2) }}', '3.14'],
    apply(value, [precision, method], run) {
      const factor = 10 ** digits(precision, 0)
      const rounder = rounders[textOf(method ?? 'common', run)] ?? Math.round
      return rounder(numberOf(value) * factor) / factor
    },
  },
  int: {
    params: ['default', 'base'],
    description: 'As a whole number; `default` (nothing) for what is none.',
    example: ["{{ '42 ms' | int }}", '42'],
    apply(value, [otherwise, base], run) {
      const radix = numberOf(base ?? 10)
      const number = Number.parseInt(textOf(value, run).slice(0, longestNumber), radix >= 2 && radix <= 36 ? radix : 10)
      return Number.isNaN(number) ? otherwise : number
    },
  },
  float: {
    params: ['default'],
    description: 'As a number; `default` (nothing) for what is none.',
    example: ["{{ '1.50' | float }}", '1.5'],
    apply(value, [otherwise], run) {
      const number = Number.parseFloat(textOf(value, run).slice(0, longestNumber))
      return Number.isNaN(number) ? otherwise : number
    },
  },
  number: {
    params: ['decimals'],
    description: "With separators, as in the reader's language, and at most so many decimals (3).",
    example: ['{{ 1234567.5 | number }}', '1,234,567.5'],
    apply: (value, [decimals], run) => written(value, { maximumFractionDigits: digits(decimals, 3) }, run),
  },
  percent: {
    params: ['decimals'],
    description: 'A share of one in percent, with at most so many decimals (1).',
    example: ['{{ 0.125 | percent }}', '12.5%'],
    apply: (value, [decimals], run) =>
      written(value, { style: 'percent', maximumFractionDigits: digits(decimals, 1) }, run),
  },
  filesize: {
    params: [],
    description: 'Bytes as people say it.',
    example: ['{{ 1536 | filesize }}', '1.5 KB'],
    apply(value, _args, run) {
      const bytes = numberOf(value)
      if (value === undefined || value === null || !Number.isFinite(bytes)) return textOf(value, run)
      const power = Math.min(Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10), sizes.length - 1)
      return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${sizes[power]}`
    },
  },
  pluralize: {
    params: ['one', 'many'],
    description: 'The number and a word for it: `many` (the word with an s) unless it is one.',
    example: ["{{ 2 | pluralize('failure') }}", '2 failures'],
    apply(value, [one, many], run) {
      const number =
        isNumber(value) || typeof value === 'string' ? numberOf(value) : Array.isArray(value) ? value.length : 0
      const word = textOf(one, run)
      return run.made(
        `${textOf(Array.isArray(value) ? number : value, run)} ${number === 1 ? word : textOf(many ?? `${word}s`, run)}`,
      )
    },
  },
}
