// Asks Telegram what has happened to a bot, over and over. There must be one for each bot: two drive each other out.

import type { Timer } from '../../store/timer.js'
import type { Bot } from './bot.js'
import { type BotFailure, type FailureReason, getUpdates, type Result, type Updates } from './methods.js'
import type { Update } from './updates.js'

/** How it goes. `Stalled` lasts until somebody mends it; it goes on trying, seldom. */
export type PollerState =
  | { readonly state: 'Polling' }
  | { readonly state: 'Stalled' | 'Retrying'; readonly reason: FailureReason | 'NotKept'; readonly message: string }

export interface PollerOptions {
  readonly bot: Bot
  /** The bot's own name, to tell commands for other bots in groups. */
  readonly username: string | undefined
  /** The id of the first update that was not taken yet; 0 at first. */
  readonly offset: number
  /**
   * Makes what the updates bring about durable, together with `next`, the offset to begin with after a restart. Only then
   * are they confirmed: until it has resolved they come again, also after a crash.
   */
  readonly take: (updates: readonly Update[], next: number) => Promise<void>
  /** Called when the state changes. */
  readonly report: (state: PollerState) => void
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  /** At least 0, less than 1. */
  readonly random: () => number
}

/** How long the server waits before it answers that nothing has happened: the longest it takes. */
const waitSeconds = 50
/** An answer that is later than this does not come any more. */
const deadlineMs = (waitSeconds + 15) * 1000
/** So many come whole within what is read of an answer, unless people write very much. */
const mostUpdates = 20

interface Backoff {
  readonly state: 'Stalled' | 'Retrying'
  readonly firstMs: number
  readonly maxMs: number
}

const passing: Backoff = { state: 'Retrying', firstMs: 1000, maxMs: 60_000 }
const lasting: Backoff = { state: 'Stalled', firstMs: 5000, maxMs: 300_000 }

const backoffs: Readonly<Record<FailureReason | 'NotKept', Backoff>> = {
  NotKept: passing,
  Unavailable: passing,
  RateLimited: passing,
  PollerConflict: lasting,
  TokenRefused: lasting,
  Refused: lasting,
  Blocked: lasting,
}

/** Resolves when `signal` is aborted. Never rejects for what Telegram or `take` does. */
export async function poll(options: PollerOptions): Promise<void> {
  const { bot, username, take, report, signal, now } = options
  let { offset } = options
  let limit = mostUpdates
  let last: PollerState | undefined
  let failures = 0
  const tell = (state: PollerState): void => {
    const isSame = last?.state === state.state && (state.state === 'Polling' || reasonOf(last) === state.reason)
    last = state
    if (!isSame) report(state)
  }
  while (!signal.aborted) {
    const window = { offset, limit, timeoutSeconds: waitSeconds, username }
    const result = await withDeadline(options, (within) => getUpdates(bot, window, { signal: within, now: now() }))
    if (signal.aborted) return
    const kept = result.ok ? await keep(result.value) : result
    if (kept === undefined) {
      failures = 0
      tell({ state: 'Polling' })
      continue
    }
    const { state, firstMs, maxMs } = backoffs[kept.reason]
    if (reasonOf(last) !== kept.reason) failures = 0
    failures += 1
    tell({ state, reason: kept.reason, message: kept.message })
    const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30))
    await pause(options, Math.max(kept.retryAfterMs ?? 0, Math.round(ceiling * (0.5 + options.random() / 2))))
  }

  /** Undefined when all is well. */
  async function keep(found: Updates): Promise<Failure | undefined> {
    if (found.tooLong && limit > 1) {
      limit = Math.floor(limit / 4)
      return undefined
    }
    const updates: readonly Update[] = found.tooLong ? [{ kind: 'other', updateId: found.first }] : found.updates
    const next = found.tooLong ? found.first + 1 : found.next
    limit = mostUpdates
    if (next === undefined) return undefined
    try {
      await take(updates, next)
    } catch (error) {
      return { reason: 'NotKept', message: `what was received could not be kept: ${String(error)}` }
    }
    offset = next
    return undefined
  }
}

type Failure = Pick<BotFailure, 'message' | 'retryAfterMs'> & { readonly reason: FailureReason | 'NotKept' }

function reasonOf(state: PollerState | undefined): FailureReason | 'NotKept' | undefined {
  return state === undefined || state.state === 'Polling' ? undefined : state.reason
}

/** Ends with the signal, or when the time is up. */
async function withDeadline(
  { signal, timer }: Pick<PollerOptions, 'signal' | 'timer'>,
  work: (signal: AbortSignal) => Promise<Result<Updates>>,
): Promise<Result<Updates>> {
  const controller = new AbortController()
  const stop = () => controller.abort(signal.reason)
  const callOff = timer(deadlineMs, () => controller.abort(new Error('no answer came in time')))
  signal.addEventListener('abort', stop)
  try {
    return await work(controller.signal)
  } catch (error) {
    return { ok: false, reason: 'Unavailable', message: `getUpdates: ${(error as Error).message}` }
  } finally {
    callOff()
    signal.removeEventListener('abort', stop)
  }
}

/** Ends early with the signal. */
function pause({ signal, timer }: Pick<PollerOptions, 'signal' | 'timer'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      callOff()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const callOff = timer(ms, end)
    signal.addEventListener('abort', end)
  })
}
