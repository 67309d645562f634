import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { kinds } from '../../src/resources/kinds/index.js'
import { mask, masked } from '../../src/resources/redact.js'
import { type Schema, schemaFile } from '../../src/resources/schemas.js'

const folder = new URL('../../schemas/', import.meta.url)
const ending = '.schema.json'
const namesIn = (path: string) =>
  readdirSync(new URL(path, folder)).flatMap((file) => (file.endsWith(ending) ? [file.slice(0, -ending.length)] : []))
const names = namesIn('.')
const configNames = namesIn('channel').map((type) => `channel/${type}`)

describe('schemas', () => {
  it('what is generated from them is not stale', () => {
    const { status, stderr } = spawnSync(process.execPath, ['config/generate.mjs', '--check'], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('every kind has a schema, every schema a kind, and resource.schema.json knows them all', () => {
    const own = names.filter((name) => name !== 'common' && name !== 'resource').sort()
    expect([...kinds.values()].map(({ schema }) => schema).sort()).toEqual(own)
    const resource = schemaFile('resource')
    expect(resource.properties?.kind?.enum).toEqual([...kinds.keys()])
    const dispatched = (resource.allOf as { then: { $ref: string } }[]).map(({ then }) => then.$ref)
    expect(dispatched).toEqual([...kinds.values()].map(({ schema }) => `${schema}.schema.json`))
  })

  it('every field has a description, and every object of ours refuses unknown fields', () => {
    for (const name of [...names, ...configNames]) {
      visit(schemaFile(name), name, (schema, path) => {
        for (const [field, child] of Object.entries(schema.properties ?? {})) {
          if (isRule(path)) continue
          expect(child.description ?? child.$ref, `${path}/${field}`).toBeTruthy()
        }
        if (schema.properties !== undefined && !isRule(path) && path !== 'resource') {
          expect(schema.additionalProperties, path).toBeDefined()
        }
      })
    }
  })

  it('every default a description names is the default the schema has', () => {
    for (const name of [...names, ...configNames]) {
      visit(schemaFile(name), name, (schema, path) => {
        const said = /Default: ([\w.-]+)\.$/.exec(schema.description ?? '')?.[1]
        if (said === undefined || schema.default === undefined || /^(none|empty|all)$/.test(said)) return
        expect(String(schema.default), path).toBe(said)
      })
    }
  })
})

describe('mask', () => {
  it('replaces literals in the secret fields of every type of channel', () => {
    const spec = { type: 'slack', config: { botToken: 'xoxb-1', channel: '#ops' }, events: { '*': true } }
    expect(mask('Channel', spec)).toEqual({ ...spec, config: { botToken: masked, channel: '#ops' } })
    const other = { type: 'pagerduty', config: { routing_key: 'k', region: 'eu' } }
    expect(mask('Channel', other)).toEqual({ ...other, config: { routing_key: masked, region: 'eu' } })
  })

  it('replaces literals in secret fields, whatever the case of a header, and nothing else', () => {
    const spec = {
      http: { route: '/x' },
      response: { headers: { Authorization: 'shown: what a mock answers is no secret' } },
      webhooks: [
        {
          url: 'http://u:p@a/x:y@z',
          headers: { authorization: 'Bearer x', 'X-Other': 'y' },
          sign: { scheme: 'hmac', secret: 's' },
        },
        { type: 'rabbitmq', rabbitURL: 'amqp://u:p@h/', kafkaPassword: { env: 'NAME' } },
      ],
    }
    expect(mask('Mock', spec)).toEqual({
      ...spec,
      webhooks: [
        {
          url: `http://u:${masked}@a/x:y@z`,
          headers: { authorization: masked, 'X-Other': 'y' },
          sign: { scheme: 'hmac', secret: masked },
        },
        { type: 'rabbitmq', rabbitURL: `amqp://u:${masked}@h/`, kafkaPassword: { env: 'NAME' } },
      ],
    })
  })
})

function isRule(path: string): boolean {
  return /\/(if|then|else|allOf|oneOf|anyOf|not)(\/|$)/.test(path)
}

function visit(schema: Schema, path: string, look: (schema: Schema, path: string) => void): void {
  look(schema, path)
  for (const [key, value] of Object.entries(schema)) {
    if (value === null || typeof value !== 'object') continue
    const children = key === 'properties' || key === '$defs' ? Object.entries(value) : [[undefined, value] as const]
    if (key === 'enum' || key === 'required') continue
    for (const [name, child] of children) {
      if (child === null || typeof child !== 'object') continue
      const below = `${path}/${name ?? key}`
      if (Array.isArray(child)) for (const item of child) visit(item as Schema, below, look)
      else visit(child as Schema, below, look)
    }
  }
}
