// Whether somebody whom a message was accepted for is to be told still: what waits for hours must not reach people who have
// left, or an address that nobody has any more.

import type { BindingRecipient } from '../resources/kinds/notification-program.js'
import { writeReference } from '../resources/kinds/reference.js'
import type { Decision } from './decision.js'
import type { BindingEntry, ChannelEntry, Tables } from './tables.js'

export type Standing = 'bound' | 'binding_disabled' | 'binding_pruned' | 'user_pruned'

/** A person on a channel, as they were when the message was accepted. */
export interface Addressee {
  readonly channel: Pick<Decision['channel'], 'namespace' | 'name'>
  /** Name of the User. */
  readonly user: string
  /** Id of the UserBinding; undefined where it is not on record. */
  readonly binding: string | undefined
  readonly recipient: BindingRecipient
}

/** Asked before each attempt: what it looks things up in is made once for a revision, when somebody asks. */
export class Standings {
  readonly #tables: Tables
  #channels: ReadonlyMap<string, ChannelEntry> | undefined
  readonly #bindings = new Map<ChannelEntry, Map<string, BindingEntry[]>>()

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** By the binding itself; where it is declared under another name, by another of the same person and address. */
  of({ channel, user, binding, recipient }: Addressee): Standing {
    if (!this.#tables.users.has(user)) return 'user_pruned'
    this.#channels ??= new Map(this.#tables.channels.map((entry) => [writeReference(entry.channel), entry]))
    const entry = this.#channels.get(writeReference(channel))
    const theirs = (entry && this.#bindingsOf(entry).get(user)) ?? []
    const found = theirs.find((one) => one.binding.id === binding) ?? theirs.find((one) => isFor(one, recipient))
    if (found === undefined) return 'binding_pruned'
    return found.binding.program.enabled ? 'bound' : 'binding_disabled'
  }

  #bindingsOf(entry: ChannelEntry): ReadonlyMap<string, readonly BindingEntry[]> {
    const known = this.#bindings.get(entry)
    if (known !== undefined) return known
    const found = new Map<string, BindingEntry[]>()
    for (const one of entry.bindings) {
      const { name } = one.user.user
      const theirs = found.get(name)
      if (theirs === undefined) found.set(name, [one])
      else theirs.push(one)
    }
    this.#bindings.set(entry, found)
    return found
  }
}

/** Learned addresses are found by the e-mail address; a binding that names none may be for any of them. */
function isFor({ recipient, user }: BindingEntry, wanted: BindingRecipient): boolean {
  const own = Object.keys(recipient).length === 0 ? { email: user.user.program.email } : recipient
  return JSON.stringify(own) === JSON.stringify(wanted)
}
