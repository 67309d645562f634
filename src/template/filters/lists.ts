import { isObject, type Json } from '../../expression/json.js'
import { type Condition, conditions } from '../conditions.js'
import { own, type Run, type Value } from '../run.js'
import { compare, elements, entries, isTrue, looseEquals, member, numberOf, textOf } from '../value.js'
import type { Filters } from './filter.js'

type Getter = (item: Value) => Value

/** What `attribute` names in an element: `name`, or `owner.name`. */
function getterOf(path: Value, run: Run): Getter {
  if (path === undefined || path === null) return (item) => item
  const parts = run.made(textOf(path, run)).split('.')
  return (item) => {
    run.spend(parts.length)
    return parts.reduce<Value>((value, part) => member(value, part), item)
  }
}

function list(values: readonly Value[]): Value {
  return values.map((value): Json => value ?? null)
}

/** Of longer texts only the beginning decides where they stand. */
const longestKey = 1000

/** What decides where a value stands in order. */
function keyOf(value: Value, caseSensitive: boolean): Value {
  if (typeof value !== 'string') return value
  const key = value.slice(0, longestKey)
  return caseSensitive ? key : key.toLowerCase()
}

/** Numbers, and texts by their letters; texts after what is neither. */
function order(a: Value, b: Value): number {
  return compare(a, b) ?? (typeof a === 'string' ? 1 : typeof b === 'string' ? -1 : 0)
}

function sorted(values: readonly Value[], by: Getter, caseSensitive: boolean, run: Run): Value[] {
  const keyed = values.map((value) => {
    const key = keyOf(by(value), caseSensitive)
    run.look(key)
    return { value, key }
  })
  run.spend(values.length * Math.log2(values.length + 1))
  return keyed.sort((a, b) => order(a.key, b.key)).map(({ value }) => value)
}

function chosen(value: Value, [test = 'truthy', ...args]: readonly Value[], run: Run, wanted: boolean): Value {
  const check = conditions[textOf(test, run)]
  if (check === undefined) return []
  return list(elements(value, run).filter((item) => passes(check, item, args[0], run) === wanted))
}

function chosenBy(value: Value, [path, ...rest]: readonly Value[], run: Run, wanted: boolean): Value {
  const check = conditions[textOf(rest[0] ?? 'truthy', run)]
  if (check === undefined) return []
  const get = getterOf(path, run)
  return list(elements(value, run).filter((item) => passes(check, get(item), rest[1], run) === wanted))
}

function passes(check: Condition, value: Value, argument: Value, run: Run): boolean {
  run.look(value, argument)
  return check(value, argument, run)
}

function knownTest(name: Value): string | undefined {
  return typeof name !== 'string' || conditions[name] !== undefined ? undefined : `there is no test "${name}"`
}

function extreme(value: Value, path: Value, run: Run, sign: number): Value {
  const get = getterOf(path, run)
  let best: { readonly item: Value; readonly key: Value } | undefined
  for (const item of elements(value, run)) {
    const key = keyOf(get(item), true)
    run.look(key)
    if (best === undefined || (compare(key, best.key) ?? 0) * sign > 0) best = { item, key }
  }
  return best?.item
}

