import type { ChannelOperations } from '../../src/status/channel-operations.js'

/** Knows one channel, `payments~alerts`, that is one recipient itself. */
export class FakeChannels implements ChannelOperations {
  isDisabled = true

  async test(...[{ namespace, name }, { user }]: Parameters<ChannelOperations['test']>) {
    if (`${namespace}~${name}` !== 'payments~alerts') return unknown
    if (user !== undefined) return { outcome: 'refused', field: 'user', message: 'leave it out' } as const
    return { outcome: 'tested', delivery: 'd0001' } as const
  }

  async enable(...[{ namespace, name }]: Parameters<ChannelOperations['enable']>) {
    if (`${namespace}~${name}` !== 'payments~alerts') return unknown
    const outcome = this.isDisabled ? 'enabled' : 'unchanged'
    this.isDisabled = false
    return { outcome } as const
  }
}

const unknown = { outcome: 'unknown', known: ['payments~alerts'] } as const
