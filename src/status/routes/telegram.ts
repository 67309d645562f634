import { text } from '../json-schema.js'
import { quote } from '../parameter.js'
import { HttpProblem, NotFound } from '../problem-details.js'
import type { RawBody, Route } from '../route.js'
import { closest } from '../suggest.js'
import type { TelegramOperations } from '../telegram-operations.js'

const maxBytes = 64 * 1024
/** Of one update. */
const maxUpdateBytes = 1024 * 1024

/** Connecting people to bots, and what Telegram posts. */
export function telegramRoutes(telegram: TelegramOperations): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/channels/telegram/connect',
      id: 'connectTelegram',
      summary: 'Make a link that connects a user to the bot of a channel: good once, for 15 minutes',
      access: 'operate',
      parameters: [],
      body: {
        schema: {
          type: 'object',
          properties: {
            user: text('Name of the User', { minLength: 1, maxLength: 253 }),
            channel: text('The Channel: `name`, or `namespace/name`', { minLength: 1, maxLength: 520 }),
          },
          required: ['user', 'channel'],
          additionalProperties: false,
        },
        maxBytes,
      },
      schema: 'TelegramLink',
      errors: [404, 409, 503],
      handle: async ({ body }) => {
        const { user, channel } = body as { user: string; channel: string }
        const separator = channel.search(/[~/]/)
        const namespace = channel.slice(0, Math.max(0, separator)).replace(/^-$/, '')
        const result = await telegram.connect({ namespace, name: channel.slice(separator + 1) }, user)
        if (result.outcome === 'linked') return { json: result.link }
        if (result.outcome === 'refused') throw new HttpProblem(409, 'not-connectable', result.message)
        const { field, known } = result
        const wanted = field === 'user' ? user : channel
        const suggestion = closest(wanted, known)
        const meant = suggestion === undefined ? '' : `, did you mean ${quote(suggestion)}?`
        const kind = field === 'user' ? 'User' : 'Channel'
        throw new NotFound(
          `no ${kind} ${quote(wanted)} is applied${meant}`,
          suggestion === undefined ? {} : { suggestion },
        )
      },
    },
    {
      method: 'POST',
      path: '/api/v1/hooks/telegram/{bot}',
      id: 'telegramHook',
      summary: 'Where Telegram posts the updates of a bot; proven by the secret token that the bot’s webhook was given',
      access: 'open',
      parameters: [],
      pathParameters: { bot: 'Id of the bot' },
      rawBody: {
        types: { 'application/json': { type: 'object', description: 'An Update of the Bot API' } },
        maxBytes: maxUpdateBytes,
      },
      otherTypes: ['text/plain'],
      errors: [401, 503],
      handle: async ({ params: { bot = '' }, raw }) => {
        const { headers, bytes } = raw as RawBody
        const secret = headers['x-telegram-bot-api-secret-token']
        const status = await telegram.receive(
          bot,
          typeof secret === 'string' ? secret : undefined,
          bytes.toString('utf8'),
        )
        if (status === 404) throw new NotFound('no bot is listened to over a webhook at this path')
        if (status === 401) throw new HttpProblem(401, 'unauthorized', 'the secret token is not the one that was set')
        if (status === 400) throw new HttpProblem(400, 'bad-request', 'this is no update')
        return { text: '', type: 'text/plain' }
      },
    },
  ]
}
