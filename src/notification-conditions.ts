// What is observed of a channel and of who is bound to it: whether it may be used, and whether they can be reached.

import type { Unusable } from './dispatcher/channel-states.js'
import type { BindingEntry, ChannelEntry, Tables } from './dispatcher/tables.js'
import type { Dispatching } from './dispatching.js'
import type { ChannelProgram } from './resources/kinds/notification-program.js'
import type { Resource } from './resources/resource.js'
import type { ConditionView } from './status/views.js'

export interface NotificationConditionParts {
  readonly dispatching: Pick<Dispatching, 'applied' | 'states' | 'known' | 'bots' | 'digests' | 'quotas'>
  /** ISO 8601: when what is applied was. */
  readonly appliedTime: () => string
}

type Fact = Pick<ConditionView, 'status' | 'reason' | 'message'> & { readonly since?: number }

export class NotificationConditions {
  readonly #parts: NotificationConditionParts
  /** By id of the binding; made once for each revision that somebody looks at. */
  readonly #bindings = new WeakMap<Tables, ReadonlyMap<string, Bound>>()

  constructor(parts: NotificationConditionParts) {
    this.#parts = parts
  }

  /** Empty for a resource of another kind. */
  of(resource: Resource): ConditionView[] {
    if (resource.kind === 'Channel') {
      const polling = this.#parts.dispatching.bots.stateOf(resource.id)
      return [
        this.#condition('Usable', this.#channel(resource)),
        ...(polling === undefined ? [] : [this.#condition('Connected', polling)]),
      ]
    }
    if (resource.kind === 'Digest') return [this.#condition('Scheduled', this.#digest(resource))]
    if (resource.kind === 'UserBinding') return [this.#condition('Reachable', this.#binding(resource))]
    if (resource.kind === 'Namespace') {
      const quota = this.#quota(resource.name)
      return quota === undefined ? [] : [this.#condition('WithinQuota', quota)]
    }
    return []
  }

  /** Undefined where nothing is limited over time. */
  #quota(namespace: string): Fact | undefined {
    const uses = this.#parts.dispatching.quotas.uses().filter((one) => one.namespace === namespace)
    if (uses.length === 0) return undefined
    const message = uses
      .map(({ quota, per, used, limit, refused, until }) => {
        const more = refused === 0 ? '' : `, ${refused} more not sent`
        return `${quota}: ${used} of ${limit} in the ${per} until ${until}${more}`
      })
      .join('; ')
    return uses.some(({ used, limit }) => used >= limit) ? no('UsedUp', message) : yes('Available', message)
  }

  #channel(channel: Resource): Fact {
    const { enabled, suspend } = channel.program as ChannelProgram
    if (!enabled) return no('Disabled', 'it is declared with enabled: false; what would be sent is suppressed')
    if (suspend) return no('Suspended', 'it is declared with suspend: true; what is to be sent waits')
    const disabled = this.#parts.dispatching.states.disabled(channel)
    if (disabled === undefined) return yes('InUse', 'nothing is known that keeps messages from arriving')
    const after = 'what is to be sent waits until it is declared otherwise, or enabled again: callboard channels enable'
    return lasting(disabled, `${disabled.message} (delivery ${disabled.delivery}); ${after}`)
  }

  #digest(digest: Resource): Fact {
    const status = this.#parts.dispatching.digests.statusOf(digest.id)
    if (status === undefined || status.state.next === null) {
      return no('Disabled', 'it is declared with enabled: false; nothing is gathered and nothing sent')
    }
    const { state, tally, readers } = status
    const next = new Date(state.next as number).toISOString()
    const subscribed = readers.filter(({ isSubscribed }) => isSubscribed).length
    const whom = subscribed === 0 ? 'nobody has switched it on' : `${subscribed} switched it on`
    return yes('Waiting', `next run ${next}; ${tally.events} events so far; ${whom}`)
  }

  #binding(binding: Resource): Fact {
    const { applied, states, known } = this.#parts.dispatching
    const bound = this.#boundOf(applied.rules.tables).get(binding.id)
    if (bound === undefined) {
      return no(
        'NotNeeded',
        'the channel is one recipient itself, or the user is not there: nothing is sent by this binding',
      )
    }
    const { channel } = bound.channel
    const { user, recipient, binding: declared } = bound.entry
    if (!declared.program.enabled) return no('Disabled', 'it is declared with enabled: false')
    const refused = states.recipient(channel.id, user.user.name)
    if (refused !== undefined) {
      return lasting(refused, `the address does not work: ${refused.message} (delivery ${refused.delivery})`)
    }
    const isKnown = Object.keys(recipient).length > 0
    if (isKnown) return yes('Declared', 'the address is declared')
    if (known.recipientOf(channel, user.user) !== undefined) return yes('Connected', 'the address was learned')
    const how = `callboard channels connect ${channel.name} --user ${user.user.name}`
    return no('Pending', `${user.user.name} has not connected yet; make a link for them: ${how}`)
  }

  #boundOf(tables: Tables): ReadonlyMap<string, Bound> {
    let found = this.#bindings.get(tables)
    if (found === undefined) {
      found = new Map(
        tables.channels.flatMap((channel) =>
          channel.bindings.map((entry): [string, Bound] => [entry.binding.id, { channel, entry }]),
        ),
      )
      this.#bindings.set(tables, found)
    }
    return found
  }

  #condition(type: string, { status, reason, message, since }: Fact): ConditionView {
    const { dispatching, appliedTime } = this.#parts
    const lastTransitionTime = since === undefined ? appliedTime() : new Date(since).toISOString()
    return {
      type,
      status,
      reason,
      message,
      observedGeneration: dispatching.applied.rules.generation,
      lastTransitionTime,
    }
  }
}

interface Bound {
  readonly channel: ChannelEntry
  readonly entry: BindingEntry
}

function yes(reason: string, message: string): Fact {
  return { status: 'True', reason, message }
}

function no(reason: string, message: string): Fact {
  return { status: 'False', reason, message }
}

function lasting({ class: kind, since }: Unusable, message: string): Fact {
  return {
    ...no(
      kind.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      message,
    ),
    since,
  }
}
