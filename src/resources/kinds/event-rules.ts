import { byPrecedence, claimAlike, fits, isPattern } from './event-pattern.js'
import type { Linking } from './linking.js'
import type { EventRule, EventRules } from './notification-program.js'

/** One entry of a map of events, as declared at `pointer`. */
export interface DeclaredRule<Value> extends EventRule<Value> {
  readonly pointer: string
}

/** Each is compared with all others of its length. */
const maxPatterns = 100

/** Puts the entries of one map into the order in which they are asked; what claims the same is an error. */
export function compileRules<Value>(
  declared: readonly DeclaredRule<Value>[],
  linking: Linking,
  what: 'event' | 'digest' = 'event',
): EventRules<Value> {
  const sorted = [...declared].sort((a, b) => byPrecedence(a.pattern, b.pattern))
  const patterns = sorted.filter(({ pattern }) => isPattern(pattern))
  if (patterns.length > maxPatterns) {
    const message = `${patterns.length} patterns in one mapping; at most ${maxPatterns} are allowed`
    linking.error(
      patterns[maxPatterns]?.pointer ?? '',
      'too-many-patterns',
      message,
      `name ${what}s by their ${what === 'event' ? 'id' : 'name'}`,
    )
    return []
  }
  for (const [index, rule] of sorted.entries()) {
    for (let next = index + 1; next < sorted.length; next++) {
      const other = sorted[next]
      if (other === undefined || other.pattern.length !== rule.pattern.length) break
      if (!claimAlike(rule.pattern, other.pattern)) continue
      const message =
        rule.pattern === other.pattern
          ? `"${other.pattern}" is said twice here`
          : `"${rule.pattern}" and "${other.pattern}" can fit the same ${what}, and neither is longer`
      linking.error(other.pointer, 'equal-claim', message, 'keep one of the two, or make one longer')
    }
  }
  return sorted.map(({ pattern, value }) => ({ pattern, value }))
}

/** The rule that decides about an event; undefined when none says anything of it. */
export function ruleFor<Value>(rules: EventRules<Value>, event: string): EventRule<Value> | undefined {
  for (const rule of rules) if (fits(rule.pattern, event)) return rule
  return undefined
}
