import { describe, expect, it } from 'vitest'
import { snippets } from '../../src/template/snippets.js'
import { written } from './write.js'

describe('snippets', () => {
  it.each(snippets.map((snippet) => [snippet.id, snippet] as const))('%s makes what it says', (_id, snippet) => {
    const { template, payload, result } = snippet
    const context = { payload, event: { severity: 'error' }, title: 'Run failed', body: '2 of its tests' }
    expect(written(template, context)).toBe(result)
  })

  it('have ids of their own', () => {
    expect(new Set(snippets.map(({ id }) => id)).size).toBe(snippets.length)
  })
})
