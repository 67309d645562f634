// What is done against floods, in words: for whoever asks what would happen to an event, or what a change does.

import { durationText } from '../../resources/kinds/duration.js'
import type { FloodProgram } from '../../resources/kinds/notification-program.js'

/** Of a channel; empty when it sends everything by itself, and once. */
export function floodText({ group, threshold, storm, remind }: FloodProgram): string {
  const joins = group && (group.by.length === 0 ? 'all events' : `events by ${group.by.join(', ')}`)
  return [
    ...(threshold ? [`says nothing until ${threshold.count} came within ${durationText(threshold.withinMs)}`] : []),
    ...(group
      ? [`joins ${joins}: first after ${durationText(group.waitMs)}, then every ${durationText(group.intervalMs)}`]
      : []),
    ...(storm ? [`sends each recipient at most ${storm.count} messages in ${durationText(storm.perMs)}`] : []),
    ...(remind
      ? [`says again every ${durationText(remind.everyMs)} what is not over, at most ${remind.atMost} times`]
      : []),
  ].join('; ')
}

/** Of what ends something: to whom it goes. */
export function pairText(resolves: readonly string[]): string {
  return `where ${resolves.join(' or ')} was sent before`
}
