import { RawNumber } from '../../src/expression/json.js'
import { type EmbeddedStore, openStore, type StoreOptions } from '../../src/store/embedded.js'
import type { Processes } from '../../src/store/lock.js'
import type { Timer } from '../../src/store/timer.js'
import type { SimulatedDisk } from './simulated-disk.js'

/** Nobody else lives: locks of crashed processes are stale. */
const alone: Processes = {
  self: { pid: 1, started: '1', boot: 'boot', space: 'space', host: 'host' },
  started: () => undefined,
}

/** Time that passes when it is told to. */
export class ManualTimer {
  #due: { at: number; work: () => void }[] = []
  #now = 0

  readonly timer: Timer = (ms, work) => {
    const item = { at: this.#now + ms, work }
    this.#due.push(item)
    return () => {
      this.#due = this.#due.filter((other) => other !== item)
    }
  }

  get waiting(): number {
    return this.#due.length
  }

  /** Lets `ms` pass, and what is started by it come to rest. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = next.at
      this.#due = this.#due.filter((item) => item !== next)
      next.work()
      await settled()
    }
    this.#now = end
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export async function settled(turns = 40): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

export function openSimulated(disk: SimulatedDisk, options: Partial<StoreOptions> = {}): Promise<EmbeddedStore> {
  return openStore('state', {
    rawNumber: RawNumber,
    disk,
    timer: new ManualTimer().timer,
    processes: alone,
    newEpoch: () => 'epoch',
    ...options,
  })
}
