import { expect, it } from 'vitest'
import { viewOfChange } from '../../src/callbacks/change.js'
import { resource } from '../reconcile/resources.js'

const after = resource({ namespace: 'shop', name: 'pay' })
const change = { operation: 'mock.create', namespace: 'shop', before: undefined, after } as const
const applied = { generation: 3, time: '2026-01-01T00:00:00.000Z' }

it('a change says which commit by whom did it', () => {
  const commit = {
    id: 'a'.repeat(40),
    author: { name: 'Ann', email: 'ann@example.com' },
    date: '2026-01-01T00:00:00.000Z',
    subject: 'Pay',
  }
  const revision = `main@sha1:${commit.id}`
  expect(viewOfChange(change, { ...applied, revision, commit })).toMatchObject({
    revision,
    commit: commit.id,
    author: 'Ann <ann@example.com>',
  })
})

it('a change from a folder has no commit', () => {
  expect(viewOfChange(change, { ...applied, revision: 'sha256:1' })).toMatchObject({ commit: null, author: null })
})
