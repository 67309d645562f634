// What tells that a quota is used up. No quota holds for it, alone or joined: it would keep itself from being told.

import type { PostedEvent } from './events/event.js'
import { internalSource } from './events/reserved.js'
import type { QuotaLevel } from './quota-ledger.js'

export const noticeTypes: Readonly<Record<QuotaLevel, string>> = { 80: 'quota.warning', 100: 'quota.exceeded' }

export function isQuotaNotice({ source, type }: Pick<PostedEvent, 'source' | 'type'>): boolean {
  return source === internalSource && Object.values(noticeTypes).includes(type)
}
