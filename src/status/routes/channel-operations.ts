import type { ChannelName, ChannelOperations, ChannelTestWish } from '../channel-operations.js'
import { text } from '../json-schema.js'
import { flagParameter, quote } from '../parameter.js'
import { BadRequest, NotFound } from '../problem-details.js'
import type { Route } from '../route.js'
import { closest } from '../suggest.js'
import type { Views } from '../views.js'

const root = '/api/v1/admin/channels/{id}'
const pathParameters = { id: '`name`, or `namespace~name`' }
const maxBytes = 64 * 1024

const check = flagParameter('check', 'True: only try the credential, and post nothing, where the vendor allows it')

/** Trying channels out, and using them again. */
export function channelOperationRoutes(views: Views, channels: ChannelOperations): Route[] {
  return [
    {
      method: 'POST',
      path: `${root}/test`,
      id: 'testChannel',
      summary: 'Send a sample over a channel, and answer with the delivery once it has arrived or not',
      access: 'operate',
      parameters: [check],
      pathParameters,
      body: {
        schema: {
          type: 'object',
          properties: {
            recipient: text('To whom, where the channel writes to people: an address in the form that its type wants', {
              minLength: 1,
              maxLength: 254,
            }),
            user: text('To whom: name of a User that is bound to the channel', { minLength: 1, maxLength: 253 }),
          },
          additionalProperties: false,
        },
        maxBytes,
      },
      schema: 'Delivery',
      errors: [503],
      handle: async ({ params: { id = '' }, query, body, signal }) => {
        const wish = { ...(body as ChannelTestWish), check: query.get(check) === true }
        const result = await channels.test(channelOf(id), wish, signal)
        if (result.outcome === 'unknown') throw noChannel(id, result.known)
        if (result.outcome === 'refused') throw new BadRequest(result.field, result.message)
        const delivery = await views.deliveries.get(result.delivery)
        if (delivery === undefined) throw new NotFound(`delivery ${quote(result.delivery)} is no longer kept`)
        return { json: delivery }
      },
    },
    {
      method: 'POST',
      path: `${root}/enable`,
      id: 'enableChannel',
      summary: 'Use a channel again that was switched off because its destination was gone',
      access: 'operate',
      parameters: [],
      pathParameters,
      body: { schema: { type: 'object', properties: {}, additionalProperties: false }, maxBytes },
      schema: 'ChannelEnabling',
      errors: [503],
      handle: async ({ params: { id = '' } }) => {
        const result = await channels.enable(channelOf(id))
        if (result.outcome === 'unknown') throw noChannel(id, result.known)
        return { json: { channel: id.replace('~', '/'), changed: result.outcome === 'enabled' } }
      },
    },
  ]
}

function channelOf(id: string): ChannelName {
  const separator = id.indexOf('~')
  return { namespace: id.slice(0, Math.max(0, separator)), name: id.slice(separator + 1) }
}

function noChannel(id: string, known: readonly string[]): NotFound {
  const { name } = channelOf(id)
  // Somebody who leaves the namespace out means the one of that name.
  const suggestion = known.find((one) => channelOf(one).name === name) ?? closest(id, known)
  const meant = suggestion === undefined ? '' : `, did you mean ${quote(suggestion)}?`
  return new NotFound(`no Channel ${quote(id)} is applied${meant}`, suggestion === undefined ? {} : { suggestion })
}
