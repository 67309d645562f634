// gt, gte, lt and lte: as numbers, else as ISO dates, else false. What differs between them is one comparison.

import { type Json, RawNumber } from '../json.js'
import { preview } from '../preview.js'
import { type Action, ActionError } from './action.js'

function order(name: string, words: string, accepts: (sign: number) => boolean): Action {
  return {
    name,
    words,
    takes: 'json',
    whenAbsent: false,
    needs: 'one',
    compile: ({ value }) => {
      const number = toNumber(value)
      if (number !== undefined) {
        return (found) => {
          const other = toNumber(found)
          return other !== undefined && accepts(compareNumbers(other, number))
        }
      }
      const date = toDate(value)
      if (date === undefined) {
        throw new ActionError(
          'condition-value',
          `the value of ${name} must be a number or an ISO date, found ${preview(value, 60)}`,
          'for example 100, 2026-01-31 or 2026-01-31T12:00:00Z',
        )
      }
      return (found) => {
        const other = toDate(found)
        return other !== undefined && accepts(other - date)
      }
    },
  }
}

export const gt = order('gt', 'is greater than', (sign) => sign > 0)
export const gte = order('gte', 'is at least', (sign) => sign >= 0)
export const lt = order('lt', 'is less than', (sign) => sign < 0)
export const lte = order('lte', 'is at most', (sign) => sign <= 0)

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** A number with its text, where the text may say more than a double can. */
type Numeric = { readonly double: number; readonly text: string }

function toNumber(value: Json): Numeric | undefined {
  if (typeof value === 'number') return { double: value, text: '' }
  const text = value instanceof RawNumber ? value.text : typeof value === 'string' ? value.trim() : ''
  return text.length > 0 && text.length <= 400 && decimal.test(text) ? { double: Number(text), text } : undefined
}

function compareNumbers(a: Numeric, b: Numeric): number {
  if (a.double !== b.double) return a.double < b.double ? -1 : 1
  if (a.text.length < 16 && b.text.length < 16) return 0
  // Two numbers that are one double: compare the digits where both are whole numbers, as long ids are.
  const left = toInteger(a)
  const right = toInteger(b)
  if (left === undefined || right === undefined || left === right) return 0
  return left < right ? -1 : 1
}

function toInteger({ double, text }: Numeric): bigint | undefined {
  if (text === '') return Number.isInteger(double) ? BigInt(double) : undefined
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined
}

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/

/** Milliseconds since 1970, with fractions; a date without a zone is UTC, so that every machine agrees. */
function toDate(value: Json): number | undefined {
  const match = typeof value === 'string' && value.length <= 50 ? iso.exec(value.trim()) : null
  if (match === null) return undefined
  const part = (index: number) => Number(match[index] ?? 0)
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)]
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day < 1 || day > lastDay || hour > 23 || minute > 59 || second > 60) return undefined
  const time = new Date(0)
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, second)
  const shift = (part(10) * 60 + part(11)) * 60_000
  return time.getTime() + part(7) * 1000 + (match[9] === '-' ? shift : -shift)
}
