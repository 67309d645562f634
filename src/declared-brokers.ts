// Which brokers are declared: connections to others are closed once nothing is under way on them.

import { kafkaTarget } from './callbacks/kafka-payload.js'
import { rabbitTarget } from './callbacks/rabbitmq-payload.js'
import type { Plan } from './reconcile/plan.js'
import type { Target } from './reconcile/target.js'
import { readBrokers } from './resources/kinds/callback-kafka.js'
import type { DeclaredCallback } from './resources/kinds/callback-message.js'
import type { Resource, ResourceSet } from './resources/resource.js'

export class DeclaredBrokers implements Target {
  readonly name = 'brokers'
  readonly #retain: (targets: ReadonlySet<string>) => void
  /** How often each is declared. */
  readonly #counts = new Map<string, number>()

  /** `retain` is told which are declared, whenever that may have changed. */
  constructor(retain: (targets: ReadonlySet<string>) => void) {
    this.#retain = retain
  }

  prepare(_desired: ResourceSet, { create, update, prune, move }: Plan): () => void {
    const added = [...create, ...update.map(({ after }) => after), ...move.map(({ to }) => to)].flatMap(targetsOf)
    const removed = [...prune, ...update.map(({ before }) => before), ...move.map(({ from }) => from)].flatMap(
      targetsOf,
    )
    if (added.length + removed.length === 0) return () => {}
    return () => {
      for (const target of added) this.#add(target, 1)
      for (const target of removed) this.#add(target, -1)
      this.#retain(new Set(this.#counts.keys()))
    }
  }

  #add(target: string, count: 1 | -1): void {
    const sum = (this.#counts.get(target) ?? 0) + count
    if (sum === 0) this.#counts.delete(target)
    else this.#counts.set(target, sum)
  }
}

const targetOf: Readonly<Record<string, (callback: DeclaredCallback) => string | undefined>> = {
  kafka: ({ kafkaBrokers, kafkaUseSASL, kafkaUsername }) =>
    kafkaBrokers === undefined
      ? undefined
      : kafkaTarget(readBrokers(kafkaBrokers).brokers, kafkaUseSASL === true ? kafkaUsername : undefined),
  // One with expressions may be any number of targets, and is none.
  rabbitmq: ({ rabbitURL }) => (rabbitURL === undefined ? undefined : rabbitTarget(rabbitURL)),
}

function targetsOf({ kind, spec }: Resource): string[] {
  const callbacks = kind === 'Mock' ? (spec as { webhooks?: readonly DeclaredCallback[] } | null)?.webhooks : [spec]
  return (callbacks ?? []).flatMap((callback) => {
    const { type = 'http' } = (callback ?? {}) as DeclaredCallback
    const target = Object.hasOwn(targetOf, type) ? targetOf[type]?.(callback as DeclaredCallback) : undefined
    return target === undefined ? [] : [target]
  })
}
