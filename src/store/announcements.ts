// What was done to a state directory while nobody ran on it, noted in its journal for the next who does.

import type { Json } from '../expression/json.js'
import type { Store } from './store.js'

export interface Announcement {
  /** `backup.create`, `backup.restore`. */
  readonly operation: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly details: Json
}

export interface NotedAnnouncement extends Announcement {
  readonly key: string
  /** Of the store in which it was noted. */
  readonly epoch: string
}

export const announcementScope = 'announcement/'

/** Resolves once it is on disk. `id` tells it from others. */
export async function noteAnnouncement(
  store: Pick<Store, 'epoch' | 'transact'>,
  id: string,
  { operation, time, details }: Announcement,
): Promise<void> {
  const value = { epoch: store.epoch, operation, time, details }
  await store.transact([announcementScope], (tx) => tx.put(announcementScope + id, value), 'sync')
}

/** The oldest first. */
export function announcementsOf(store: Pick<Store, 'list'>): NotedAnnouncement[] {
  return store
    .list(announcementScope)
    .map(([key, value]) => ({ key, ...(value as unknown as Omit<NotedAnnouncement, 'key'>) }))
    .sort((a, b) => a.time - b.time)
}
