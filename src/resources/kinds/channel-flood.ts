// What keeps a channel from flooding people: joining, thresholds, storms, and saying again.

import { PathError } from '../../expression/path.js'
import { pathOf } from '../event-key.js'
import type { ChannelSpec } from '../generated/channel.js'
import type { Remind as RemindSpec } from '../generated/event-type.js'
import { durationMs } from './duration.js'
import type { Linking } from './linking.js'
import type { FloodProgram, RemindProgram } from './notification-program.js'

const longestMs = 365 * 86_400_000
const shortestRemindMs = 60_000

export function floodOf({ group, threshold, storm, remind }: ChannelSpec, linking: Linking): FloodProgram {
  const { by = ['event'], wait = '30s', interval = '5m' } = group ?? {}
  if (group !== undefined) checkFields(by, linking)
  return {
    group: group && {
      by,
      waitMs: lengthOf(wait, '/spec/group/wait', linking),
      intervalMs: lengthOf(interval, '/spec/group/interval', linking),
    },
    threshold: threshold && {
      count: threshold.count,
      withinMs: lengthOf(threshold.within, '/spec/threshold/within', linking, 1),
    },
    storm: storm && { count: storm.count, perMs: lengthOf(storm.per, '/spec/storm/per', linking, 1) },
    remind: remind && remindOf(remind, linking),
  }
}

export function remindOf({ every, atMost = 10 }: RemindSpec, linking: Linking): RemindProgram {
  return { everyMs: lengthOf(every, '/spec/remind/every', linking, shortestRemindMs), atMost }
}

function lengthOf(duration: number | string, pointer: string, linking: Linking, leastMs = 0): number {
  const ms = durationMs(duration)
  const written = typeof duration === 'number' ? `${duration} seconds` : duration
  if (ms < leastMs) {
    const least = leastMs < 1000 ? 'more than nothing' : `${leastMs / 1000} seconds or more`
    linking.error(pointer, 'too-short', `${written} is too short`, `write ${least}`)
  }
  if (ms > longestMs) linking.error(pointer, 'too-long', `${written} is more than a year`, 'write less')
  return ms
}

function checkFields(by: readonly string[], linking: Linking): void {
  for (const [index, field] of by.entries()) {
    if (!field.startsWith('payload.')) continue
    const pointer = `/spec/group/by/${index}`
    try {
      if (!pathOf(field.slice('payload.'.length)).singular) {
        const message = `${JSON.stringify(field)} can find several values`
        linking.error(pointer, 'bad-path', message, 'name one: payload.run.id')
      }
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      linking.error(
        pointer,
        'bad-path',
        `${JSON.stringify(field)} is no path: ${error.message}`,
        'write payload.run.id',
      )
    }
  }
}
