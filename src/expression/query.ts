import { createRequire } from 'node:module'
import type { JSONPathEnvironment, JSONPathNode, JSONValue } from 'json-p3'
import type { RE2JS } from 're2js'
import { type Json, RawNumber } from './json.js'

/** These keys are never looked up, so that no path leads out of the data. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** More values than this are not collected: the query then finds nothing. */
const maxNodes = 10_000

/** Compiles an RFC 9535 query; throws when it is none. Running it never throws, undefined means it went out of bounds. */
export function compileQuery(path: string): (value: Json) => Json[] | undefined {
  const query = load().compile(path)
  return (value) => {
    const found: Json[] = []
    try {
      for (const node of query.lazyQuery(value as JSONValue)) {
        if (!isData(node)) continue
        if (found.length >= maxNodes) return undefined
        found.push(node.value as Json)
      }
    } catch {
      // Deeper than the library goes.
      return undefined
    }
    return found
  }
}

let environment: JSONPathEnvironment | undefined

/** Most programs have no filter and no wildcard, so the two libraries wait until one does. */
function load(): JSONPathEnvironment {
  environment ??= create()
  return environment
}

function create(): JSONPathEnvironment {
  const require = createRequire(import.meta.url)
  const { FunctionExpressionType, JSONPathEnvironment: Standard } = require('json-p3') as typeof import('json-p3')
  const { RE2JS } = require('re2js') as typeof import('re2js')

  /** RFC 9535 over our values: a `RawNumber` has no members, forbidden keys are not seen. */
  class Environment extends Standard {
    override entries(value: { [key: string]: JSONValue }): Array<[string, JSONValue]> {
      if ((value as unknown) instanceof RawNumber) return []
      return Object.entries(value).filter(([key]) => !forbiddenKeys.has(key))
    }
  }

  // The library's own use backtracking expressions, which a pattern from a request could make run for minutes.
  const standard = new Environment()
  const regex = regexCache((pattern) => RE2JS.compile(pattern))
  const types = {
    argTypes: [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType],
    returnType: FunctionExpressionType.LogicalType,
  }
  standard.functionRegister.set('match', {
    ...types,
    call: (text, pattern) => typeof text === 'string' && (regex(pattern)?.matches(text) ?? false),
  })
  standard.functionRegister.set('search', {
    ...types,
    call: (text, pattern) => typeof text === 'string' && (regex(pattern)?.matcher(text).find() ?? false),
  })
  return standard
}

/** Patterns may come from the data, so the last few are kept, not all. */
function regexCache(compile: (pattern: string) => RE2JS): (pattern: unknown) => RE2JS | undefined {
  const known = new Map<string, RE2JS | undefined>()
  return (pattern) => {
    if (typeof pattern !== 'string') return undefined
    if (known.has(pattern)) return known.get(pattern)
    if (known.size >= 100) known.clear()
    let compiled: RE2JS | undefined
    try {
      compiled = compile(pattern)
    } catch {
      compiled = undefined
    }
    known.set(pattern, compiled)
    return compiled
  }
}

/** False for what lies behind a forbidden key, and for the insides of a number that keeps its text. */
function isData({ location, root }: JSONPathNode): boolean {
  if (location.some((key) => typeof key === 'string' && forbiddenKeys.has(key))) return false
  if (location.at(-1) !== 'text') return true
  let parent: unknown = root
  for (const key of location.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[key]
  return !(parent instanceof RawNumber)
}
