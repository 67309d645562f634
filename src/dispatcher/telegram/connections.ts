// What people do to a bot, as it is kept: links that were made, chats that opened, groups that moved. Every effect is one
// record with the place to read on from, so that none is lost and none happens twice.

import { createHash } from 'node:crypto'
import type { Json } from '../../expression/json.js'
import type { ResourceId } from '../../resources/resource.js'
import type { Store, Transaction } from '../../store/store.js'
import { type Addresses, addressScope } from '../addresses.js'
import type { Migration, Start, Update } from './updates.js'

/** Whom a link connects. */
export interface Link {
  readonly bot: string
  readonly channel: ResourceId
  /** Name of the User. */
  readonly user: string
  readonly email: string
  /** Milliseconds since 1970. */
  readonly until: number
}

export interface BotRecord {
  /** The first update that was not taken yet. */
  readonly offset: number
  /** Of the webhook that was set; absent while the bot is polled. */
  readonly secret?: string
}

/** What somebody who pressed Start is told. */
export interface Greeting {
  readonly chat: string
  readonly connected: boolean
}

const scope = 'telegram/'
const linkScope = `${scope}link/`
const botScope = `${scope}bot/`

export class TelegramConnections {
  readonly #store: Pick<Store, 'get' | 'list' | 'transact'>
  readonly #addresses: Addresses
  readonly #now: () => number

  constructor(store: Pick<Store, 'get' | 'list' | 'transact'>, addresses: Addresses, now: () => number) {
    this.#store = store
    this.#addresses = addresses
    this.#now = now
  }

  bot(id: string): BotRecord {
    return (this.#store.get(botScope + id) as BotRecord | undefined) ?? { offset: 0 }
  }

  keepBot(id: string, record: BotRecord): Promise<void> {
    return this.#store.transact([scope], (tx) => tx.put(botScope + id, record as unknown as Json), 'sync')
  }

  /** On disk once it resolves. Links that nobody followed in time are forgotten. */
  async addLink(payload: string, link: Link): Promise<void> {
    const now = this.#now()
    await this.#store.transact(
      [scope],
      (tx) => {
        for (const [key, value] of tx.list(linkScope)) {
          if ((value as unknown as Link).until <= now) tx.delete(key)
        }
        tx.put(linkKey(payload), link as unknown as Json)
      },
      'sync',
    )
  }

  /** Does what updates of a bot mean, together with where to read on. Resolves once it is on disk. */
  async take(bot: string, updates: readonly Update[], next: number): Promise<readonly Greeting[]> {
    const greetings: Greeting[] = []
    const commits: (() => void)[] = []
    await this.#store.transact(
      [scope, addressScope],
      (tx) => {
        for (const update of updates) {
          if (update.kind === 'start') greetings.push(...this.#start(tx, bot, update, commits))
          else if (update.kind === 'migration') this.#migrate(tx, bot, update, commits)
        }
        const before = (tx.get(botScope + bot) as BotRecord | undefined) ?? { offset: 0 }
        tx.put(botScope + bot, { ...before, offset: Math.max(before.offset, next) } as unknown as Json)
      },
      'sync',
    )
    for (const commit of commits) commit()
    return greetings
  }

  #start(tx: Transaction, bot: string, { chat, payload }: Start, commits: (() => void)[]): Greeting[] {
    if (payload === undefined) return chat.type === 'private' ? [{ chat: chat.id, connected: false }] : []
    const key = linkKey(payload)
    const link = tx.get(key) as unknown as Link | undefined
    if (link === undefined || link.bot !== bot || link.until <= this.#now())
      return [{ chat: chat.id, connected: false }]
    // Once: whoever has the link after this gets nothing by it.
    tx.delete(key)
    commits.push(this.#addresses.write(tx, link.channel, bot, link.email, chat.id))
    return [{ chat: chat.id, connected: true }]
  }

  #migrate(tx: Transaction, bot: string, { from, to }: Migration, commits: (() => void)[]): void {
    for (const { channel, person } of this.#addresses.at(bot, from)) {
      commits.push(this.#addresses.write(tx, channel, bot, person, to))
    }
    commits.push(this.#addresses.write(tx, '', bot, `chat:${from}`, to))
  }
}

/** The link itself is not kept: whoever reads the state directory cannot use it. */
function linkKey(payload: string): string {
  return linkScope + createHash('sha256').update(payload).digest('hex').slice(0, 32)
}
