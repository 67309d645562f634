// A route as declared, and paths as requested: both are split into segments here, so that they cannot be read in two ways.

import { compileRegex, type Regex, RegexError } from '../../expression/regex.js'
import type { Finding } from '../problem.js'
import type { Route, RouteSegment } from './mock-program.js'

const maxRouteLength = 4096
const maxSegments = 64
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype'])

export interface ParsedRoute {
  readonly route: Route
  /** Pointers lead from the document. */
  readonly findings: readonly Finding[]
}

/**
 * Splits a request's path into segments and percent-decodes each, so that `%2F` stays inside its segment.
 * `/` and the empty path are one empty segment; a sequence that does not decode stays as it was sent.
 */
export function splitPath(path: string): string[] {
  const segments = (path.charCodeAt(0) === 47 ? path.slice(1) : path).split('/')
  if (!path.includes('%')) return segments
  return segments.map(decodeSegment)
}

/** The path that a `routePattern` is held against. */
export function joinPath(segments: readonly string[]): string {
  return `/${segments.join('/')}`
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/**
 * Compiles `http.route` and `http.routePattern`; with both given a path has to satisfy both. Never throws: a route that
 * cannot be read comes back with an error among the findings, and matches what could be read of it. `checked`: the pattern
 * is known to compile, which is left to when it is first asked.
 */
export function parseRoute(
  route: string | undefined,
  routePattern: string | undefined,
  checked: boolean = false,
): ParsedRoute {
  const findings: Finding[] = []
  const pattern = routePattern === undefined ? undefined : compilePattern(routePattern, findings, checked)
  if (route === undefined && routePattern === undefined) {
    findings.push(problem('/spec/http', 'route-missing', 'a mock needs "route" or "routePattern"', 'add: route: /path'))
  }
  const segments =
    route === undefined && routePattern !== undefined
      ? patternSegments(routePattern)
      : routeSegments(route ?? '/', findings)
  return {
    route: {
      text: [route, routePattern === undefined ? undefined : `~ ${routePattern}`]
        .filter((part) => part !== undefined)
        .join(' '),
      segments,
      specificity: segments.map(({ type }) => letters[type]).join(''),
      ...(pattern === undefined ? {} : { pattern }),
    },
    findings,
  }
}

/** The values of a route's `:param` segments in a path that the route matches. Null prototype. */
export function pathParams(route: Route, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (const [index, segment] of route.segments.entries()) {
    if (segment.type === 'param') values[segment.name] = segments[index] ?? ''
  }
  return values
}

/** True when the route matches the path; the mock index finds the same without trying every route. */
export function routeMatches(route: Route, segments: readonly string[]): boolean {
  for (const [index, expected] of route.segments.entries()) {
    const found = segments[index]
    if (found === undefined) return false
    if (expected.type === 'wildcard' || expected.type === 'pattern') return patternMatches(route, segments)
    if (expected.type === 'literal' ? found !== expected.text : found === '') return false
  }
  return segments.length === route.segments.length && patternMatches(route, segments)
}

function patternMatches({ pattern }: Route, segments: readonly string[]): boolean {
  return pattern === undefined || pattern.test(joinPath(segments))
}

const letters: Readonly<Record<RouteSegment['type'], string>> = {
  literal: 'a',
  param: 'b',
  pattern: 'c',
  wildcard: 'd',
}

function routeSegments(route: string, findings: Finding[]): RouteSegment[] {
  const at = '/spec/http/route'
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(route)) {
    findings.push(
      problem(at, 'route-syntax', `"${route}" is a URL; a route is the path alone`, 'leave out scheme and host'),
    )
  }
  const query = /[?#]/.exec(route)
  if (query !== null && !/\/:[^/]*\?$/.test(route)) {
    const hint = query[0] === '?' ? 'move the query to "queryParams"' : 'a fragment is never sent; leave it out'
    findings.push(problem(at, 'route-syntax', `"${route}" has a "${query[0]}", which a path cannot contain`, hint))
  }
  if (route.length > maxRouteLength) {
    findings.push(
      problem(at, 'route-syntax', `the route has ${route.length} characters; at most ${maxRouteLength} are read`),
    )
  }
  const texts = route.slice(0, maxRouteLength).replace(/^\//, '').split('/')
  if (texts.length > maxSegments) {
    findings.push(
      problem(at, 'route-syntax', `the route has ${texts.length} segments; at most ${maxSegments} are read`),
    )
  }
  const names = new Set<string>()
  return texts.slice(0, maxSegments).map((text, index) => {
    const last = index === texts.length - 1
    const segment = routeSegment(text, last, at, findings)
    if (segment.type === 'param') {
      if (names.has(segment.name)) {
        findings.push(
          problem(
            at,
            'route-param',
            `":${segment.name}" stands twice in the route`,
            'give each parameter its own name',
          ),
        )
      }
      names.add(segment.name)
    }
    return segment
  })
}

function routeSegment(text: string, last: boolean, at: string, findings: Finding[]): RouteSegment {
  if (text === '*' && last) return { type: 'wildcard' }
  if (text.includes('*')) {
    const rule = '"*" stands alone and only as the last segment'
    findings.push(
      problem(at, 'route-syntax', `${rule}, found "${text}"`, 'use ":name" for one segment, or "routePattern"'),
    )
    return last ? { type: 'wildcard' } : { type: 'param', name: '*' }
  }
  if (text.startsWith(':')) return paramSegment(text.slice(1), at, findings)
  if (/^\{[^}]*\}$/.test(text)) {
    findings.push(
      warning(
        at,
        'route-syntax',
        `"${text}" is matched letter by letter`,
        `write ":${text.slice(1, -1)}" for a parameter`,
      ),
    )
  }
  if (text === '' && !last) {
    findings.push(warning(at, 'route-syntax', 'the route has an empty segment ("//")', 'write a single "/"'))
  }
  return { type: 'literal', text: decodeRouteText(text, at, findings) }
}

function paramSegment(name: string, at: string, findings: Finding[]): RouteSegment {
  if (name === '') {
    findings.push(problem(at, 'route-param', 'a ":" without a name', 'name the parameter: ":id"'))
  } else if (forbiddenNames.has(name)) {
    findings.push(
      problem(at, 'route-param', `":${name}" is a name that expressions never resolve`, 'choose another name'),
    )
  } else if (!/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name)) {
    const hint = name.endsWith('?')
      ? 'declare two mocks, with and without the segment'
      : 'a parameter is a whole segment of letters, digits, "_" and "-"; for parts of a segment use "routePattern"'
    findings.push(problem(at, 'route-param', `":${name}" is not a parameter name`, hint))
  }
  return { type: 'param', name }
}

