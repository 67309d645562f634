import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kinds } from '../../src/resources/kinds/index.js'
import { visitMarks } from '../../src/resources/marks.js'
import { publicFacts } from '../../src/resources/public-facts.js'
import type { Json } from '../../src/resources/resource.js'
import { resolveSchema, type Schema, schemaFile } from '../../src/resources/schemas.js'

describe('what of a resource may be told to anybody', () => {
  it.each([
    ['Channel', { type: 'slack', config: {} }, { type: 'slack', enabled: true }],
    ['Channel', { type: 'slack', config: {}, enabled: false }, { type: 'slack', enabled: false }],
    ['UserBinding', { user: 'ann', channel: 'ops' }, { enabled: true }],
    ['NamespaceWebhook', { operation: 'mock.create', url: 'https://a.example' }, { type: 'http', enabled: true }],
    ['User', { email: 'ann@example.com' }, {}],
    ['Mock', { http: { route: '/a' } }, {}],
    ['Namespace', null, {}],
    ['Unknown', { type: 'x', enabled: true }, {}],
  ])('%s %j: %j', (kind, spec, facts) => {
    expect(publicFacts({ kind, spec })).toEqual(facts)
  })

  /** A value that has something at every place that a schema knows of. */
  function filled(schema: Schema, file: string, canary: string, depth = 0): Json {
    const { schema: own, name } = resolveSchema(schema, file)
    if (own.writeOnly === true || own['x-secret'] !== undefined) return `secret ${canary}`
    const properties: { [key: string]: Json } = {}
    for (const branch of [own, ...(own.allOf ?? []).flatMap(({ then }) => (then === undefined ? [] : [then]))]) {
      const { schema: found, name: at } = resolveSchema(branch, name)
      for (const [key, child] of Object.entries(found.properties ?? {})) {
        const value = depth > 6 ? `plain ${canary}` : filled(child, at, canary, depth + 1)
        const known = properties[key]
        properties[key] = isPlain(known) && isPlain(value) ? { ...known, ...value } : isPlain(known) ? known : value
      }
    }
    if (Object.keys(properties).length > 0) return properties
    if (own.items !== undefined && depth < 6) return [filled(own.items, name, canary, depth + 1)]
    if (typeof own.additionalProperties === 'object' && depth < 6) {
      return { any: filled(own.additionalProperties, name, canary, depth + 1) }
    }
    return `plain ${canary}`
  }

  const isPlain = (value: Json | undefined): value is { [key: string]: Json } =>
    typeof value === 'object' && value !== null && !Array.isArray(value)

  it('is never something that a schema calls secret, whatever is written there', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.constantFrom(...kinds.values()), fc.string({ minLength: 8 }), ({ kind, schema }, canary) => {
        const spec = filled(schemaFile(schema).properties?.spec ?? {}, schema, canary)
        visitMarks(schema, spec, (mark, path) => {
          if (mark === 'secret' || mark === 'password' || mark === 'reference') seen.add(`${kind}/${path.join('/')}`)
        })
        const told = publicFacts({ kind, spec })
        for (const value of Object.values(told)) expect(String(value)).not.toContain(`secret ${canary}`)
        expect(Object.keys(told).filter((key) => key !== 'type' && key !== 'enabled')).toEqual([])
      }),
    )
    // The secrets of every type of channel were among them.
    expect(seen.size).toBeGreaterThan(readdirSync('schemas/channel').length)
  })
})
