import type { Timer } from '../../src/store/timer.js'

/** Lets everything go on that waits for nothing but its turn. */
export async function settled(turns = 6): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

interface Alarm {
  readonly at: number
  readonly work: () => void
}

/** Time that passes when it is told to, and a wall clock that can be set. */
export class Clock {
  #elapsed = 0
  #wall = Date.UTC(2026, 0, 1)
  #alarms = new Set<Alarm>()

  readonly now = (): number => this.#wall + this.#elapsed

  readonly timer: Timer = (ms, work) => {
    const alarm = { at: this.#elapsed + ms, work }
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  /** Sets the wall clock forward or back; nothing is woken by it. */
  jump(ms: number): void {
    this.#wall += ms
  }

  get alarms(): number {
    return this.#alarms.size
  }

  /** Lets `ms` pass, with all that happens meanwhile. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await settled()
    for (;;) {
      let next: Alarm | undefined
      for (const alarm of this.#alarms) if (alarm.at <= end && alarm.at < (next?.at ?? Infinity)) next = alarm
      if (next === undefined) break
      this.#elapsed = Math.max(this.#elapsed, next.at)
      this.#alarms.delete(next)
      next.work()
      await settled()
    }
    this.#elapsed = end
  }
}
