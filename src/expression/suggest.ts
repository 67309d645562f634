import { distance } from 'fastest-levenshtein'

/** The known name that `word` was most likely meant to be; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const name of known) {
    const far = distance(wanted, name.toLowerCase())
    if (far < least) [best, least] = [name, far]
  }
  return best
}
