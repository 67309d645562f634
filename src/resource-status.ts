// What is observed of a resource that sends: whether its secrets are there, how its deliveries go, and what stands before
// the targets they go to.

import type { Engine } from './delivery/engine.js'
import type { DeliveryOutcomes, SenderOutcomes, SendingError, UsedTarget } from './delivery-outcomes.js'
import type { Resource } from './resources/resource.js'
import type { SecretCheck } from './secret-check.js'
import { type Sender, sendersOf } from './senders.js'
import type { CallbackStatus, ResourceStatus, SendingErrorView, TargetStatus } from './status/resource-status.js'
import type { ConditionView } from './status/views.js'

export interface ResourceStatusParts {
  readonly engine: Pick<Engine, 'target' | 'operations'>
  readonly outcomes: DeliveryOutcomes
  readonly secrets: SecretCheck
  /** Whether the deliveries of a namespace are held. */
  readonly isSuspended: (namespace: string) => boolean
  /** What else is observed of a resource. */
  readonly observed: (resource: Resource) => readonly ConditionView[]
  /** What is applied now. */
  readonly generation: () => number
}

interface Sending extends Sender {
  readonly outcomes: SenderOutcomes | undefined
}

export class ResourceStatuses {
  readonly #parts: ResourceStatusParts

  constructor(parts: ResourceStatusParts) {
    this.#parts = parts
  }

  /** Finds the conditions of one resource after the other, those that it has besides being applied. */
  async conditions(): Promise<(resource: Resource) => Promise<ConditionView[]>> {
    const { outcomes, engine, secrets } = this.#parts
    await outcomes.restore(engine.operations)
    const look = secrets.look()
    return async (resource) => {
      const found: ConditionView[] = []
      const looked = await look(resource)
      if (looked !== undefined) {
        const { missing, since } = looked
        found.push({
          type: 'SecretMissing',
          status: missing.length > 0 ? 'True' : 'False',
          reason: missing.length > 0 ? 'NotFound' : 'Found',
          message: missing.length > 0 ? missing.join('; ') : 'every secret that is named is there',
          observedGeneration: this.#parts.generation(),
          lastTransitionTime: iso(since),
        })
      }
      found.push(...this.#parts.observed(resource))
      const sending = this.#sendingOf(resource)
      if (sending.length > 0) found.push(this.#delivering(sending))
      return found
    }
  }

  /** Null for a resource that sends nothing. */
  async status(resource: Resource): Promise<ResourceStatus | null> {
    const { outcomes, engine } = this.#parts
    await outcomes.restore(engine.operations)
    const sending = this.#sendingOf(resource)
    if (sending.length === 0) return null
    return {
      since: iso(outcomes.since),
      callbacks: sending.map((one) => this.#callback(one, resource.namespace)),
    }
  }

  #sendingOf(resource: Resource): readonly Sending[] {
    return sendersOf(resource).map((sender) => ({ ...sender, outcomes: this.#parts.outcomes.of(sender.key) }))
  }

  #delivering(sending: readonly Sending[]): ConditionView {
    const { since } = this.#parts.outcomes
    const tried = sending.filter((one): one is Sending & { outcomes: SenderOutcomes } => one.outcomes !== undefined)
    const failing = tried.filter(({ outcomes }) => outcomes.failuresInARow > 0)
    const latest = latestOf(failing.length > 0 ? failing : tried)
    if (latest === undefined) {
      return {
        type: 'Delivering',
        status: 'Unknown',
        reason: 'NothingSent',
        message: `nothing has been sent since ${iso(since)}`,
        observedGeneration: this.#parts.generation(),
        lastTransitionTime: iso(since),
      }
    }
    const { outcomes } = latest
    const isFailing = failing.length > 0
    return {
      type: 'Delivering',
      status: isFailing ? 'False' : 'True',
      reason: isFailing ? pascal(outcomes.lastError?.class ?? 'failed') : 'Delivered',
      message: isFailing ? failingText(latest, failing.length, sending.length) : deliveredText(outcomes),
      observedGeneration: outcomes.generation,
      lastTransitionTime: iso(outcomes.since),
    }
  }

  #callback({ name, outcomes }: Sending, namespace: string): CallbackStatus {
    const { lastSuccess, lastError, failuresInARow = 0, targets = [], hasMoreTargets = false } = outcomes ?? {}
    return {
      name,
      lastSuccess: lastSuccess === undefined ? null : iso(lastSuccess),
      lastError: lastError === undefined ? null : errorView(lastError),
      failuresInARow,
      targets: targets.map((target) => this.#target(target, namespace)),
      moreTargets: hasMoreTargets,
    }
  }

  #target({ target, breaker: heedsBreaker, at }: UsedTarget, namespace: string): TargetStatus {
    const { breaker = 'closed', hold, rateUntil, inFlight = 0 } = this.#parts.engine.target(target) ?? {}
    const isSuspended = this.#parts.isSuspended(namespace)
    const held = hold?.reason === 'breaker' && !heedsBreaker ? undefined : hold
    return {
      target,
      lastAttempt: iso(at),
      gate: isSuspended || held !== undefined ? 'held' : 'open',
      reason: isSuspended ? 'suspend' : (held?.reason ?? null),
      until: isSuspended || held === undefined ? null : iso(held.until),
      breaker: heedsBreaker ? breaker : 'off',
      rateUntil: rateUntil === undefined ? null : iso(rateUntil),
      inFlight,
    }
  }
}

/** Of those that fail, or of those that do not. */
function latestOf<One extends { readonly outcomes: SenderOutcomes }>(sending: readonly One[]): One | undefined {
  return sending.reduce<One | undefined>(
    (latest, one) => (latest === undefined || one.outcomes.since > latest.outcomes.since ? one : latest),
    undefined,
  )
}

function failingText({ name, outcomes }: Sending & { outcomes: SenderOutcomes }, failing: number, all: number): string {
  const { lastError, lastSuccess, failuresInARow, targets } = outcomes
  const times = failuresInARow === 1 ? 'the last attempt failed' : `the last ${failuresInARow} attempts failed`
  const where = targets[0] === undefined ? '' : `, to ${targets[0].target}`
  const before = lastSuccess === undefined ? 'none has gone well' : `the last success was at ${iso(lastSuccess)}`
  const text = `${times}${where}: ${lastError?.message} (delivery ${lastError?.delivery}); ${before}`
  return all === 1 ? text : `${failing} of ${all} callbacks fail; "${name}": ${text}`
}

function deliveredText({ lastSuccess = 0 }: SenderOutcomes): string {
  return `the last attempt went well, at ${iso(lastSuccess)}`
}

function errorView({ at, class: kind, message, status, delivery }: SendingError): SendingErrorView {
  return { time: iso(at), class: kind, message, status: status ?? null, delivery }
}

function pascal(word: string): string {
  return word.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

const iso = (time: number): string => new Date(time).toISOString()
