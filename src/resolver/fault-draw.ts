import { seededRandom } from '../expression/random.js'
import type { FaultProgram } from '../resources/kinds/mock-program.js'

/** Decides which of a mock's faults strikes. With seeds of their own the sequence of strikes is always the same. */
export class FaultDraw {
  readonly #faults: readonly { readonly fault: FaultProgram; readonly random: (() => number) | undefined }[]

  constructor(faults: readonly FaultProgram[]) {
    this.#faults = faults.map((fault) => ({
      fault,
      random: fault.seed === undefined ? undefined : seededRandom(String(fault.seed)),
    }))
  }

  /** Every fault draws each time, so that one's sequence does not depend on the others. */
  draw(random: () => number): FaultProgram | undefined {
    let struck: FaultProgram | undefined
    for (const { fault, random: own } of this.#faults) {
      const drawn = (own ?? random)()
      if (drawn < fault.rate) struck ??= fault
    }
    return struck
  }
}
