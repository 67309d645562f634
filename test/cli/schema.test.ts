import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { kinds } from '../../src/resources/kinds/index.js'
import { mock } from './repository.js'
import { runCommand } from './run-command.js'

describe('schema', () => {
  for (const args of [[], ...[...kinds.keys()].map((kind) => [kind])]) {
    it(`of ${args[0] ?? 'any document'} is whole in itself`, async () => {
      const { stdout } = await runCommand(['schema', ...args])
      for (const [, reference = ''] of stdout.matchAll(/"\$ref": "([^"]*)"/g)) expect(reference).toMatch(/^#/)
      // Compiling fails when a reference leads nowhere.
      const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(stdout))
      if (args[0] !== undefined && args[0] !== 'Mock') return
      expect(validate(parse(mock('a')))).toBe(true)
      expect(validate(parse(mock('a', { status: 99 })))).toBe(false)
      expect(validate(parse(mock('a', { spec: '  webhooks: [{type: http, url: 1}]\n' })))).toBe(false)
    })
  }

  it('takes a kind in any case', async () => {
    expect((await runCommand(['schema', 'MOCK'])).stdout).toBe((await runCommand(['schema', 'mock'])).stdout)
  })
})
