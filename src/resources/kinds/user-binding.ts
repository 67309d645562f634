import { channelTypeFacts, recipientsOf } from '../channel-types.js'
import type { UserBindingSpec } from '../generated/user-binding.js'
import type { Finding } from '../problem.js'
import type { Resource } from '../resource.js'
import type { Linked, LinkInput, Surroundings } from './kind.js'
import type { BindingProgram, BindingRecipient, ChannelProgram } from './notification-program.js'
import { parseReference } from './reference.js'
import { referenceFindings } from './resource-references.js'
import type { UserProgram } from './user.js'

/** Compiles a UserBinding that passed validation; all that can be wrong with it depends on other documents. */
export function linkUserBinding({ spec }: LinkInput): Linked {
  const { user, channel, recipient = {}, enabled = true } = spec as unknown as UserBindingSpec
  const program: BindingProgram = {
    user: parseReference(user),
    channel: parseReference(channel),
    recipient: recipient as BindingRecipient,
    enabled,
  }
  return { program, findings: [], references: [], settled: true }
}

/** All bindings of one user meet under this topic. */
export function bindingTopics({ program }: Resource): readonly string[] {
  return program === undefined ? [] : [topicOf(program as BindingProgram)]
}

const topicOf = ({ user }: BindingProgram) => `bindings of ${user.name}`

export function relateUserBinding(resource: Resource, around: Surroundings): readonly Finding[] {
  const { namespace } = resource
  const program = resource.program as BindingProgram
  const missing = [
    ...referenceFindings('User', program.user, '/spec/user', namespace, around),
    ...referenceFindings('Channel', program.channel, '/spec/channel', namespace, around),
  ]
  const user = around.find('User', program.user, namespace)
  const channel = around.find('Channel', program.channel, namespace)
  if (user?.program === undefined || channel?.program === undefined) return missing
  return [
    ...recipientFindings(program, channel.program as ChannelProgram),
    ...duplicateFindings(resource, user, channel, around),
  ]
}

/** Addresses that the channel has no use for. */
function recipientFindings({ recipient }: BindingProgram, { type, config }: ChannelProgram): readonly Finding[] {
  const facts = channelTypeFacts(type)
  const given = Object.keys(recipient) as (keyof BindingRecipient)[]
  if (facts?.recipients === undefined || given.length === 0) return []
  const usable = recipientsOf(facts, config)
  const base = { rule: 'unusable-recipient', severity: 'warning', pointer: '/spec/recipient' } as const
  if (usable === 'channel') {
    const message = 'the channel is one recipient itself, so an address of a person has no meaning here'
    return [{ ...base, message, hint: 'remove recipient' }]
  }
  if (given.some((field) => usable.includes(field))) return []
  const message = `a channel of type ${type} cannot reach anybody by ${given.join(' or ')}`
  return [{ ...base, severity: 'error', message, hint: `give ${usable.join(' or ')}` }]
}

/** The earlier one by file and line is the binding, the others are said twice. */
function duplicateFindings(
  resource: Resource,
  user: Resource,
  channel: Resource,
  around: Surroundings,
): readonly Finding[] {
  const address = effectiveAddress(resource.program as BindingProgram, user, channel)
  for (const other of around.sharing(topicOf(resource.program as BindingProgram))) {
    if (other.id === resource.id) return []
    const program = other.program as BindingProgram
    if (around.find('Channel', program.channel, other.namespace)?.id !== channel.id) continue
    if (effectiveAddress(program, user, channel) !== address) continue
    return [
      {
        rule: 'duplicate-binding',
        severity: 'error',
        pointer: '/spec',
        message: `${user.name} is bound to ${channel.id} at the same address by ${other.id} already, declared in ${other.file}:${other.line}`,
        hint: 'remove one of the two, or give them different recipients',
      },
    ]
  }
  return []
}

/** Without an e-mail address of its own a binding means the user's, where the type can use it. */
function effectiveAddress({ recipient }: BindingProgram, user: Resource, channel: Resource): string {
  const { type, config } = channel.program as ChannelProgram
  const facts = channelTypeFacts(type)
  const usable = facts?.recipients === undefined ? [] : recipientsOf(facts, config)
  if (usable === 'channel') return ''
  const byEmail = Object.keys(recipient).length === 0 && usable.includes('email')
  const { email = byEmail ? (user.program as UserProgram).email : '', chatId, userId, roomId } = recipient
  return JSON.stringify([email.toLowerCase(), chatId, userId, roomId])
}
