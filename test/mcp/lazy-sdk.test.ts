import { expect, it, vi } from 'vitest'
import { ask } from '../e2e/ask.js'
import { Running } from '../e2e/running.js'

const loaded = vi.hoisted(() => [] as string[])

vi.mock('@modelcontextprotocol/sdk/types.js', (original) => {
  loaded.push('types')
  return original()
})
vi.mock('@modelcontextprotocol/sdk/server/index.js', (original) => {
  loaded.push('server')
  return original()
})

it('the SDK is loaded by the first message of an agent, and a controller that gets none does without', async () => {
  const { control } = await Running.start({ 'none.yaml': 'a: 1\n' })
  expect((await ask(`${control}/api/v1/status`)).status).toBe(200)
  expect(loaded).toEqual([])
  expect((await ask(`${control}/mcp`, { body: { jsonrpc: '2.0', id: 1, method: 'ping' } })).status).toBe(200)
  expect(loaded).toContain('server')
})
