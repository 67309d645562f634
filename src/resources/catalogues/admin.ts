import type { EventTypeProgram } from '../kinds/notification-program.js'
import { event, info } from './event.js'

const operations: readonly (readonly [id: string, description: string, subject: string])[] = [
  ['namespace.create', 'A namespace was created', 'payments'],
  ['namespace.delete', 'A namespace was deleted', 'payments'],
  ['namespace.update', 'A namespace was changed', 'payments'],
  ['namespace.user.add', 'A user was added to a namespace', 'ann@example.com'],
  ['user.create', 'A user was created', 'ann@example.com'],
  ['user.delete', 'A user was deleted', 'ann@example.com'],
  ['user.update', 'A user was changed', 'ann@example.com'],
  ['user.password.set', "A user's password was set", 'ann@example.com'],
  ['job.run', 'A scheduled job ran', 'nightly-cleanup'],
  ['backup.create', 'A backup was made', 'callboard.backup'],
  ['backup.restore', 'A backup was restored', 'callboard.backup'],
  ['license.create', 'A license was added', 'enterprise'],
  ['license.update', 'A license was changed', 'enterprise'],
  ['license.delete', 'A license was removed', 'enterprise'],
]

/** The operations of administrators: posting one fires the AdminWebhooks for it. Nobody is told unless they ask. */
export const admin: readonly EventTypeProgram[] = operations.map(([id, description, subject]) =>
  event({
    id,
    description,
    default: false,
    severity: info,
    sample: { subject },
    title: `${description}: {{ payload.subject }}`,
    key: 'subject',
  }),
)
