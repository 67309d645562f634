import { describe, expect, it } from 'vitest'
import { parseCommit, parseTag } from '../../../src/source/git/commit.js'

const id = 'c'.repeat(40)

function commit(message: string, headers = ''): Buffer {
  const people = 'author Ann B. <ann@example.com> 1700000000 +0100\ncommitter Bob <bob@example.com> 1700000060 -0500\n'
  return Buffer.from(`tree ${'t'.repeat(40)}\n${people}${headers}\n${message}`)
}

describe('a commit', () => {
  it('says who wrote it, when it was committed, and what it is about', () => {
    expect(parseCommit(id, commit('Fix the orders\n\nThey were wrong.\n'))).toEqual({
      id,
      author: { name: 'Ann B.', email: 'ann@example.com' },
      date: '2023-11-14T22:14:20.000Z',
      subject: 'Fix the orders',
    })
  })

  it('that is signed is read past its signature', () => {
    const signature =
      'gpgsig -----BEGIN SSH SIGNATURE-----\n author Eve <eve@x> 1 +0000\n \n -----END SSH SIGNATURE-----\n'
    expect(parseCommit(id, commit('x', signature))).toMatchObject({ author: { name: 'Ann B.' }, subject: 'x' })
  })

  const trailers: readonly { name: string; message: string; found: string[] }[] = [
    {
      name: 'the last paragraph',
      message: 'a\n\nKey: value\nOther-Key:  two \n',
      found: ['Key=value', 'Other-Key=two'],
    },
    { name: 'with a line that goes on', message: 'a\n\nKey: one\n  two\n', found: ['Key=one two'] },
    {
      name: 'beside the mark of a cherry-pick',
      message: 'a\n\nKey: v\n(cherry picked from commit 1)\n',
      found: ['Key=v'],
    },
    { name: 'not in the subject', message: 'Callboard-Allow-Prune: yes\n', found: [] },
    { name: 'not among prose', message: 'a\n\nI said: no\nand went on\n', found: [] },
    { name: 'not above the last paragraph', message: 'a\n\nKey: value\n\nthe end\n', found: [] },
  ]
  it.each(trailers)('has trailers: $name', ({ message, found }) => {
    const { trailers: read = [] } = parseCommit(id, commit(message))
    expect(read.map(({ key, value }) => `${key}=${value}`)).toEqual(found)
  })

  it('in another encoding is read by it', () => {
    const bytes = Buffer.from(
      commit('x', 'encoding ISO-8859-1\n').toString('utf8').replace('Ann', 'J\u00f6rg'),
      'latin1',
    )
    expect(parseCommit(id, bytes).author.name).toBe('J\u00f6rg B.')
  })

  it.each(['', 'nonsense', 'author\n\n', 'author <> 99999999999999999999\n\nx'])(
    'made of %j is read all the same',
    (text) => {
      expect(parseCommit(id, Buffer.from(text))).toMatchObject({ id, author: { name: '', email: '' } })
    },
  )

  it('keeps no more of a text than anybody reads', () => {
    const { subject } = parseCommit(id, commit('s'.repeat(1_000_000)))
    expect(subject.length).toBe(1_000)
  })
})

it('an annotated tag names what it is for', () => {
  const bytes = Buffer.from(`object ${id}\ntype commit\ntag v1\ntagger Ann <a@b> 1 +0000\n\nfirst\n`)
  expect(parseTag(bytes)).toEqual({ object: id, type: 'commit' })
})
