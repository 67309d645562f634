import type { Route } from './mock-program.js'

export interface Claim {
  readonly priority: number
  readonly route: Pick<Route, 'specificity' | 'pattern'>
  readonly method: string | undefined
  readonly conditions: number
  readonly name: string
}

const mostConditions = 0xffff

/**
 * The place of a mock in the total order of choice, as one string: of two mocks that match, the smaller (by code unit)
 * answers. In turn: higher priority, route segment by segment, a route with a pattern besides, a given method, more
 * conditions, name.
 *
 * Every part but the last has a fixed width or ends before a character that is smaller than all of its own, so no part
 * can run into the next.
 */
export function orderOf({ priority, route, method, conditions, name }: Claim): string {
  const constrained = route.pattern !== undefined && !route.specificity.includes('c')
  const fewer = mostConditions - Math.min(conditions, mostConditions)
  return [
    descending(priority),
    route.specificity,
    constrained ? '0' : '1',
    method === undefined ? '1' : '0',
    fewer.toString(16).padStart(4, '0'),
    name,
  ].join('')
}

const view = new DataView(new ArrayBuffer(8))

/** Sixteen hex digits that sort larger numbers first, negative and fractional ones included. */
function descending(value: number): string {
  // Adding 0 makes -0 the same as 0.
  view.setFloat64(0, value + 0)
  const bits = view.getBigUint64(0)
  // Bits of positive doubles sort like the numbers, those of negative ones the other way round.
  const ascending = bits >> 63n === 1n ? ~bits : bits | (1n << 63n)
  return BigInt.asUintN(64, ~ascending).toString(16).padStart(16, '0')
}
