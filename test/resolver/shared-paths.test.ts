import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RouteIndex } from '../../src/resolver/route-index.js'
import { parseRoute, routeMatches, splitPath } from '../../src/resources/kinds/mock-route.js'
import { declared } from './declared-entry.js'

const segment = fc.constantFrom('a', 'b', ':x', '')
const route = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '/*'))
  .map(([segments, rest]) => `/${segments.join('/')}${rest}`)
const method = fc.constantFrom('GET', 'POST', 'HEAD', undefined)
const paths = ['/', '/a', '/b', '/a/b', '/a/', '/a/b/a', '/b/a/x', '/c', '/c/a', '/a/c/b/d'].map(splitPath)

describe('mocks that share paths with a route', () => {
  it('are all that may answer a request which it accepts', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(route, method), { maxLength: 8 }), route, method, (all, asked, verb) => {
        const mocks = all.map(([text, httpMethod], at) =>
          declared({ name: `m${at}`, route: text, ...(httpMethod !== undefined && { method: httpMethod }) }),
        )
        const index = RouteIndex.empty().with({ add: mocks })
        const wanted = parseRoute(asked, undefined).route
        const shared = new Set([...index.sharing('shop', { route: wanted, method: verb })].map(({ name }) => name))
        for (const { name, program } of mocks) {
          const isCalledSo = verb === undefined || program.method === undefined || program.method === verb
          const meets = paths.some((path) => routeMatches(wanted, path) && routeMatches(program.route, path))
          if (meets && isCalledSo) expect(shared).toContain(name)
        }
      }),
    )
  })

  it('are not those of other namespaces, routes and methods', () => {
    const mocks = [
      declared({ name: 'other', namespace: 'bank', route: '/a' }),
      declared({ name: 'elsewhere', namespace: 'shop', route: '/b/:x' }),
      declared({ name: 'posted', namespace: 'shop', route: '/a', method: 'POST' }),
      declared({ name: 'shorter', namespace: 'shop', route: '/:x' }),
      declared({ name: 'longer', namespace: 'shop', route: '/:x/c/*' }),
    ]
    const index = RouteIndex.empty().with({ add: mocks })
    const names = (text: string) =>
      [...index.sharing('shop', { route: parseRoute(text, undefined).route, method: 'GET' })].map(({ name }) => name)
    expect(names('/a')).toEqual(['shorter'])
    expect(names('/a/*').sort()).toEqual(['longer'])
    expect([...index.sharing('nowhere', { route: parseRoute('/a', undefined).route, method: 'GET' })]).toEqual([])
  })
})
