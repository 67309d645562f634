/** What templates know by name: the fields it has, or undefined where they depend on the data. */
export type Roots = Readonly<Record<string, readonly string[] | undefined>>

const event = ['id', 'type', 'time', 'source', 'namespace', 'service', 'customer', 'severity', 'labels'] as const

/** What an event type's own texts, and its severity, are made from. */
export const eventRoots: Roots = {
  payload: undefined,
  event,
  channel: ['name', 'namespace', 'type', 'displayName'],
  user: ['name', 'email', 'displayName', 'locale', 'timezone'],
  // Of several events that are said in one message; otherwise nothing.
  group: ['count', 'counts', 'severities', 'services', 'first', 'last', 'events', 'ended', 'withheld', 'by'],
}

/** Of Templates: as above, what the event type's own texts say, and of a digest what it is about. */
export const messageRoots: Roots = { ...eventRoots, digest: undefined, title: [], body: [], link: [] }
