// Which events are somebody's business at all.

import type { PreferenceProgram } from '../resources/kinds/notification-program.js'
import type { UserProgram } from '../resources/kinds/user.js'
import type { Resource } from '../resources/resource.js'
import type { Occurrence } from './message.js'
import type { Said } from './preference-level.js'
import { say } from './reason-text.js'

type User = Resource & { readonly program: UserProgram }

interface OutOfScope {
  readonly because: string
  readonly by?: Resource
}

/** Undefined when it is their business. Without a user: that of a channel that is one recipient itself. */
export function outOfScope(
  event: Occurrence,
  user: User | undefined,
  scope: Said<NonNullable<PreferenceProgram['scope']>> | undefined,
  customersEnabled: boolean,
): OutOfScope | undefined {
  const role = user && byRole[user.program.role](event, user, customersEnabled)
  if (user !== undefined && role !== undefined) return { because: say(user, role), by: user }
  if (scope === undefined) return undefined
  const { services, customers } = scope.value
  const outside = isOutside('services', services, event.service) ?? isOutside('customers', customers, event.customer)
  return outside === undefined ? undefined : { because: say(scope.by, outside), by: scope.by }
}

function isOutside(field: string, listed: readonly string[], named: string | undefined): string | undefined {
  // What names none is about none of the others.
  if (listed.length === 0 || named === undefined || listed.includes(named)) return undefined
  return `has a scope whose ${field} do not include "${named}"`
}

type Rule = (event: Occurrence, user: User, customersEnabled: boolean) => string | undefined

const byRole: Readonly<Record<UserProgram['role'], Rule>> = {
  admin: () => undefined,
  member: ({ namespace }, { program: { namespaces } }) =>
    namespace === undefined || namespaces.includes(namespace) ? undefined : `is no member of namespace ${namespace}`,
  customer: ({ namespace, service }, { program: { services, namespaces } }, customersEnabled) => {
    if (!customersEnabled) return 'is a customer, and customers are told nothing: customers.enabled is not set'
    if (service === undefined) return 'is a customer, and the event names no service'
    if (!services.includes(service)) return `is a customer, and service "${service}" is not named for them`
    return namespace === undefined || namespaces.length === 0 || namespaces.includes(namespace)
      ? undefined
      : `is a customer of other namespaces than ${namespace}`
  },
}
