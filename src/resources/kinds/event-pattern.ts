// Patterns of event ids: `*` stands for any part of an id, dots included.

export function isPattern(text: string): boolean {
  return text.includes('*')
}

/** Whether an event id fits an id or a pattern. */
export function fits(pattern: string, id: string): boolean {
  if (pattern === id) return true
  let at = 0
  let from = 0
  let star = -1
  let resume = 0
  while (from < id.length) {
    if (pattern[at] === '*') {
      star = at++
      resume = from
    } else if (at < pattern.length && pattern[at] === id[from]) {
      at++
      from++
    } else if (star !== -1) {
      // The last `*` takes one character more.
      at = star + 1
      from = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/** Whether there can be an id that fits both. */
export function meet(a: string, b: string): boolean {
  if (endsApart(a, b)) return false
  // `reach[j]`: whether what is left of `a` meets `b` from j on.
  let below = new Uint8Array(b.length + 1)
  for (let i = a.length; i >= 0; i--) {
    const reach = new Uint8Array(b.length + 1)
    for (let j = b.length; j >= 0; j--) {
      const starA = a[i] === '*'
      const starB = b[j] === '*'
      if (i === a.length && j === b.length) reach[j] = 1
      else if (starA) reach[j] = below[j] || (j < b.length ? (reach[j + 1] ?? 0) : 0)
      else if (starB) reach[j] = reach[j + 1] || (i < a.length ? (below[j] ?? 0) : 0)
      else reach[j] = i < a.length && a[i] === b[j] ? (below[j + 1] ?? 0) : 0
    }
    below = reach
  }
  return below[0] === 1
}

/** Most that do not meet differ before the first `*` or after the last. */
function endsApart(a: string, b: string): boolean {
  const prefix = Math.min(fixedPrefix(a), fixedPrefix(b))
  if (a.slice(0, prefix) !== b.slice(0, prefix)) return true
  const suffix = Math.min(a.length - 1 - a.lastIndexOf('*'), b.length - 1 - b.lastIndexOf('*'))
  return a.slice(a.length - suffix) !== b.slice(b.length - suffix)
}

function fixedPrefix(pattern: string): number {
  const star = pattern.indexOf('*')
  return star === -1 ? pattern.length : star
}

/** The order in which they are asked: ids, then longer patterns, then shorter ones. */
export function byPrecedence(a: string, b: string): number {
  return Number(isPattern(a)) - Number(isPattern(b)) || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** Whether two claim the same events with the same right, so that nobody can say which holds. */
export function claimAlike(a: string, b: string): boolean {
  if (a === b) return true
  return isPattern(a) && isPattern(b) && a.length === b.length && meet(a, b)
}
