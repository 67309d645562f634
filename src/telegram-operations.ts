import { ConnectRefused } from './dispatcher/telegram/bots.js'
import type { Dispatching } from './dispatching.js'
import { apiId, resourceId } from './resources/resource.js'
import type { TelegramOperations } from './status/telegram-operations.js'

type Parts = Pick<Dispatching, 'applied' | 'bots'>

export function createTelegramOperations({ applied, bots }: Parts): TelegramOperations {
  return {
    connect: async ({ namespace, name }, userName) => {
      const { tables } = applied.rules
      const channel = applied.find(resourceId('Channel', namespace, name))
      if (channel === undefined) {
        const known = tables.channels.map((one) => apiId(one.channel.namespace, one.channel.name).replace('~', '/'))
        return { outcome: 'unknown', field: 'channel', known }
      }
      const user = tables.users.get(userName)
      if (user === undefined) return { outcome: 'unknown', field: 'user', known: [...tables.users.keys()] }
      const entry = tables.channels.find((one) => one.channel.id === channel.id)
      if (entry?.recipients !== 'channel' && !entry?.bindings.some((one) => one.user === user)) {
        const message = `${userName} is not bound to it: declare a UserBinding with user: ${userName} and channel: ${name}, then connect`
        return { outcome: 'refused', message }
      }
      try {
        const { url, expires } = await bots.connect(channel, user.user)
        return { outcome: 'linked', link: { url, expires: new Date(expires).toISOString() } }
      } catch (error) {
        if (error instanceof ConnectRefused) return { outcome: 'refused', message: error.message }
        throw error
      }
    },
    receive: (bot, secret, body) => bots.receive(bot, secret, body),
  }
}
