import { expect, it } from 'vitest'
import type { ProblemView } from '../../src/status/views.js'
import { ask } from './ask.js'
import { Folder } from './folder.js'
import { Load } from './load.js'
import { Running } from './running.js'

const edits = 200

/** One file, two mocks, the revision's number in many places. */
function declaration(number: number): string {
  return ['first', 'second']
    .map(
      (name) => `apiVersion: callboard/v1
kind: Mock
metadata: {name: ${name}}
spec:
  http: {route: /${name}}
  response:
    headers: {X-Revision: "${number}"}
    payload:
      revision: ${number}
      asked: $.queryParams.n
      list: [{revision: ${number}}, "${number} of $.namespace"]
      filler: "${'x'.repeat(500)}"
      last: ${number}
`,
    )
    .join('---\n')
}

/** A mistake in the last line but so many, as a typo would make it. */
function broken(number: number): { text: string; problem: Partial<ProblemView> } {
  const good = declaration(number)
  const cases = [
    {
      text: good.replace('      last:', '      list:'),
      problem: { line: 13, column: 7, severity: 'error' as const },
    },
    {
      text: good.replace('  response:', '  responce:'),
      problem: { line: 6, column: 3, severity: 'error' as const },
    },
    {
      text: good.replace('$.queryParams.n', '$.quaryParams.n'),
      problem: { line: 10, column: 14, severity: 'error' as const },
    },
    {
      text: good.replace('revision: ', 'revision: ['),
      problem: { line: 10, severity: 'error' as const },
    },
  ]
  return cases[(number >> 1) % cases.length] ?? { text: good, problem: {} }
}

interface Answer {
  readonly revision: number
  readonly list: readonly [{ readonly revision: number }, string]
  readonly filler: string
  readonly last: number
}

it('no request fails or sees two revisions while a file is edited, valid and broken in turn', async () => {
  const folder = new Folder({ 'mocks.yaml': declaration(0) })
  const running = await Running.start(folder)
  const seen = new Set<number>()
  /** The newest number that any answer has shown; no request that begins later may show an older one. */
  let newest = 0
  const load = new Load(6, async (agent, client) => {
    const floor = newest
    const name = client % 2 === 0 ? 'first' : 'second'
    const { status, json, headers } = await ask(`${running.resolver}/${name}?n=7`, { agent })
    const { revision, ...rest } = json as Answer
    expect(status).toBe(200)
    expect(rest).toEqual({
      asked: '7',
      list: [{ revision }, `${revision} of sandbox`],
      filler: 'x'.repeat(500),
      last: revision,
    })
    expect(headers['x-revision']).toBe(String(revision))
    expect(revision % 2, 'a broken revision was served').toBe(0)
    expect(revision).toBeGreaterThanOrEqual(floor)
    newest = Math.max(newest, revision)
    seen.add(revision)
  })
  for (let number = 1; number <= edits; number += 1) {
    // In place and by rename, each with valid and broken ones.
    const put = (text: string) =>
      (number >> 1) % 2 === 0 ? folder.write('mocks.yaml', text) : folder.replace('mocks.yaml', text)
    if (number % 2 === 0) {
      put(declaration(number))
      await running.answerOnce('/first', ({ json }) => (json as Answer).revision === number)
    } else {
      const { text, problem } = broken(number)
      put(text)
      const { problems, conditions } = await running.statusOnce(
        `edit ${number} is reported`,
        (status) => status.counts.errors > 0 && status.problems.some(({ line }) => line === problem.line),
      )
      expect(problems).toContainEqual(expect.objectContaining({ file: 'mocks.yaml', ...problem }))
      for (const { column } of problems) expect(column).toBeGreaterThan(0)
      expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }))
      expect(conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', reason: 'ValidationFailed' }))
    }
  }
  await load.stop()
  expect(load.failures).toEqual([])
  expect(load.requests).toBeGreaterThan(edits)
  expect(seen.size).toBeGreaterThan(edits / 8)
  const status = await running.status()
  expect(status.problems).toEqual([])
  expect(status.generation).toBe(edits / 2 + 1)
})
