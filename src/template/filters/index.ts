import type { Filter, Filters } from './filter.js'
import { listFilters } from './lists.js'
import { numberFilters } from './numbers.js'
import { textFilters } from './text.js'
import { timeFilters } from './times.js'

const all: Filters = { ...textFilters, ...listFilters, ...numberFilters, ...timeFilters }

/** Every filter, by its name. */
export const filters: ReadonlyMap<string, Filter> = new Map(Object.entries(all))

/** Filters that other template languages have, and what to write instead. */
export const otherFilters: Readonly<Record<string, string>> = {
  random: 'a message reads the same whenever it is rendered: use first or last',
  urlize: 'channels make links of URLs by themselves',
  attr: 'write value.name or value["name"]',
  tojson: 'write json',
  to_json: 'write json',
  strftime: 'write date',
  len: 'write length',
  size: 'write length',
  toUpper: 'write upper',
  toLower: 'write lower',
  trimSpace: 'write trim',
  printf: 'put texts together with ~',
  html: 'write escape',
}