export const listFilters: Filters = {
  length: {
    params: [],
    description: 'How many elements, characters or keys it has.',
    example: ['{{ [1, 2] | length }}', '2'],
    apply(value, _args, run) {
      if (typeof value === 'string' || Array.isArray(value)) return value.length
      return isObject(value) ? entries(value, run).length : 0
    },
  },
  first: {
    params: [],
    description: 'The first element.',
    example: ['{{ [1, 2] | first }}', '1'],
    apply: (value) => member(value, 0),
  },
  last: {
    params: [],
    description: 'The last element.',
    example: ['{{ [1, 2] | last }}', '2'],
    apply: (value) => (typeof value === 'string' || Array.isArray(value) ? member(value, value.length - 1) : undefined),
  },
  join: {
    params: ['separator', 'attribute'],
    description: 'The elements, or an attribute of each, in one text.',
    example: ["{{ [{n: 'a'}, {n: 'b'}] | join(', ', 'n') }}", 'a, b'],
    apply(value, [separator, path], run) {
      const get = getterOf(path, run)
      const texts = elements(value, run).map((item) => textOf(get(item), run))
      const between = textOf(separator, run)
      run.spend(texts.length)
      run.expect(texts.reduce((sum, text) => sum + text.length + between.length, 0))
      return texts.join(between)
    },
  },
  map: {
    params: ['attribute'],
    description: 'An attribute of each element.',
    example: ["{{ [{n: 'a'}, {n: 'b'}] | map('n') | join(' ') }}", 'a b'],
    apply: (value, [path], run) => list(elements(value, run).map(getterOf(path, run))),
  },
  sort: {
    params: ['reverse', 'case_sensitive', 'attribute'],
    description: 'In order, by an attribute when given.',
    example: ["{{ ['b', 'a'] | sort | join }}", 'ab'],
    apply(value, [reverse, caseSensitive, path], run) {
      const inOrder = sorted(elements(value, run), getterOf(path, run), isTrue(caseSensitive), run)
      return list(isTrue(reverse) ? inOrder.reverse() : inOrder)
    },
  },
  dictsort: {
    params: ['case_sensitive', 'by'],
    description: "Keys and values of an object in the order of its keys, or of its values with `by='value'`.",
    example: ['{% for k, v in {b: 2, a: 1} | dictsort %}{{ k }}{{ v }} {% endfor %}', 'a1 b2 '],
    apply(value, [caseSensitive, by], run) {
      if (!isObject(value)) return []
      const index = by === 'value' ? 1 : 0
      return list(sorted(entries(value, run), (pair) => member(pair, index), isTrue(caseSensitive), run))
    },
  },
  items: {
    params: [],
    description: 'Keys and values of an object.',
    example: ['{% for k, v in {a: 1} | items %}{{ k }}={{ v }}{% endfor %}', 'a=1'],
    apply: (value, _args, run) => (isObject(value) ? entries(value, run) : []),
  },
  keys: {
    params: [],
    description: 'The keys of an object.',
    example: ['{{ {a: 1, b: 2} | keys | join }}', 'ab'],
    apply: (value, _args, run) => (isObject(value) ? entries(value, run).map(([key]) => key) : []),
  },
  values: {
    params: [],
    description: 'The values of an object.',
    example: ['{{ {a: 1, b: 2} | values | sum }}', '3'],
    apply: (value, _args, run) => (isObject(value) ? entries(value, run).map(([, each]) => each) : []),
  },
  list: {
    params: [],
    description: 'The characters of a text; the entries of an object as `{key, value}`.',
    example: ["{{ 'abc' | list | last }}", 'c'],
    apply(value, _args, run) {
      if (!isObject(value)) return list(elements(value, run))
      return list(entries(value, run).map(([key, each]) => record({ key, value: each })))
    },
  },
  reverse: {
    params: [],
    description: 'From the end to the beginning.',
    example: ["{{ 'abc' | reverse }}", 'cba'],
    apply(value, _args, run) {
      const turned = [...elements(value, run)].reverse()
      run.spend(turned.length)
      if (typeof value !== 'string') return list(turned)
      return turned.map((character) => textOf(character, run)).join('')
    },
  },
  unique: {
    params: ['attribute'],
    description: 'Each value once, by an attribute when given.',
    example: ['{{ [1, 2, 1] | unique | join }}', '12'],
    apply(value, [path], run) {
      const seen = new Set<string>()
      const get = getterOf(path, run)
      return list(
        elements(value, run).filter((item) => {
          const key = textOf(get(item), run)
          run.look(key)
          return !seen.has(key) && seen.add(key)
        }),
      )
    },
  },
  groupby: {
    params: ['attribute'],
    description: 'An object of lists: the elements by what the attribute says.',
    example: ["{% for s, l in [{s: 'ok'}, {s: 'ok'}] | groupby('s') %}{{ s }}: {{ l | length }}{% endfor %}", 'ok: 2'],
    apply(value, [path], run) {
      const groups = new Map<string, Value[]>()
      const get = getterOf(path, run)
      for (const item of elements(value, run)) {
        const key = textOf(get(item), run)
        run.look(key)
        const group = groups.get(key)
        if (group === undefined) groups.set(key, [item])
        else group.push(item)
      }
      return record(Object.fromEntries([...groups].map(([key, items]) => [key, list(items)])))
    },
  },
  batch: {
    params: ['count', 'fill'],
    description: 'Lists of so many elements each.',
    example: ['{{ [1, 2, 3] | batch(2) | json }}', '[[1,2],[3]]'],
    apply(value, [count, fill], run) {
      const size = Math.min(Math.max(1, Math.floor(numberOf(count)) || 1), 10_000)
      const items = elements(value, run)
      run.spend(items.length)
      const batches: Value[][] = []
      for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size))
      const last = batches.at(-1)
      if (fill !== undefined && last !== undefined) {
        run.spend(size)
        while (last.length < size) last.push(fill)
      }
      return list(batches.map(list))
    },
  },
  slice: {
    params: ['count', 'fill'],
    description: 'So many lists, as equally long as can be.',
    example: ['{{ [1, 2, 3] | slice(2) | json }}', '[[1,2],[3]]'],
    apply(value, [count, fill], run) {
      const slices = Math.min(Math.max(1, Math.floor(numberOf(count)) || 1), 10_000)
      const items = elements(value, run)
      run.spend(items.length + slices)
      const [size, extra] = [Math.floor(items.length / slices), items.length % slices]
      return list(
        Array.from({ length: slices }, (_, index) => {
          const from = index * size + Math.min(index, extra)
          const part = items.slice(from, from + size + (index < extra ? 1 : 0))
          return list(fill !== undefined && index >= extra ? [...part, fill] : part)
        }),
      )
    },
  },
  select: {
    params: ['test', 'argument'],
    description: 'The elements that pass a test, such as `odd`; those that are not empty or false without one.',
    example: ["{{ [1, 2, 3] | select('odd') | join }}", '13'],
    apply: (value, args, run) => chosen(value, args, run, true),
    check: ([test]) => knownTest(test),
  },
  reject: {
    params: ['test', 'argument'],
    description: 'The elements that do not pass a test.',
    example: ["{{ [1, 2, 3] | reject('odd') | join }}", '2'],
    apply: (value, args, run) => chosen(value, args, run, false),
    check: ([test]) => knownTest(test),
  },
  selectattr: {
    params: ['attribute', 'test', 'argument'],
    description: 'The elements whose attribute passes a test; is not empty or false without one.',
    example: ["{{ [{s: 'ok'}, {s: 'no'}] | selectattr('s', 'eq', 'ok') | length }}", '1'],
    apply: (value, args, run) => chosenBy(value, args, run, true),
    check: ([, test]) => knownTest(test),
  },
  rejectattr: {
    params: ['attribute', 'test', 'argument'],
    description: 'The elements whose attribute does not pass a test.',
    example: ["{{ [{s: 'ok'}, {s: 'no'}] | rejectattr('s', 'eq', 'ok') | length }}", '1'],
    apply: (value, args, run) => chosenBy(value, args, run, false),
    check: ([, test]) => knownTest(test),
  },
  sum: {
    params: ['attribute', 'start'],
    description: 'All elements, or an attribute of each, added up.',
    example: ["{{ [{n: 1}, {n: 2}] | sum('n') }}", '3'],
    apply(value, [path, start], run) {
      const get = getterOf(path, run)
      const numbers = elements(value, run).map((item) => numberOf(get(item)))
      return numbers.reduce((sum, number) => sum + (Number.isNaN(number) ? 0 : number), numberOf(start ?? 0))
    },
  },
  min: {
    params: ['attribute'],
    description: 'The smallest element, by an attribute when given.',
    example: ['{{ [3, 1, 2] | min }}', '1'],
    apply: (value, [path], run) => extreme(value, path, run, -1),
  },
  max: {
    params: ['attribute'],
    description: 'The largest element, by an attribute when given.',
    example: ['{{ [3, 1, 2] | max }}', '3'],
    apply: (value, [path], run) => extreme(value, path, run, 1),
  },
  default: {
    params: ['value', 'boolean'],
    description: 'Something else where there is nothing; also for what is empty or false with `true`.',
    example: ["{{ payload.nothing | default('none') }}", 'none'],
    apply: otherwise,
  },
  d: {
    params: ['value', 'boolean'],
    description: 'As `default`.',
    example: ["{{ payload.nothing | d('none') }}", 'none'],
    apply: otherwise,
  },
  count: {
    params: ['value'],
    description: 'How often a value is in a list.',
    example: ["{{ ['a', 'b', 'a'] | count('a') }}", '2'],
    apply: (value, [wanted], run) =>
      elements(value, run).filter((item) => passes(looseEquals, item, wanted, run)).length,
  },
}

function otherwise(value: Value, [other, boolean]: readonly Value[]): Value {
  if (isTrue(boolean)) return isTrue(value) ? value : other
  return value === undefined || value === null ? other : value
}

function record(values: Record<string, Value>): Value {
  const made = Object.create(null) as { [key: string]: NonNullable<Value> | null }
  for (const key of Object.keys(values)) {
    const value = own(values, key)
    if (value !== undefined) made[key] = value
  }
  return made
}
