import {
  type AuditEntry,
  type AuditFilter,
  type AuditOperations,
  type AuditView,
  auditMatches,
} from '../../src/status/audit-views.js'
import { pageOf } from '../../src/status/paging.js'
import type { PageRequest } from '../../src/status/views.js'
import { Happening } from './fake-deliveries.js'

const noon = '2026-01-31T12:00:00.000Z'

export function auditEntry(number: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: String(number),
    time: noon,
    action: 'create_notification_channel',
    kind: 'Channel',
    namespace: '',
    name: 'ops',
    type: 'slack',
    enabled: true,
    from: null,
    actor: { name: 'Ann <ann@example.com>', address: null },
    revision: 'main@sha1:aaaa1111',
    commit: 'aaaa1111aaaa1111aaaa1111aaaa1111aaaa1111',
    generation: 3,
    outcome: 'done',
    details: {},
    // What a careless provider might hand over beside the view.
    ...{ upTo: { secret: 'sk_live_never_shown' } },
    ...changes,
  }
}

/** A log over a plain list, which remembers what it was told. */
export class FakeAudit implements AuditView, AuditOperations {
  entries = [auditEntry(2, { action: 'delete_user_binding', kind: 'UserBinding', type: null }), auditEntry(1)]
  readonly recorded: Parameters<AuditOperations['record']>[0][] = []
  readonly happening = new Happening<AuditEntry>()

  list(filter: AuditFilter, page: PageRequest) {
    return pageOf(this.entries.filter(auditMatches(filter)), ({ id }) => id, page, 'descending')
  }

  async record(operation: Parameters<AuditOperations['record']>[0]): Promise<void> {
    this.recorded.push(operation)
  }
}
