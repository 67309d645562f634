// Whom a message goes to that somebody sends by hand: the channel itself, an address that was given, or one of its users.

import { channelTypeFacts, recipientsOf } from '../resources/channel-types.js'
import type { ChannelProgram } from '../resources/kinds/notification-program.js'
import type { Resource } from '../resources/resource.js'
import type { Recipient } from './channel-type.js'
import { channelName } from './notification.js'
import type { RevisionRules } from './revision-rules.js'

export interface RecipientWish {
  /** An address, in the form that the channel's type wants. */
  readonly recipient?: string
  /** Name of a User that is bound to the channel. */
  readonly user?: string
}

/** Nobody is meant, or nobody that the channel reaches; the message says what is needed. */
export class RecipientRefused extends Error {
  override readonly name = 'RecipientRefused'
  readonly field: 'recipient' | 'user'

  constructor(field: RecipientRefused['field'], message: string) {
    super(message)
    this.field = field
  }
}

/** Throws `RecipientRefused`. */
export function recipientFor(
  channel: Resource,
  { recipient, user }: RecipientWish,
  rules: Pick<RevisionRules, 'tables'>,
): { readonly recipient: Recipient; readonly user?: string } {
  const { type, config } = channel.program as ChannelProgram
  const facts = channelTypeFacts(type)
  const fields = facts === undefined ? 'channel' : recipientsOf(facts, config)
  if (fields === 'channel') {
    const given = recipient !== undefined ? ('recipient' as const) : user !== undefined ? ('user' as const) : undefined
    if (given === undefined) return { recipient: {} }
    throw new RecipientRefused(given, `${channelName(channel)} is one recipient itself; leave it out`)
  }
  if (recipient !== undefined) {
    const isEmail = recipient.includes('@') && !recipient.startsWith('@')
    const field = fields.find((one) => (one === 'email') === isEmail)
    if (field !== undefined) return { recipient: { [field]: recipient } }
    const message = `a channel of type ${type} is not reached so; it wants ${fields.join(' or ')}`
    throw new RecipientRefused('recipient', message)
  }
  const entry = rules.tables.channels.find((one) => one.channel.id === channel.id)
  const bound = entry?.bindings ?? []
  const names = bound.map((one) => one.user.user.name)
  const found = bound.find((one) => one.user.user.name === user)
  if (user !== undefined && found === undefined) {
    const known = names.length === 0 ? 'nobody is' : `${names.slice(0, 20).join(', ')} are`
    throw new RecipientRefused('user', `"${user}" is not bound to ${channelName(channel)}; ${known}`)
  }
  if (found === undefined) {
    const whom = names.length === 0 ? '' : `, or one of its users: ${names.slice(0, 20).join(', ')}`
    throw new RecipientRefused(
      'recipient',
      `${channelName(channel)} writes to people; say to whom by recipient (${fields.join(' or ')})${whom}`,
    )
  }
  const { email } = found.user.user.program
  const isKnown = Object.keys(found.recipient).length > 0
  return { recipient: isKnown ? found.recipient : { email }, user: found.user.user.name }
}
