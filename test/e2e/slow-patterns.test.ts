import { expect, it } from 'vitest'
import { documents, mock, plain } from './folder.js'
import { Running } from './running.js'

/** Each takes a backtracking engine longer than anybody lives. */
const patterns = ['(a+)+$', '^(a|aa)+$', '^(a|a?)+$', '(.*a){20}$', '^([a-z]+)*\\d$', '(x+x+)+y']
const text = `${'a'.repeat(100_000)}!`

function pattern(value: string, index: number): string {
  return documents(
    mock(`body-${index}`, {
      http: {
        route: `/body/${index}`,
        conditions: [{ path: '$', assertAction: 'matches', value }],
      },
      response: { payload: 'matched' },
    }),
    mock(`path-${index}`, { http: { routePattern: `/path/${index}/${value}` }, response: { payload: 'matched' } }),
  )
}

it('patterns that would stall a backtracking engine stall nobody', async () => {
  const running = await Running.start(
    { 'mocks.yaml': documents(plain('quick', 'ok'), ...patterns.map(pattern)) },
    { limits: { headerBytes: 65_536 } },
  )
  expect((await running.status()).counts.errors).toBe(0)
  const matching = await running.ask('/body/0', {
    body: 'a'.repeat(100_000),
    headers: { 'content-type': 'text/plain' },
  })
  expect(matching.text).toBe('matched')
  const slow = patterns.flatMap((_, index) => [
    running.ask(`/body/${index}`, { body: text, headers: { 'content-type': 'text/plain' } }),
    running.ask(`/path/${index}/${text.slice(0, 5_000)}!`),
  ])
  let worst = 0
  let done = false
  const finished = Promise.all(slow).finally(() => {
    done = true
  })
  let asked = 0
  while (!done) {
    const began = performance.now()
    expect((await running.ask('/quick')).text).toBe('ok')
    worst = Math.max(worst, performance.now() - began)
    asked += 1
  }
  for (const { status } of await finished) expect([200, 404]).toContain(status)
  expect(asked).toBeGreaterThan(0)
  expect(worst).toBeLessThan(1_500)
})
