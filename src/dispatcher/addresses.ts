// Addresses that were found out: a Slack user's id for an e-mail address, the chat that opened when somebody pressed Start.
// They belong to no declaration and are kept in the store, by the bot or workspace that they are good for and the person.

import type { Json } from '../expression/json.js'
import type { ResourceId } from '../resources/resource.js'
import type { Store, Transaction } from '../store/store.js'
import type { AddressBook } from './channel-type.js'
import type { Tables } from './tables.js'

export interface LearnedAddress {
  readonly address: string
  /** The channel that uses it. */
  readonly channel: ResourceId
  /** Milliseconds since 1970. */
  readonly learned: number
  /** Since when its channel, its person, or what binds them is not declared any more. */
  readonly unusedSince?: number
}

export const addressScope = 'address/'
const keptUnusedMs = 30 * 24 * 3600 * 1000

export interface AddressesOptions {
  readonly store: Pick<Store, 'list' | 'transact'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onWarning: (message: string) => void
}

export class Addresses {
  readonly #options: AddressesOptions
  /** By their key in the store. */
  readonly #known = new Map<string, LearnedAddress>()

  constructor(options: AddressesOptions) {
    this.#options = options
    for (const [key, value] of options.store.list(addressScope)) {
      this.#known.set(key, value as unknown as LearnedAddress)
    }
  }

  /** What the code of a channel's vendor sees of it. */
  of(channel: ResourceId): AddressBook {
    return {
      find: (workspace, person) => {
        const key = keyOf(workspace, person)
        const known = this.#fresh(key)
        // A channel that was renamed, or another one with the same bot, takes it over.
        if (known !== undefined && (known.channel !== channel || known.unusedSince !== undefined)) {
          this.#keep(key, { address: known.address, channel, learned: known.learned })
        }
        return known?.address
      },
      learn: (workspace, person, address) => {
        const key = keyOf(workspace, person)
        if (this.#fresh(key)?.address === address) return
        this.#keep(key, { address, channel, learned: this.#options.now() })
      },
      forget: (workspace, person) => {
        const key = keyOf(workspace, person)
        if (this.#known.has(key)) this.#keep(key, undefined)
      },
    }
  }

  /** The address, for those who only look. */
  look(workspace: string, person: string): string | undefined {
    return this.#fresh(keyOf(workspace, person))?.address
  }

  /** Whether anything is known of a person on a channel, whichever bot or workspace it is good for. */
  knows(channel: ResourceId, person: string): boolean {
    const end = `/${encodeURIComponent(person.toLowerCase())}`
    for (const [key, known] of this.#known) {
      if (known.channel === channel && key.endsWith(end) && this.#isFresh(known)) return true
    }
    return false
  }

  /** Who is reached at an address. */
  at(workspace: string, address: string): { readonly channel: ResourceId; readonly person: string }[] {
    const start = `${addressScope}${encodeURIComponent(workspace)}/`
    return [...this.#known].flatMap(([key, known]) =>
      key.startsWith(start) && known.address === address ? [{ channel: known.channel, person: personOf(key) }] : [],
    )
  }

  /** Learns as part of somebody's transaction over `addressScope`; call what it returns once that has resolved. */
  write(tx: Transaction, channel: ResourceId, workspace: string, person: string, address: string): () => void {
    const key = keyOf(workspace, person)
    const value: LearnedAddress = { address, channel, learned: this.#options.now() }
    tx.put(key, value as unknown as Json)
    return () => this.#known.set(key, value)
  }

  /** What nobody needs by what is declared is forgotten after 30 days. */
  retain(tables: Pick<Tables, 'channels'>): void {
    if (this.#known.size === 0) return
    const now = this.#options.now()
    const types = new Map<string, string>(tables.channels.map(({ channel }) => [channel.id, channel.program.type]))
    const bound = new Set<string>()
    for (const { channel, bindings } of tables.channels) {
      for (const { user, recipient } of bindings) {
        for (const person of [user.user.program.email, recipient.userId ?? '']) {
          bound.add(`${channel.program.type} ${person.toLowerCase()}`)
        }
      }
    }
    for (const [key, known] of this.#known) {
      const person = personOf(key)
      // Of a group that has moved whoever declared it still names the old id.
      const isUsed = person.startsWith('chat:') || bound.has(`${types.get(known.channel)} ${person}`)
      const { unusedSince, ...rest } = known
      if (!this.#isFresh(known)) this.#keep(key, undefined)
      else if (isUsed && unusedSince !== undefined) this.#keep(key, rest)
      else if (!isUsed && unusedSince === undefined) this.#keep(key, { ...rest, unusedSince: now })
    }
  }

  /** Forgets what has been of no use for too long. Due now and then, also when nothing is applied. */
  sweep(): void {
    for (const [key, known] of this.#known) if (!this.#isFresh(known)) this.#keep(key, undefined)
  }

  #fresh(key: string): LearnedAddress | undefined {
    const known = this.#known.get(key)
    return known !== undefined && this.#isFresh(known) ? known : undefined
  }

  #isFresh({ unusedSince }: LearnedAddress): boolean {
    return unusedSince === undefined || this.#options.now() - unusedSince <= keptUnusedMs
  }

  #keep(key: string, value: LearnedAddress | undefined): void {
    if (value === undefined) this.#known.delete(key)
    else this.#known.set(key, value)
    this.#options.store
      .transact([addressScope], (tx) => {
        if (value === undefined) tx.delete(key)
        else tx.put(key, value as unknown as Json)
      })
      .catch((error: unknown) => {
        this.#options.onWarning(`a learned address cannot be kept: ${(error as Error).message}`)
      })
  }
}

/** E-mail addresses are compared without regard to case. */
function keyOf(workspace: string, person: string): string {
  return `${addressScope}${encodeURIComponent(workspace)}/${encodeURIComponent(person.toLowerCase())}`
}

function personOf(key: string): string {
  return decodeURIComponent(key.slice(key.lastIndexOf('/') + 1))
}
