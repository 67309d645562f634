import type { Inactivity } from '../generated/event-type.js'
import type { Json } from '../resource.js'
import { durationMs } from './duration.js'
import { checkEventField } from './event-field.js'
import type { InactivityProgram } from './inactivity-program.js'
import type { Linking } from './linking.js'

const longestMs = 10 * 365 * 24 * 3_600_000

/** What an event of inactivity says where no other sample is declared. */
export const inactivitySample: Json = {
  subject: 'acme',
  since: '2026-01-24T12:00:00Z',
  days: 7,
  after: '7d',
  last: {
    type: 'run_completed',
    id: 'e-1',
    time: '2026-01-24T12:00:00Z',
    title: null,
    link: 'https://example.com/projects/prj-1',
    payload: { project: { id: 'prj-1', name: 'Acme Web', slug: 'acme-web' } },
  },
}

/** Checks what an EventType says of inactivity. */
export function compileInactivity({ subject, after, events = [] }: Inactivity, linking: Linking): InactivityProgram {
  checkEventField(subject, '/spec/inactivity/subject', linking)
  const afterMs: number[] = []
  for (const [index, text] of after.entries()) {
    const length = durationMs(text)
    const pointer = `/spec/inactivity/after/${index}`
    if (length > longestMs) linking.error(pointer, 'too-long', `${text} is longer than ten years`, 'say less')
    else if (afterMs.includes(length))
      linking.error(pointer, 'said-twice', `${text} is as long as another one`, 'remove it')
    else afterMs.push(length)
  }
  return { subject, afterMs: afterMs.sort((a, b) => a - b), events }
}
