import type { EventTypeProgram } from '../kinds/notification-program.js'

type Said = Pick<EventTypeProgram, 'id' | 'description' | 'default' | 'severity' | 'sample'> &
  Partial<Omit<EventTypeProgram, 'schema'>>

/** A built-in event type: what is not said is empty, and any payload is taken. */
export function event(said: Said): EventTypeProgram {
  return {
    schema: undefined,
    title: undefined,
    body: undefined,
    link: undefined,
    critical: false,
    includes: [],
    key: undefined,
    resolves: [],
    standsAlone: false,
    remind: undefined,
    ...said,
  }
}

export const info = { fixed: 'info' } as const
export const warning = { fixed: 'warning' } as const
export const error = { fixed: 'error' } as const
export const critical = { fixed: 'critical' } as const
