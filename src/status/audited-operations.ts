// Which operations are on record, and what is said of them: by the id of their route. What only reads is not, and neither
// are posted events: those have records of their own, with each delivery.
import type { AuditDetails, AuditedOperation, AuditOperations, AuditOutcome } from './audit-views.js'
import { HttpProblem } from './problem-details.js'
import type { Call, Route } from './route.js'

/** Undefined for a call that changes nothing. `answer`: undefined when it was refused or failed. */
type Describe = (call: Call, answer: Readonly<Record<string, unknown>> | undefined) => AuditedOperation | undefined

const delivery =
  (action: string): Describe =>
  ({ params: { id = '' } }) => ({ action, kind: 'Delivery', name: id })

/** Dry runs do nothing, and what was not confirmed has not been tried. */
const deliveries =
  (action: string): Describe =>
  (_, answer) =>
    answer?.dryRun === false ? { action, details: picked(answer, ['matched', 'changed']) } : undefined

const channel =
  (action: string, names: readonly string[]): Describe =>
  ({ params: { id = '' } }, answer) => ({ action, kind: 'Channel', ...nameOf(id), details: picked(answer, names) })

export const auditedOperations: Readonly<Record<string, Describe>> = {
  reconcile: ({ body }, answer) => ({
    action: 'reconcile',
    details: { ...picked(body, ['allowPrune']), ...picked(answer, ['outcome', 'reason']) },
  }),
  backup: () => ({ action: 'create_backup' }),
  suspend: ({ body }, answer) => ({
    action: 'suspend',
    details: { ...picked(body, ['by', 'reason']), ...picked(answer, ['changed']) },
  }),
  resume: (_, answer) => ({ action: 'resume', details: picked(answer, ['changed']) }),
  reset: ({ body }, answer) => ({
    action: 'reset',
    ...(picked(body, ['namespace']) as { namespace?: string }),
    details: { ...picked(body, ['chain']), ...picked(answer, ['requests', 'chains', 'globals', 'counters']) },
  }),
  requeueDelivery: delivery('requeue_delivery'),
  cancelDelivery: delivery('cancel_delivery'),
  fireDelivery: delivery('fire_delivery'),
  requeueDeadLetter: delivery('requeue_delivery'),
  requeueDeliveries: deliveries('requeue_deliveries'),
  cancelDeliveries: deliveries('cancel_deliveries'),
  fireDeliveries: deliveries('fire_deliveries'),
  testChannel: channel('test_notification_channel', ['id', 'status', 'reason']),
  sendMessage: ({ body }, answer) => ({
    action: 'send_message',
    kind: 'Channel',
    ...nameOf(String((body as { channel?: unknown }).channel ?? '')),
    details: { tool: 'send_via_channel', ...picked(answer, ['delivery', 'status', 'reason']) },
  }),
  // With credentials of the call's own, of which nothing may be kept: neither are the addresses that it names.
  sendDirectMessage: ({ body }, answer) => {
    const type = String((body as { type?: unknown }).type ?? '')
    return { action: 'send_message', details: { tool: `send_${type}`, type, ...picked(answer, ['status']) } }
  },
  enableChannel: channel('enable_notification_channel', ['changed']),
  runDigest: ({ params: { id = '' }, body }, answer) => ({
    action: 'run_digest',
    kind: 'Digest',
    ...nameOf(id),
    details: { ...picked(body, ['user']), ...picked(answer?.run ?? {}, ['events', 'sent', 'held', 'suppressed']) },
  }),
  connectTelegram: ({ body }) => ({
    action: 'connect_telegram',
    kind: 'Channel',
    ...nameOf(String((body as { channel?: unknown }).channel ?? '')),
    details: picked(body, ['user']),
  }),
}

/** The same route; what it does is on record before it answers. */
export function audited(route: Route, audit: AuditOperations): Route {
  const describe = auditedOperations[route.id]
  if (describe === undefined) return route
  const record = async (call: Call, outcome: AuditOutcome, answer?: unknown): Promise<void> => {
    const operation = describe(call, answer as Readonly<Record<string, unknown>> | undefined)
    if (operation !== undefined)
      await audit.record({
        ...operation,
        ...(call.via !== null && { actor: call.via }),
        address: call.address,
        outcome,
      })
  }
  return {
    ...route,
    handle: async (call) => {
      try {
        const reply = await route.handle(call)
        await record(call, 'done', 'json' in reply ? reply.json : undefined)
        return reply
      } catch (error) {
        const status = error instanceof HttpProblem ? error.status : 500
        // What names nothing that there is, or cannot be read, has not been tried.
        if (status === 403 || status === 409 || status === 422) await record(call, 'refused')
        else if (status >= 500) await record(call, 'failed')
        throw error
      }
    },
  }
}

/** Plain values only: what is nested may hold anything. */
function picked(from: unknown, names: readonly string[]): AuditDetails {
  const values = (from ?? {}) as Readonly<Record<string, unknown>>
  const found: Record<string, string | number | boolean> = {}
  for (const name of names) {
    const value = values[name]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') found[name] = value
  }
  return found
}

/** `name`, `namespace~name` or `namespace/name`. */
function nameOf(id: string): { readonly namespace?: string; readonly name: string } {
  const separator = id.search(/[~/]/)
  return separator === -1 ? { name: id } : { namespace: id.slice(0, separator), name: id.slice(separator + 1) }
}
