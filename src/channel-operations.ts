// What people do to channels, from the control port to those who can.

import { ChannelTestRefused } from './dispatcher/channel-tests.js'
import { RecipientRefused } from './dispatcher/chosen-recipient.js'
import type { Dispatching } from './dispatching.js'
import { apiId, type Resource, resourceId } from './resources/resource.js'
import type { ChannelName, ChannelOperations } from './status/channel-operations.js'

type Parts = Pick<Dispatching, 'applied' | 'tests' | 'states'>

export function createChannelOperations({ applied, tests, states }: Parts): ChannelOperations {
  const find = ({ namespace, name }: ChannelName): Resource | undefined =>
    applied.find(resourceId('Channel', namespace, name))
  const unknown = () => {
    const known = applied.rules.tables.channels.map(({ channel }) => apiId(channel.namespace, channel.name))
    return { outcome: 'unknown', known } as const
  }
  return {
    test: async (name, wish, signal) => {
      const channel = find(name)
      if (channel === undefined) return unknown()
      try {
        return { outcome: 'tested', delivery: await tests.run(channel, wish, signal) }
      } catch (error) {
        if (!(error instanceof ChannelTestRefused || error instanceof RecipientRefused)) throw error
        return { outcome: 'refused', field: error.field, message: error.message }
      }
    },
    enable: async (name) => {
      const channel = find(name)
      if (channel === undefined) return unknown()
      return { outcome: (await states.enable(channel.id)) ? 'enabled' : 'unchanged' }
    },
  }
}
