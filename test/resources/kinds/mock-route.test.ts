import { describe, expect, it } from 'vitest'
import { parseRoute, pathParams, routeMatches, splitPath } from '../../../src/resources/kinds/mock-route.js'

describe('splitPath', () => {
  const cases: [path: string, segments: string[]][] = [
    ['/', ['']],
    ['', ['']],
    ['/a/b', ['a', 'b']],
    ['/a/', ['a', '']],
    ['//a', ['', 'a']],
    ['/a%20b/%C3%A9', ['a b', 'é']],
    ['/a%2Fb', ['a/b']],
    ['/%zz/%41', ['%zz', 'A']],
    ['/%C3', ['%C3']],
    ['/a+b', ['a+b']],
  ]
  for (const [path, segments] of cases)
    it(`splits ${JSON.stringify(path)}`, () => expect(splitPath(path)).toEqual(segments))
})

describe('parseRoute', () => {
  const specificities: [route: string | undefined, pattern: string | undefined, specificity: string][] = [
    ['/', undefined, 'a'],
    ['/a/:b/c', undefined, 'aba'],
    ['/a/*', undefined, 'ad'],
    ['/*', undefined, 'd'],
    ['/a/', undefined, 'aa'],
    [undefined, '/a/b/\\d+', 'aac'],
    [undefined, '^/a/b/\\d+$', 'aac'],
    [undefined, '/a/b', 'ac'],
    [undefined, '/ab*/c', 'c'],
    [undefined, '/a/b?', 'ac'],
    [undefined, '/v1\\.0/x.*', 'ac'],
    [undefined, '/a/.*|/b/.*', 'c'],
    [undefined, '/a/(b|c)', 'ac'],
    [undefined, '/a/[(]|/c', 'c'],
    [undefined, '/a/[]|)]', 'ac'],
    [undefined, '(?i)/a/b/.*', 'c'],
    [undefined, '\\Q/a/\\E.*', 'c'],
    ['/a/:id', '/a/\\d+', 'ab'],
  ]
  for (const [route, pattern, specificity] of specificities) {
    it(`ranks ${[route, pattern].filter(Boolean).join(' with ')} as ${specificity}`, () => {
      expect(parseRoute(route, pattern).route.specificity).toBe(specificity)
      expect(parseRoute(route, pattern).findings).toEqual([])
    })
  }

  const matches: [route: string | undefined, pattern: string | undefined, path: string, want: boolean][] = [
    [undefined, '/a/.*|/b/.*', '/b/x', true],
    [undefined, '/a|/ab', '/ab', true],
    [undefined, '/a/[(]|/c', '/c', true],
    [undefined, '/users/\\d+', '/users/12', true],
    [undefined, '/users/\\d+', '/users/12/x', false],
    [undefined, '/a b', '/a%20b', true],
    ['/u/:id', '/u/\\d+', '/u/x', false],
    ['/a%20b', undefined, '/a b', true],
    ['/a%2Fb', undefined, '/a/b', false],
    ['/v1:batch', undefined, '/v1:batch', true],
  ]
  for (const [route, pattern, path, want] of matches) {
    it(`${want ? 'matches' : 'does not match'} ${path} with ${[route, pattern].filter(Boolean).join(' and ')}`, () => {
      expect(routeMatches(parseRoute(route, pattern).route, splitPath(path))).toBe(want)
    })
  }

  const problems: [route: string | undefined, pattern: string | undefined, severity: string, text: RegExp][] = [
    [undefined, undefined, 'error', /needs "route" or "routePattern"/],
    ['/a/:id/:id', undefined, 'error', /":id" stands twice/],
    ['/a/:', undefined, 'error', /":" without a name/],
    ['/a/:id?', undefined, 'error', /":id\?" is not a parameter name/],
    ['/a/:id.json', undefined, 'error', /not a parameter name/],
    ['/a/:__proto__', undefined, 'error', /never resolve/],
    ['/a/*/b', undefined, 'error', /only as the last segment/],
    ['/a/x*', undefined, 'error', /stands alone/],
    ['/a?b=1', undefined, 'error', /has a "\?"/],
    ['/a#b', undefined, 'error', /has a "#"/],
    ['https://host/a', undefined, 'error', /is a URL/],
    ['/a//b', undefined, 'warning', /empty segment/],
    ['/a/{id}', undefined, 'warning', /matched letter by letter/],
    ['/100%', undefined, 'warning', /starts no percent-encoded text/],
    [undefined, '/(a', 'error', /missing closing \)/],
    [undefined, '/(?=a)', 'error', /look-ahead/],
    [undefined, 'users/\\d+', 'warning', /never matches/],
  ]
  for (const [route, pattern, severity, text] of problems) {
    it(`says what is wrong with ${JSON.stringify(route ?? pattern ?? 'nothing')}`, () => {
      const [finding] = parseRoute(route, pattern).findings
      expect(finding?.severity).toBe(severity)
      expect(finding?.message).toMatch(text)
      expect(finding?.pointer).toBe(
        route !== undefined ? '/spec/http/route' : pattern !== undefined ? '/spec/http/routePattern' : '/spec/http',
      )
    })
  }

  it('keeps path parameters off the prototype', () => {
    const { route } = parseRoute('/:a/:b', undefined)
    const params = pathParams(route, ['x', 'y'])
    expect([Object.getPrototypeOf(params), params.a, params.b]).toEqual([null, 'x', 'y'])
  })

  it('reads a route of a thousand segments as a problem', () => {
    expect(parseRoute('/a'.repeat(1000), undefined).findings[0]?.message).toContain('1000 segments')
  })
})
