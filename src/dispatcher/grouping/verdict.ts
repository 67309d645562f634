// What is said now of what was to be said then: quiet hours, silences and preferences may be others by now.

import type { Decision } from '../decision.js'
import type { RevisionRules } from '../revision-rules.js'
import type { RatedEvent } from '../rules.js'
import type { Group } from './group.js'

/** Sent unless all samples say otherwise; held until the first of them may be sent. */
export function verdictOf(group: Group, samples: readonly RatedEvent[], rules: RevisionRules, now: number): Decision {
  const { channel, user, recipient, override } = group
  const whom = user === undefined ? {} : { user: { namespace: '', name: user } }
  const severity = samples[0]?.severity ?? 'info'
  const plain: Decision = { channel, ...whom, outcome: 'send', because: 'it was joined', recipient, override, severity }
  const program = rules.channel(channel)
  if (program === undefined) {
    return { ...plain, outcome: 'suppress', reason: 'channel_pruned', because: 'the channel is not declared any more' }
  }
  const asked = { channel, recipient, ...(user !== undefined && { user }) }
  const all = samples.map((event): Decision => {
    // It was accepted: that its type is not declared any more keeps it from nobody.
    if (rules.eventTypes.get(event.type, event.namespace ?? '') === undefined) return plain
    const found = rules.reconsider(event, asked, now)
    if (found === undefined) return unbound(plain, user)
    const { ifPaired, ...decision } = found
    // The end was found to follow something that was said.
    const paired = ifPaired === undefined ? decision : { ...decision, ...ifPaired }
    return { ...paired, recipient, override, channel: { ...channel, type: program.type } }
  })
  const sent = all.find(({ outcome }) => outcome === 'send')
  if (sent !== undefined) return sent
  const held = all.filter(({ outcome, until }) => outcome === 'hold' && until !== undefined)
  held.sort((a, b) => (a.until ?? 0) - (b.until ?? 0))
  return held[0] ?? all[0] ?? plain
}

function unbound(decision: Decision, user: string | undefined): Decision {
  if (user === undefined) return decision
  const because = `no UserBinding connects ${user} to the channel any more`
  return { ...decision, outcome: 'suppress', reason: 'no_binding', because }
}
