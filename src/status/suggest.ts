import { distance } from 'fastest-levenshtein'

/** Longer texts are no typos of anything, and comparing them costs. */
const longest = 200

/** The candidate that was probably meant, if one is near enough. */
export function closest(text: string, candidates: Iterable<string>): string | undefined {
  if (text.length > longest) return undefined
  let best: string | undefined
  let least = Math.max(2, Math.floor(text.length / 3)) + 1
  for (const candidate of candidates) {
    const away = distance(text.toLowerCase(), candidate.toLowerCase())
    if (away >= least) continue
    least = away
    best = candidate
  }
  return best
}

/** The path that was probably meant: of the templates, `{parameters}` stand for what was given in their place. */
export function closestPath(path: string, templates: Iterable<string>): string | undefined {
  if (path.length > longest) return undefined
  const given = path
    .replace(/\/+/g, '/')
    .replace(/(.)\/$/, '$1')
    .split('/')
  const filled = [...templates].map((template) =>
    template
      .split('/')
      .map((segment, index) => (segment.startsWith('{') ? (given[index] ?? segment) : segment))
      .join('/'),
  )
  const joined = given.join('/')
  const near = closest(joined, filled)
  if (near !== undefined) return near
  // `/status`, `/v1/mocks`: the end of a path that exists.
  return joined === '/' ? undefined : filled.find((candidate) => candidate.endsWith(joined))
}
