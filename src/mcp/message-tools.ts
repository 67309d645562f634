// Tools that send: over channels that are declared, without credentials, or once with credentials of the call's own. One
// tool for each type of channel, made of the table of types and their schemas.

import { channelTypeFacts, channelTypeNames, directConfigSchema } from '../resources/channel-types.js'
import {
  type Arguments,
  answers,
  fields,
  type JsonSchema,
  queryOf,
  type Result,
  reads,
  sends,
  type Tool,
  text,
} from './tool.js'

const words: Readonly<Record<string, JsonSchema>> = {
  title: text('One line, shown first', { minLength: 1 }),
  text: text('The message itself; plain text, shown as it is'),
}
const link = text('URL with more about it', { maxLength: 2000, pattern: '^https?://[^\\s]+$' })
const severity = {
  type: 'string',
  enum: ['info', 'warning', 'error', 'critical'],
  description: 'Colour and priority, where the channel has them; default: info',
}

const receipt = answers({
  status: text('delivered; accepted: it is on disk and is sent as soon as can be; or what went wrong'),
  delivery: { type: ['string', 'null'], description: 'Id for get_delivery; null for what nothing is kept of' },
  channel: { type: ['string', 'null'], description: 'Id of the channel' },
  type: text('Type of channel'),
  reason: { type: ['string', 'null'], description: 'Why it ended so, or why it waits' },
  error: { type: ['object', 'null'], description: 'Of the last attempt: class, message, status' },
})

const arrived: ReadonlySet<unknown> = new Set(['delivered', 'accepted'])
const failed = ({ status }: Result): boolean => !arrived.has(status)

const listSystemChannels: Tool = {
  name: 'list_system_channels',
  title: 'List channels',
  description:
    'Channels that are set up and can be written to with send_via_channel, without credentials: id, type, whom they reach, and the longest texts they take.',
  input: fields({
    namespace: text('Only channels of this namespace; "-" for global ones', { minLength: 1, maxLength: 63 }),
    type: text('Only channels of this type, such as slack', { minLength: 1, maxLength: 60 }),
    cursor: text('Where the list before ended: its nextCursor'),
  }),
  output: answers({
    items: { type: 'array', items: { type: 'object' }, description: 'Channels by id' },
    nextCursor: { type: ['string', 'null'], description: 'Null at the end' },
  }),
  annotations: reads,
  call: async (args, control) =>
    (await control.get('/api/v1/messages/channels', {
      ...queryOf(args, { namespace: 'namespace', type: 'type', cursor: 'cursor' }),
      limit: '100',
    })) as Result,
}

const sendViaChannel: Tool = {
  name: 'send_via_channel',
  title: 'Send over a channel',
  description:
    'Sends a message over a channel of list_system_channels. It is durable once accepted and retried as the channel says; the result tells whether it has arrived within the wait. Do not call again because it is only accepted: it would be sent twice. Ask get_delivery instead.',
  input: fields(
    {
      channel_id: text('Id as list_system_channels gives it: `name`, or `namespace~name`', {
        minLength: 1,
        maxLength: 520,
      }),
      ...words,
      recipient: text(
        'To whom, where the channel has recipients "user": an e-mail address, chat id, user id or room id',
        {
          minLength: 1,
          maxLength: 254,
        },
      ),
      user: text('To whom, instead of recipient: name of a User that is bound to the channel', {
        minLength: 1,
        maxLength: 253,
      }),
      severity,
      link,
      idempotency_key: text(
        'Any text of your own for this message: calling again with the same sends nothing twice, and tells how it went',
        { minLength: 1, maxLength: 200 },
      ),
      wait_seconds: {
        type: 'number',
        minimum: 0,
        maximum: 60,
        description: 'How long to wait for the outcome; default: 10',
      },
    },
    ['channel_id', 'title', 'text'],
  ),
  output: receipt,
  annotations: sends,
  failed,
  call: async ({ channel_id, wait_seconds, idempotency_key: key, ...args }, control) => {
    const wish = {
      channel: channel_id,
      ...args,
      ...(key !== undefined && { key }),
      ...(wait_seconds !== undefined && { wait: wait_seconds }),
    }
    return (await control.post('/api/v1/messages', wish)) as Result
  },
}

/** `send_slack`, `send_telegram`, …: the fields of a channel's configuration are arguments beside the words. */
function directTool(type: string): Tool {
  const schema = directConfigSchema(type)
  const config = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  const addresses = (channelTypeFacts(type)?.recipients.fields ?? []).filter((field) => config[field] === undefined)
  const recipients = Object.fromEntries(
    addresses.map((field) => [
      field,
      text(`To whom, where nothing else says it: ${field}`, { minLength: 1, maxLength: 254 }),
    ]),
  )
  const beside = { ...words, ...(config.severity === undefined && { severity }), link }
  return {
    name: `send_${type}`,
    title: `Send by ${type} with credentials`,
    description: `Sends one message by ${type} with credentials that are given here, for where no channel is set up; otherwise use send_via_channel. It is tried once, and nothing is kept: neither credentials nor text. ${String(schema.description ?? '')}`,
    input: fields({ ...config, ...recipients, ...beside }, [...((schema.required ?? []) as string[]), 'title', 'text']),
    output: receipt,
    annotations: sends,
    failed,
    call: async (args, control) => {
      const picked = (names: Iterable<string>): Arguments =>
        Object.fromEntries([...names].flatMap((name) => (args[name] === undefined ? [] : [[name, args[name]]])))
      const recipient = picked(addresses)
      const wish = {
        type,
        config: picked(Object.keys(config)),
        ...picked(Object.keys(beside)),
        ...(Object.keys(recipient).length > 0 && { recipient }),
      }
      return (await control.post('/api/v1/messages/direct', wish)) as Result
    },
  }
}

/** `direct`: those with credentials of the call's own too. */
export function messageTools(direct: boolean): readonly Tool[] {
  return [listSystemChannels, sendViaChannel, ...(direct ? channelTypeNames().map(directTool) : [])]
}
