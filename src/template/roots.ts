/** What templates know by name: the fields it has, or undefined where they depend on the data. */
export type Roots = Readonly<Record<string, readonly string[] | undefined>>

const event = ['id', 'type', 'time', 'source', 'namespace', 'service', 'customer', 'severity', 'labels'] as const

/** What an event type's own texts, and its severity, are made from. */
export const eventRoots: Roots = {
  payload: undefined,
  event,
  channel: ['name', 'namespace', 'type', 'displayName'],
  user: ['name', 'email', 'displayName', 'locale', 'timezone'],
}

/** Of Templates: as above, and what the event type's own texts say. */
export const messageRoots: Roots = { ...eventRoots, title: [], body: [], link: [] }
