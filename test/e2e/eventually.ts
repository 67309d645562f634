import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again and again until `probe` finds something, and returns that. What is not yet there is `undefined` or `false`;
 * when time is up, the error names `what` and what was found last.
 */
export async function eventually<Found>(
  what: string,
  probe: () => Found | undefined | false | Promise<Found | undefined | false>,
  { withinMs = 15_000, everyMs = 5, found = (): unknown => undefined } = {},
): Promise<Found> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const result = await probe()
    if (result !== undefined && result !== false) return result
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}; found ${JSON.stringify(found()) ?? 'nothing'}`)
    }
    await sleep(everyMs)
  }
}
