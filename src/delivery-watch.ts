// What happens to deliveries, counted for metrics and told to whoever watches.

import type { DeliveryObserver } from './delivery/engine.js'
import type { Attempt, Delivery, DeliveryState } from './store/delivery.js'
import { isWaiting } from './store/delivery.js'

export interface DeliveryCount {
  readonly kind: string
  readonly transport: string
  /** Of notifications: the channel's reference and its type. */
  readonly channel?: string
  readonly channelType?: string
  /** A status, or `accepted`. */
  readonly state: string
  readonly count: number
}

export interface AttemptCount {
  readonly kind: string
  readonly transport: string
  readonly channel?: string
  readonly channelType?: string
  /** `ok`, or what went wrong. */
  readonly class: string
  readonly count: number
}

interface Counted {
  readonly kind: string
  readonly transport: string
  readonly channel?: string
  readonly channelType?: string
  readonly word: string
  count: number
}

/** Channels that come and go must not add up without end. */
const maxCounted = 20_000

/** Plain numbers by kind, transport, channel and one word more; all of these are declared or come from this program. */
class Tally {
  readonly #counts = new Map<string, Counted>()

  add({ kind, transport, about: { channel, channelType } }: Delivery, word: string): void {
    const base = { kind, transport, word, count: 1 }
    if (typeof channel !== 'string' || typeof channelType !== 'string') {
      this.#add(`${kind} ${transport} ${word}`, base)
      return
    }
    const key = `${kind} ${transport} ${word} ${channelType} ${channel}`
    if (this.#counts.has(key) || this.#counts.size < maxCounted) this.#add(key, { ...base, channel, channelType })
    else this.#add(`${kind} ${transport} ${word} ${channelType}`, { ...base, channel: otherChannels, channelType })
  }

  #add(key: string, first: Counted): void {
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, first)
    else known.count += 1
  }

  /** Those of channels that are not declared now are one. */
  *all(isDeclared: (channel: string) => boolean): Iterable<Readonly<Counted>> {
    const others = new Map<string, Counted>()
    for (const one of this.#counts.values()) {
      if (one.channel === undefined || isDeclared(one.channel)) {
        yield one
        continue
      }
      const key = `${one.kind} ${one.transport} ${one.word} ${one.channelType}`
      const known = others.get(key)
      if (known === undefined) others.set(key, { ...one, channel: otherChannels })
      else known.count += one.count
    }
    yield* others.values()
  }
}

const otherChannels = 'other'

/** An observer of the engine; it costs a count while nobody listens. */
export class DeliveryWatch implements DeliveryObserver {
  readonly #states = new Tally()
  readonly #attempts = new Tally()
  readonly #listeners = new Set<(id: string) => void>()

  accepted(delivery: Delivery): void {
    this.#states.add(delivery, 'accepted')
    if (delivery.suppressed !== undefined) this.#states.add(delivery, 'suppressed')
    this.#tell(delivery)
  }

  attempted(delivery: Delivery, attempt: Attempt): void {
    this.#attempts.add(delivery, attempt.class ?? 'ok')
  }

  changed(delivery: Delivery, { status }: DeliveryState): void {
    if (!isWaiting(status)) this.#states.add(delivery, status)
    this.#tell(delivery)
  }

  /** Tells `listener` of every delivery that is accepted or changed, until what it returns is called. */
  listen(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** `isDeclared`: whether there is such a channel now, by its reference. */
  *states(isDeclared: (channel: string) => boolean = () => true): Iterable<DeliveryCount> {
    for (const { word, ...counted } of this.#states.all(isDeclared)) yield { ...counted, state: word }
  }

  *attempts(isDeclared: (channel: string) => boolean = () => true): Iterable<AttemptCount> {
    for (const { word, ...counted } of this.#attempts.all(isDeclared)) yield { ...counted, class: word }
  }

  #tell({ id }: Delivery): void {
    if (this.#listeners.size === 0) return
    // The engine is in the middle of it: what a listener looks up should be as it is afterwards.
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(id)
    })
  }
}
