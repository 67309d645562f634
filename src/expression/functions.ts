import { type Json, RawNumber } from './json.js'

/** A function of the expression language. Pure: what makes a counter atomic is the transaction around the request. */
export interface MathFunction {
  readonly min: number
  readonly max: number
  /** For messages: `increment(value, step)`. */
  readonly signature: string
  /** Undefined when an argument is no number. */
  call(values: readonly (Json | undefined)[]): Json | undefined
}

type Operand = number | bigint

/** The functions by name. An absent value counts as 0, except in a product. */
export const functions: ReadonlyMap<string, MathFunction> = new Map<string, MathFunction>([
  [
    'increment',
    {
      min: 1,
      max: 2,
      signature: 'increment(value) or increment(value, step)',
      call: ([value, by = 1]) => fold([value ?? 0, by], add),
    },
  ],
  [
    'sum',
    {
      min: 1,
      max: 100,
      signature: 'sum(a, b, …), where a list stands for its items',
      call: (values) =>
        fold(
          values.flatMap((value) => (Array.isArray(value) ? value.map((item) => item ?? 0) : [value ?? 0])),
          add,
        ),
    },
  ],
  [
    'subtract',
    {
      min: 2,
      max: 2,
      signature: 'subtract(a, b)',
      call: (values) =>
        fold(
          values.map((value) => value ?? 0),
          subtract,
        ),
    },
  ],
  ['multiply', { min: 2, max: 100, signature: 'multiply(a, b, …)', call: (values) => fold(values, multiply) }],
])

/** True for a number and for a text that is one, as stores and parameters have them. */
export function isNumeric(value: Json): boolean {
  return toOperand(value) !== undefined
}

interface Operation {
  numbers(a: number, b: number): number
  integers(a: bigint, b: bigint): bigint
}

const add: Operation = { numbers: (a, b) => a + b, integers: (a, b) => a + b }
const subtract: Operation = { numbers: (a, b) => a - b, integers: (a, b) => a - b }
const multiply: Operation = { numbers: (a, b) => a * b, integers: (a, b) => a * b }

function fold(values: readonly (Json | undefined)[], operation: Operation): Json | undefined {
  let result: Operand | undefined
  for (const value of values) {
    const operand = toOperand(value)
    if (operand === undefined) return undefined
    result = result === undefined ? operand : apply(result, operand, operation)
    if (typeof result === 'bigint' && bits(result) > maxBits) return undefined
  }
  if (result === undefined) return 0
  if (typeof result === 'bigint') return fromInteger(result)
  return Number.isFinite(result) ? result : undefined
}

/** A counter that is multiplied by itself at each request must not fill the memory. */
const maxBits = 4096

function bits(value: bigint): number {
  return value.toString(16).length * 4
}

function apply(a: Operand, b: Operand, operation: Operation): Operand {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = operation.numbers(a, b)
    if (Number.isSafeInteger(result)) return result
    if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return tidy(result)
  } else if (!isInteger(a) || !isInteger(b)) return tidy(operation.numbers(Number(a), Number(b)))
  return operation.integers(BigInt(a), BigInt(b))
}

function isInteger(value: Operand): boolean {
  return typeof value === 'bigint' || Number.isInteger(value)
}

/** 0.1 + 0.2 is 0.3 to people who mock prices: 15 digits are what a double holds for certain. */
function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(15))
}

function fromInteger(value: bigint): Json {
  const near = Number(value)
  return Number.isSafeInteger(near) ? near : new RawNumber(String(value))
}

function toOperand(value: Json | undefined): Operand | undefined {
  if (typeof value === 'number') return value
  const text = value instanceof RawNumber ? value.text : value
  if (typeof text !== 'string' || text.length > 1000) return undefined
  if (!/^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?\s*$/.test(text)) return undefined
  const number = Number(text)
  if (Number.isInteger(number) && !Number.isSafeInteger(number) && /^\s*-?\d+\s*$/.test(text))
    return BigInt(text.trim())
  return Number.isFinite(number) ? number : undefined
}
