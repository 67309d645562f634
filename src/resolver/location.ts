// Where a request goes: its URL split into namespace, path and query. Nothing is decoded before it is split.

import { splitPath } from '../resources/kinds/mock-route.js'

export interface Location {
  readonly namespace: string
  /** The path as sent, without the query. */
  readonly path: string
  /** The path within the namespace as sent; begins with `/`. */
  readonly route: string
  /** `route` split and percent-decoded. */
  readonly segments: readonly string[]
  /** As sent, without the question mark. */
  readonly query: string
}

const stubs = '/stubs/'

/** Reads a request target in origin form (`/path?query`) or absolute form (`http://host/path?query`). */
export function locate(target: string, defaultNamespace: string): Location {
  const url = target.charCodeAt(0) === 47 ? readable(target) : readable(withoutAuthority(target))
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? '' : url.slice(mark + 1)
  if (!path.startsWith(stubs))
    return { namespace: defaultNamespace, path, route: path, segments: splitPath(path), query }
  const slash = path.indexOf('/', stubs.length)
  const namespace = slash < 0 ? path.slice(stubs.length) : path.slice(stubs.length, slash)
  if (namespace === '') return { namespace: defaultNamespace, path, route: path, segments: splitPath(path), query }
  const route = slash < 0 ? '/' : path.slice(slash)
  return { namespace, path, route, segments: splitPath(route), query }
}

/** Absolute form, as proxies send it; `*` stays `*`. */
function withoutAuthority(target: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target)
  if (scheme === null) return target
  const rest = target.slice(scheme[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Clients that do not percent-encode send UTF-8, which arrives byte by byte; a fragment is not part of a request. */
function readable(url: string): string {
  const hash = url.indexOf('#')
  const bare = hash < 0 ? url : url.slice(0, hash)
  for (let at = 0; at < bare.length; at += 1) {
    if (bare.charCodeAt(at) > 0x7f) return Buffer.from(bare, 'latin1').toString('utf8')
  }
  return bare
}

export type NamedValues = Record<string, string | string[]>

const unsafe = new Set(['__proto__', 'constructor', 'prototype'])

/** Adds a value; a second one under the same name makes a list. Names that could reach a prototype are dropped. */
export function addNamed(values: NamedValues, name: string, value: string): void {
  if (unsafe.has(name)) return
  const before = values[name]
  if (before === undefined) values[name] = value
  else if (typeof before === 'string') values[name] = [before, value]
  else before.push(value)
}

/** `a=1&b=2&b=3` as `{a: '1', b: ['2', '3']}`, null prototype; what does not decode stays as it was sent. */
export function parsePairs(text: string): NamedValues {
  const values: NamedValues = Object.create(null)
  if (text === '') return values
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    if (equals < 0) addNamed(values, decodePart(pair), '')
    else addNamed(values, decodePart(pair.slice(0, equals)), decodePart(pair.slice(equals + 1)))
  }
  return values
}

function decodePart(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

export function valuesOf(values: NamedValues, name: string): readonly string[] {
  const value = values[name]
  if (value === undefined) return none
  return typeof value === 'string' ? [value] : value
}

const none: readonly string[] = Object.freeze([])
