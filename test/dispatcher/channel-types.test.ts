import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { channelTypes } from '../../src/dispatcher/channels/index.js'
import { channelTypeFacts, channelTypeNames, recipientsOf } from '../../src/resources/channel-types.js'
import type { Json } from '../../src/resources/resource.js'
import { schemaFile } from '../../src/resources/schemas.js'

describe('the types of channels', () => {
  it('are the same in the table, in schemas/channel, and for spec.type', () => {
    const files = readdirSync('schemas/channel').map((file) => file.replace('.schema.json', ''))
    expect([...channelTypes.keys()].sort()).toEqual(files.sort())
    expect([...channelTypeNames()].sort()).toEqual(files.sort())
  })

  it.each([...channelTypes.values()].map((type) => [type.type, type] as const))(
    '%s: says what to do at the vendor',
    (_, { title, setup }) => {
      expect(title).not.toBe('')
      expect(setup.length).toBeGreaterThan(40)
    },
  )

  it.each([...channelTypes.values()].map((type) => [type.type, type] as const))(
    '%s: the schema says of recipients and limits what the program does',
    (name, type) => {
      const facts = channelTypeFacts(name)
      expect(facts?.limits).toEqual(type.limits)
      const fields = Object.keys(schemaFile(`channel/${name}`).properties ?? {})
      // Each field alone, and all together: what makes a channel one recipient is the presence of fields.
      for (const present of [[], fields, ...fields.map((field) => [field])]) {
        const config: Record<string, Json> = Object.fromEntries(present.map((field) => [field, 'x']))
        expect([present, facts && recipientsOf(facts, config)]).toEqual([present, type.recipients(config)])
      }
    },
  )
})
