// What Callboard tells of itself nobody else can tell: whoever reads that a delivery was given up can rely on it.

import { internalPrefix } from '../../resources/catalogues/callboard.js'
import type { FieldProblem, PostedEvent } from './event.js'

/** The source of all that Callboard raises itself. */
export const internalSource = 'callboard'

/** Why an event cannot be posted. `at`: JSON pointer to it in what was posted. */
export function reservedProblems({ type, source }: Pick<PostedEvent, 'type' | 'source'>, at: string): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (type.startsWith(internalPrefix)) {
    const message = `${JSON.stringify(type)} is reserved: events of the catalogue "callboard" are raised by Callboard alone, and cannot be posted; callboard explain event says who hears of one`
    problems.push({ pointer: `${at}/type`, message })
  }
  if (source === internalSource) {
    const message = `${JSON.stringify(source)} is reserved: it is the source of what Callboard raises itself; name the system that tells of this`
    problems.push({ pointer: `${at}/source`, message })
  }
  return problems
}
