import type { ChannelName } from '../channel-operations.js'
import type { DeliverySummary } from '../delivery-views.js'
import { type JsonSchema, oneOf, text } from '../json-schema.js'
import type {
  DirectMessageWish,
  MessageOperations,
  MessageReceipt,
  MessageRefusal,
  MessageWish,
} from '../message-views.js'
import { messageSeverities } from '../message-views.js'
import { listBody, pageOf } from '../paging.js'
import { quote, textParameter } from '../parameter.js'
import { BadRequest, HttpProblem, NotFound } from '../problem-details.js'
import { namespaceOf, pageParameters, pageRequest, type Route } from '../route.js'
import { closest } from '../suggest.js'
import type { Views } from '../views.js'
import { WaitingCalls } from '../waiting.js'
import { namespaceParameter } from './request-parameters.js'

const path = '/api/v1/messages'
const channelsPath = `${path}/channels`
const maxBytes = 512 * 1024
/** No channel takes more; each has its own, which is told of what is longer. */
const longestText = 100_000
const longestWait = 60
const defaultWait = 10

const typeParameter = textParameter('type', 'Only channels of this type', 'slack')

const words: Readonly<Record<string, JsonSchema>> = {
  title: text('One line', { minLength: 1, maxLength: longestText }),
  text: text('What is said; may be empty', { maxLength: longestText }),
  severity: oneOf('Gives colour and priority where a channel has them; default: info', messageSeverities),
  link: text('Absolute URL with more about it', { maxLength: 2000, pattern: '^https?://[^\\s]+$' }),
}

const messageBody: JsonSchema = {
  type: 'object',
  properties: {
    channel: text('Id of a channel: `name` of a global one, `namespace~name` otherwise', {
      minLength: 1,
      maxLength: 520,
    }),
    ...words,
    recipient: text('To whom, where the channel writes to people: an address in the form that its type wants', {
      minLength: 1,
      maxLength: 254,
    }),
    user: text('To whom: name of a User that is bound to the channel', { minLength: 1, maxLength: 253 }),
    key: text('What was accepted over the channel under the same key is not sent again', {
      minLength: 1,
      maxLength: 200,
    }),
    wait: {
      type: 'number',
      minimum: 0,
      maximum: longestWait,
      description: `Seconds to wait for the outcome; default: ${defaultWait}`,
    },
  },
  required: ['channel', 'title', 'text'],
  additionalProperties: false,
}

const directBody: JsonSchema = {
  type: 'object',
  properties: {
    type: text('Type of channel', { minLength: 1, maxLength: 60 }),
    config: {
      type: 'object',
      description: 'As in a Channel of this type; secrets are the text itself, never where to find it. Never recorded',
    },
    ...words,
    recipient: {
      type: 'object',
      description: 'Where config names no one place: {email}, {chatId}, {userId} or {roomId}',
      additionalProperties: { type: 'string', minLength: 1, maxLength: 254 },
      maxProperties: 1,
    },
  },
  required: ['type', 'config', 'title', 'text'],
  additionalProperties: false,
}

