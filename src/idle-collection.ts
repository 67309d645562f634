// A start leaves garbage in all corners of the heap: thousands of parsed documents, and room for as much again. V8 gives
// it back by itself when nothing has happened for half a minute; this asks for it as soon as nobody is kept waiting.

export interface IdleCollectionParts {
  /** Differs whenever somebody was served since it was asked last. */
  readonly activity: () => number
  /** Stops the process until all garbage is given back. */
  readonly collect: () => Promise<void>
  readonly setInterval: (tick: () => void, ms: number) => { stop(): void }
}

/** Nothing has to have happened for as long. */
const idleMs = 500

/** Collects once, at the end of the first time in which nobody was served. Returns what gives it up. */
export function collectOnceIdle({ activity, collect, setInterval }: IdleCollectionParts): () => void {
  let before = activity()
  const interval = setInterval(() => {
    const now = activity()
    const isIdle = now === before
    before = now
    if (!isIdle) return
    interval.stop()
    // Where it cannot be asked for, V8 does it later.
    collect().catch(() => {})
  }, idleMs)
  return () => interval.stop()
}

/**
 * Asks V8 to give back what it can, as browsers' developer tools do: 80 MB in use are gone through in 200 ms, more than
 * once. `global.gc` neither shrinks the room for young objects nor puts together pages that are nearly empty.
 */
export async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector')
  const session = new Session()
  session.connect()
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()))
  session.disconnect()
}

export function systemInterval(tick: () => void, ms: number): { stop(): void } {
  const interval = setInterval(tick, ms).unref()
  return { stop: () => clearInterval(interval) }
}