function decodeRouteText(text: string, at: string, findings: Finding[]): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    findings.push(
      warning(
        at,
        'route-syntax',
        `"${text}" has a "%" that starts no percent-encoded text`,
        'write "%25" for the sign itself',
      ),
    )
    return text
  }
}

function compilePattern(source: string, findings: Finding[], checked: boolean): Route['pattern'] {
  if (checked) {
    let regex: Regex | undefined
    return {
      source,
      test: (path) => {
        regex ??= wholePath(source)
        return regex.test(path)
      },
    }
  }
  const at = '/spec/http/routePattern'
  const head = source.replace(/^\^/, '')
  if (/^[A-Za-z0-9]/.test(head) && !hasAlternative(head)) {
    const hint = `write "/${head}"`
    findings.push(
      warning(
        at,
        'route-pattern',
        'the pattern never matches: it is held against the whole path, which starts with "/"',
        hint,
      ),
    )
  }
  try {
    // On its own first, so that a message shows the pattern as it was written.
    compileRegex(source)
    const whole = wholePath(source)
    return { source, test: (path) => whole.test(path) }
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    findings.push(problem(at, 'route-pattern', error.message, error.hint))
    return undefined
  }
}

function wholePath(source: string): Regex {
  return compileRegex(`^(?:${source})$`)
}

/** Segments before the first one that the expression leaves open; they are known without running it. */
function patternSegments(source: string): RouteSegment[] {
  const prefix = literalPrefix(source)
  // What follows the prefix's last slash may be the beginning of a longer segment.
  const texts = prefix.startsWith('/') ? prefix.split('/').slice(1, -1) : []
  const segments: RouteSegment[] = texts.slice(0, maxSegments - 1).map((text) => ({ type: 'literal', text }))
  return [...segments, { type: 'pattern' }]
}

/** The text every match starts with: plain characters up to the first construct, none when there are alternatives. */
function literalPrefix(source: string): string {
  if (hasAlternative(source)) return ''
  let prefix = ''
  for (let index = source.startsWith('^') ? 1 : 0; index < source.length; index += 1) {
    const char = source.charAt(index)
    if (/[*?+{]/.test(char)) return prefix.slice(0, -1)
    if (/[.[\](){}|^$]/.test(char)) return prefix
    if (char === '\\') {
      index += 1
      const escaped = source.charAt(index)
      // A letter or digit after the backslash is a class, an anchor or a code point, not itself.
      if (escaped === '' || /[A-Za-z0-9]/.test(escaped)) return prefix
      prefix += escaped
    } else prefix += char
  }
  return prefix
}

/** True when a `|` outside groups and classes makes the whole pattern a choice. Errs towards true. */
function hasAlternative(source: string): boolean {
  let depth = 0
  for (let index = 0; index < source.length; index += 1) {
    const char = source.charAt(index)
    if (char === '\\') index += 1
    else if (char === '[') index = endOfClass(source, index)
    else if (char === '(') depth += 1
    else if (char === ')') depth -= 1
    else if (char === '|' && depth <= 0) return true
  }
  return false
}

function endOfClass(source: string, start: number): number {
  // Directly after the opening bracket, "]" is a member of the class.
  let index = start + (source.charAt(start + 1) === '^' ? 3 : 2)
  while (index < source.length && source.charAt(index) !== ']') index += source.charAt(index) === '\\' ? 2 : 1
  return index
}

function problem(pointer: string, rule: string, message: string, hint?: string): Finding {
  return { rule, severity: 'error', pointer, message, ...(hint === undefined ? {} : { hint }) }
}

function warning(pointer: string, rule: string, message: string, hint?: string): Finding {
  return { rule, severity: 'warning', pointer, message, ...(hint === undefined ? {} : { hint }) }
}