/** Messages by programs. */
export function messageRoutes(views: Views, messages: MessageOperations): Route[] {
  const waiting = new WaitingCalls()
  return [
    {
      method: 'GET',
      path: channelsPath,
      id: 'messageChannels',
      summary: 'Channels that programs may send messages over',
      access: 'read',
      parameters: [namespaceParameter, typeParameter, ...pageParameters],
      schema: 'MessageChannelPage',
      handle: ({ query }) => {
        const namespace = query.get(namespaceParameter)
        const type = query.get(typeParameter)
        const channels = messages.channels({
          ...(namespace !== undefined && { namespace: namespaceOf(namespace) }),
          ...(type !== undefined && { type }),
        })
        const page = pageOf(channels, ({ id }) => id, pageRequest(channelsPath, query))
        return { json: listBody(channelsPath, page) }
      },
    },
    {
      method: 'POST',
      path,
      id: 'sendMessage',
      summary: 'Send a message over a declared channel; answers with the outcome, or what is known of it after `wait`',
      access: 'messages',
      parameters: [],
      body: { schema: messageBody, maxBytes },
      schema: 'MessageReceipt',
      errors: [404, 429, 503],
      handle: async ({ body, signal }) => {
        const { channel, wait = defaultWait, ...wish } = body as MessageWish & { channel: string; wait?: number }
        const result = await messages.send(channelOf(channel), wish)
        if (result.outcome === 'unknown') throw noChannel(channel, result.known)
        if (result.outcome !== 'accepted') throw refusal(result)
        const delivery = await outcomeOf(result.delivery, wait * 1000, signal, views, waiting)
        return { json: receiptOf(channel.replace('/', '~'), result.delivery, delivery) }
      },
    },
    {
      method: 'POST',
      path: `${path}/direct`,
      id: 'sendDirectMessage',
      summary: 'Send a message once with credentials that come with the call; nothing of it is kept',
      access: 'messages',
      parameters: [],
      body: { schema: directBody, maxBytes },
      schema: 'MessageReceipt',
      errors: [429],
      handle: async ({ body, signal }) => {
        const wish = body as DirectMessageWish
        const result = await messages.sendDirect(wish, signal)
        if (result.outcome !== 'sent' && result.outcome !== 'failed') throw refusal(result)
        const receipt: MessageReceipt = {
          status: result.outcome === 'sent' ? 'delivered' : 'failed',
          delivery: null,
          channel: null,
          type: wish.type,
          reason: null,
          error: result.outcome === 'failed' ? result.error : null,
        }
        return { json: receipt }
      },
    },
  ]
}

function refusal(refused: MessageRefusal): HttpProblem {
  if (refused.outcome === 'refused') return new BadRequest(refused.field, refused.message)
  if (refused.outcome === 'forbidden') return new HttpProblem(403, 'not-allowed', refused.message)
  return new HttpProblem(429, 'too-many-messages', refused.message, {
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(refused.retryAfterMs / 1000))) },
  })
}

function channelOf(id: string): ChannelName {
  const separator = id.search(/[~/]/)
  const namespace = id.slice(0, Math.max(0, separator))
  return { namespace: namespace === '-' ? '' : namespace, name: id.slice(separator + 1) }
}

function noChannel(id: string, known: readonly string[]): NotFound {
  const same = known.find((one) => one.endsWith(`~${id}`))
  const suggestion = same ?? closest(id, known)
  const meant = suggestion === undefined ? '' : `, did you mean ${quote(suggestion)}?`
  return new NotFound(`no channel ${quote(id)} is applied${meant}`, suggestion === undefined ? {} : { suggestion })
}

/** Once it has ended, or as it stands when the time is up. */
async function outcomeOf(
  id: string,
  waitMs: number,
  signal: AbortSignal,
  views: Views,
  waiting: WaitingCalls,
): Promise<DeliverySummary | undefined> {
  const find = async () => {
    const delivery = await views.deliveries.get(id)
    return { items: delivery === undefined || delivery.finished !== null ? [delivery] : [] }
  }
  const changed = (enough: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (enough.aborted) return resolve()
      const stop = views.events.delivery((delivery) => {
        if (delivery.id === id) done()
      })
      const done = () => {
        stop()
        enough.removeEventListener('abort', done)
        resolve()
      }
      enough.addEventListener('abort', done)
    })
  try {
    if (waitMs > 0) await waiting.first(waitMs, signal, changed, find)
  } catch (error) {
    // It is accepted, however many others wait: whoever asked is told so.
    if (!(error instanceof HttpProblem)) throw error
  }
  return views.deliveries.get(id)
}

const ends: ReadonlySet<string> = new Set(['delivered', 'dead_letter', 'cancelled', 'suppressed'])

function receiptOf(channel: string, id: string, delivery: DeliverySummary | undefined): MessageReceipt {
  const status = delivery?.status ?? 'pending'
  return {
    status: ends.has(status) ? (status as MessageReceipt['status']) : 'accepted',
    delivery: id,
    channel,
    type: delivery?.notification?.channelType ?? '',
    reason: delivery?.reason ?? delivery?.held?.reason ?? null,
    error: delivery?.lastError ?? null,
  }
}
