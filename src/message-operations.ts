// Messages of programs, from the control port to those who send them, and what settings allow of that.

import { createRequire } from 'node:module'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { Recipient } from './dispatcher/channel-type.js'
import { RecipientRefused } from './dispatcher/chosen-recipient.js'
import type { Dispatching } from './dispatching.js'
import type { MessageRate } from './message-rate.js'
import {
  type ChannelTypeFacts,
  channelTypeFacts,
  channelTypeNames,
  directConfigSchema,
  recipientsOf,
} from './resources/channel-types.js'
import type { ChannelProgram } from './resources/kinds/notification-program.js'
import { apiId, type Resource, resourceId } from './resources/resource.js'
import type { Settings } from './settings.js'
import type {
  DirectMessageWish,
  MessageChannel,
  MessageOperations,
  MessageRefusal,
  MessageWords,
} from './status/message-views.js'
import { lengthIn } from './template/length.js'

export interface MessageParts {
  readonly dispatching: Pick<Dispatching, 'applied' | 'messages' | 'direct'>
  readonly settings: Settings['messages']
  readonly rate: MessageRate
}

export function createMessageOperations({ dispatching, settings, rate }: MessageParts): MessageOperations {
  const { applied, messages, direct } = dispatching
  const mayUse = ({ namespace }: { readonly namespace: string }): boolean =>
    settings.namespaces === undefined || settings.namespaces.includes(namespace === '' ? '-' : namespace)
  const declared = () => applied.rules.tables.channels.map(({ channel }) => channel).filter(mayUse)
  const limited = (): MessageRefusal | undefined => {
    const retryAfterMs = rate.take()
    if (retryAfterMs === undefined) return undefined
    const message = `programs may send ${settings.perMinute} messages a minute (messages.perMinute of the settings); try again in ${Math.ceil(retryAfterMs / 1000)} seconds`
    return { outcome: 'limited', message, retryAfterMs }
  }
  return {
    channels: ({ namespace, type }) =>
      declared()
        .map(channelView)
        .filter((one) => namespace === undefined || (one.namespace ?? '') === namespace)
        .filter((one) => type === undefined || one.type === type)
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    send: async (name, { recipient, user, key, ...words }) => {
      if (!mayUse(name)) return { outcome: 'forbidden', message: foreign(name.namespace, settings) }
      const channel = applied.find(resourceId('Channel', name.namespace, name.name))
      if (channel === undefined) {
        return { outcome: 'unknown', known: declared().map((one) => apiId(one.namespace, one.name)) }
      }
      const refused = tooLong((channel.program as ChannelProgram).type, words) ?? limited()
      if (refused !== undefined) return refused
      const whom = { ...(recipient !== undefined && { recipient }), ...(user !== undefined && { user }) }
      try {
        return { outcome: 'accepted', delivery: await messages.accept(channel, words, whom, key) }
      } catch (error) {
        if (!(error instanceof RecipientRefused)) throw error
        return { outcome: 'refused', field: error.field, message: error.message }
      }
    },
    sendDirect: async (wish, signal) => {
      if (!settings.direct) {
        const message = 'messages with credentials of the call are switched off (messages.direct of the settings)'
        return { outcome: 'forbidden', message: `${message}; use a channel that is declared` }
      }
      const refused = mistakeIn(wish) ?? tooLong(wish.type, wish) ?? limited()
      if (refused !== undefined) return refused
      const { recipient = {}, ...message } = wish
      const outcome = await direct.send({ ...message, recipient: recipient as Recipient }, signal)
      if (outcome.ok) return { outcome: 'sent' }
      const { class: kind, message: said, status = null } = outcome
      return { outcome: 'failed', error: { class: kind, message: said, status } }
    },
  }
}

function channelView({ namespace, name, program }: Resource): MessageChannel {
  const { displayName, type, enabled, suspend, config } = program as ChannelProgram
  const { recipients, limits } = factsOf(type)
  const fields = recipientsOf({ ...factsOf(type), recipients }, config)
  return {
    id: apiId(namespace, name),
    namespace: namespace === '' ? null : namespace,
    name,
    displayName,
    type,
    enabled,
    suspend,
    recipients: fields === 'channel' ? 'channel' : 'user',
    addresses: fields === 'channel' ? [] : fields,
    limits: { title: limits.title, text: limits.body, unit: limits.unit },
  }
}

function foreign(namespace: string, { namespaces = [] }: Settings['messages']): string {
  const of = namespace === '' ? 'global channels' : `channels of namespace ${namespace}`
  const allowed = namespaces.length === 0 ? 'none may be' : `only those of ${namespaces.join(', ')} may be`
  return `${of} may not be used by programs: ${allowed} (messages.namespaces of the settings)`
}

const unitNames: Readonly<Record<ChannelTypeFacts['limits']['unit'], string>> = {
  utf16: 'characters',
  codepoints: 'characters',
  bytes: 'bytes',
}

/** What a channel would cut is refused: whoever wrote it can say it shorter. */
function tooLong(type: string, { title, text }: MessageWords): MessageRefusal | undefined {
  const { limits } = factsOf(type)
  const unit = unitNames[limits.unit]
  for (const [field, said, most] of [
    ['title', title, limits.title],
    ['text', text, limits.body],
  ] as const) {
    const length = lengthIn(said, limits.unit)
    if (length <= most) continue
    const message = `is ${length} ${unit} long, and a channel of type ${type} takes ${most}; shorten it, or send several messages`
    return { outcome: 'refused', field, message }
  }
  return undefined
}

function mistakeIn({ type, config, recipient = {} }: DirectMessageWish): MessageRefusal | undefined {
  const refused = (field: string, message: string): MessageRefusal => ({ outcome: 'refused', field, message })
  if (!channelTypeNames().includes(type)) {
    return refused('type', `there is no such type of channel; there are ${channelTypeNames().join(', ')}`)
  }
  const check = configCheck(type)
  if (!check(config)) return refused(...describe(check.errors ?? []))
  const fields = recipientsOf(factsOf(type), config)
  const given = Object.keys(recipient)
  if (fields === 'channel') {
    return given.length === 0 ? undefined : refused('recipient', 'config names one place already; leave it out')
  }
  if (given.length === 1 && fields.some((field) => field === given[0])) return undefined
  return refused('recipient', `say to whom: one of ${fields.join(', ')}`)
}

function factsOf(type: string): ChannelTypeFacts {
  return channelTypeFacts(type) as ChannelTypeFacts
}

const checks = new Map<string, ValidateFunction>()

function configCheck(type: string): ValidateFunction {
  let check = checks.get(type)
  if (check === undefined) {
    const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
    check = new Ajv2020({ strict: false, allErrors: false }).compile(directConfigSchema(type))
    checks.set(type, check)
  }
  return check
}

/** Says nothing of values: they may be credentials. */
function describe(errors: readonly ErrorObject[]): [field: string, message: string] {
  const error = errors.find(({ keyword }) => keyword === 'oneOf') ?? errors[0]
  const { keyword, instancePath = '', message = 'does not fit', params } = error ?? {}
  if (keyword === 'additionalProperties') {
    return ['config', `there is no field ${JSON.stringify(String(params?.additionalProperty).slice(0, 60))}`]
  }
  if (keyword === 'oneOf') return ['config', 'exactly one of its ways to log in has to be given']
  return [`config${instancePath}`, message]
}
