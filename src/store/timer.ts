/** Calls `work` once after `ms`; the returned function calls it off. Does not keep the process alive. */
export type Timer = (ms: number, work: () => void) => () => void

export const systemTimer: Timer = (ms, work) => {
  const timer = setTimeout(work, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
