// A start leaves garbage in all corners of the heap: thousands of parsed documents, and room for as much again. V8 gives
// it back by itself when nothing has happened for half a minute; this asks for it as soon as there is nothing to do.

export interface IdleCollectionParts {
  /** The share of time that was spent on work since it was asked last, 0 to 1. */
  readonly utilization: () => number
  /** Stops the process until all garbage is given back. */
  readonly collect: () => Promise<void>
  readonly setInterval: (tick: () => void, ms: number) => { stop(): void }
}

/** Next to nothing has to have happened for as long. */
const idleMs = 250
const idleUtilization = 0.05

/** Collects once, at the end of the first time in which there was nothing to do. Returns what gives it up. */
export function collectOnceIdle({ utilization, collect, setInterval }: IdleCollectionParts): () => void {
  utilization()
  const interval = setInterval(() => {
    if (utilization() > idleUtilization) return
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

/** Of this thread's event loop. */
export function loopUtilization(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  }
}

export function systemInterval(tick: () => void, ms: number): { stop(): void } {
  const interval = setInterval(tick, ms).unref()
  return { stop: () => clearInterval(interval) }
}
