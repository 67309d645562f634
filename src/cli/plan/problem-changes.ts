import type { Problem } from '../../resources/problem.js'

/** Problems of what would be merged, told apart by whether they were there before. */
export interface ProblemChanges {
  readonly fresh: readonly Problem[]
  readonly known: readonly Problem[]
}

/** A problem is known when the base has one that reads the same, on whatever line by now. */
export function compareProblems(head: readonly Problem[], base: readonly Problem[]): ProblemChanges {
  const left = new Map<string, number>()
  for (const problem of base) left.set(keyOf(problem), (left.get(keyOf(problem)) ?? 0) + 1)
  const fresh: Problem[] = []
  const known: Problem[] = []
  for (const problem of head) {
    const count = left.get(keyOf(problem)) ?? 0
    left.set(keyOf(problem), count - 1)
    if (count > 0) known.push(problem)
    else fresh.push(problem)
  }
  return { fresh, known }
}

function keyOf({ rule, severity, file, pointer, message }: Problem): string {
  // Messages name other places by their line, and lines move. Those about links name paths of the machine.
  const said = rule === 'refused-file' ? '' : message.replace(/:\d+(:\d+)?\b/g, '')
  return JSON.stringify([rule, severity, file, pointer, said])
}
