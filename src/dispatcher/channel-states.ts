// What was found out about channels and about who is reached on them, and lasts until a person mends it: a destination
// that is gone, an address that is refused. In the store, so that a restart does not try it all again.

import type { Json } from '../expression/json.js'
import { type Resource, type ResourceId, type ResourceSet, resourceId } from '../resources/resource.js'
import type { Store } from '../store/store.js'

/** Why nothing can arrive. */
export interface Unusable {
  /** Milliseconds since 1970. */
  readonly since: number
  readonly class: string
  /** For people, without secrets. */
  readonly message: string
  /** Id of the delivery that showed it. */
  readonly delivery: string
}

interface DisabledChannel extends Unusable {
  /** Of the declaration: with another one it is tried again. */
  readonly digest: string
}

const channelScope = 'channel/disabled/'
const recipientScope = 'channel/recipient/'

export interface ChannelStatesOptions {
  readonly store: Pick<Store, 'list' | 'transact'>
  /** A channel may be used again. */
  readonly onEnabled: () => void
  readonly onWarning: (message: string) => void
}

export class ChannelStates {
  readonly #options: ChannelStatesOptions
  readonly #disabled = new Map<ResourceId, DisabledChannel>()
  /** By channel and user. */
  readonly #recipients = new Map<string, Unusable>()

  constructor(options: ChannelStatesOptions) {
    this.#options = options
    const { store } = options
    for (const [key, value] of store.list(channelScope)) {
      this.#disabled.set(key.slice(channelScope.length), value as unknown as DisabledChannel)
    }
    for (const [key, value] of store.list(recipientScope)) {
      this.#recipients.set(key.slice(recipientScope.length), value as unknown as Unusable)
    }
  }

  /** Undefined for a channel that may be used. */
  disabled({ id, digest }: Pick<Resource, 'id' | 'digest'>): Unusable | undefined {
    const state = this.#disabled.get(id)
    return state?.digest === digest ? state : undefined
  }

  /** True when it was usable before. */
  disable({ id, digest }: Pick<Resource, 'id' | 'digest'>, why: Unusable): boolean {
    if (this.#disabled.get(id)?.digest === digest) return false
    const state = { ...why, digest }
    this.#disabled.set(id, state)
    this.#keep(channelScope + id, state as unknown as Json)
    return true
  }

  /** Tries it again. False when it was usable already. Rejects with `StoreUnavailable`, and then nothing has changed. */
  async enable(id: ResourceId): Promise<boolean> {
    if (!this.#disabled.has(id)) return false
    await this.#write(channelScope + id, undefined)
    this.#disabled.delete(id)
    this.#options.onEnabled()
    return true
  }

  /** Undefined for a person who may be reached there, as far as is known. */
  recipient(channel: ResourceId, user: string): Unusable | undefined {
    return this.#recipients.get(recipientKey(channel, user))
  }

  refuse(channel: ResourceId, user: string, why: Unusable): void {
    const key = recipientKey(channel, user)
    const { since } = this.#recipients.get(key) ?? why
    const state = { ...why, since }
    this.#recipients.set(key, state)
    this.#keep(recipientScope + key, state as unknown as Json)
  }

  /** Something has arrived: what was known to be wrong is not any more. */
  arrived(channel: ResourceId, user: string | undefined): void {
    if (this.#disabled.delete(channel)) {
      this.#keep(channelScope + channel, undefined)
      this.#options.onEnabled()
    }
    if (user === undefined) return
    const key = recipientKey(channel, user)
    if (this.#recipients.delete(key)) this.#keep(recipientScope + key, undefined)
  }

  /** Forgets what is not declared any more, or is declared otherwise. */
  retain(resources: ResourceSet): void {
    for (const [id, { digest }] of this.#disabled) {
      if (resources.get(id)?.digest === digest) continue
      this.#disabled.delete(id)
      this.#keep(channelScope + id, undefined)
    }
    for (const key of this.#recipients.keys()) {
      const [channel = '', user = ''] = key.split(' ')
      if (resources.has(channel) && resources.has(resourceId('User', '', user))) continue
      this.#recipients.delete(key)
      this.#keep(recipientScope + key, undefined)
    }
  }

  #keep(key: string, value: Json | undefined): void {
    this.#write(key, value).catch((error: unknown) => {
      // It is found out again after a restart.
      this.#options.onWarning(`what is known of a channel cannot be kept: ${(error as Error).message}`)
    })
  }

  #write(key: string, value: Json | undefined): Promise<void> {
    return this.#options.store.transact(['channel/'], (tx) => {
      if (value === undefined) tx.delete(key)
      else tx.put(key, value)
    })
  }
}

/** Neither has a space in it. */
function recipientKey(channel: ResourceId, user: string): string {
  return `${channel} ${user}`
}
