// A namespace that sends more than it may, over a running controller.

import { describe, expect, it } from 'vitest'
import type { EventExplanationView } from '../../src/status/explanation-views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld } from './notifying.js'
import { operateToken } from './running.js'

const files = (url: string) => ({
  'ns.yaml': doc('Namespace', 'shop', { quota: { deliveriesPerHour: 5 } }),
  'alerts.yaml': doc(
    'Channel',
    'alerts',
    { type: 'webhook', config: { url: `${url}/alerts` }, events: { 'quota.*': false } },
    'shop',
  ),
  'admin.yaml': doc('Channel', 'admin', {
    type: 'webhook',
    config: { url: `${url}/admin` },
    events: { '*': false, 'quota.*': true },
  }),
})

/** The hour may end while a test runs: then it is counted anew, and the test begins again. */
async function withinOneHour(test: () => Promise<void>): Promise<void> {
  const hour = () => Math.floor(Date.now() / 3_600_000)
  for (;;) {
    const began = hour()
    try {
      await test()
      return
    } catch (error) {
      if (hour() === began) throw error
    }
  }
}

describe('a quota of deliveries', () => {
  it('lets through what it allows, shows what it does not, and tells of it once, also over a restart', () =>
    withinOneHour(async () => {
      const world = await NotifyingWorld.start(files)
      const event = { type: 'deploy.failure', namespace: 'shop', payload: { message: 'no' } }
      for (let count = 0; count < 4; count += 1) await world.accepted(event)
      await world.sink.at('/admin', 1)
      await world.running.restart()
      const explained = async () =>
        (await world.running.see<EventExplanationView>('/api/v1/explain/event?type=deploy.failure&namespace=shop'))
          .counts
      expect(await explained()).toMatchObject({ send: 1 })
      await world.accepted(event)
      expect(await explained()).toMatchObject({ send: 0 })
      const receipt = await world.accepted(event)
      const decision = receipt.decisions.find(({ channel }) => channel === 'shop/alerts')
      expect(decision).toMatchObject({
        outcome: 'suppress',
        reason: 'quota',
        because: expect.stringContaining(
          'Namespace "shop" (ns.yaml:1) allows 5 deliveries an hour, and all of them are used until',
        ),
        decidedBy: 'Namespace/-/shop',
      })
      expect(await world.deliveries('channel=shop/alerts&event=deploy.failure&status=suppressed')).toMatchObject([
        { reason: 'quota' },
      ])

      const headers = { authorization: `Bearer ${operateToken}` }
      const body = { channel: 'shop~alerts', title: 'One more', text: '' }
      const message = await ask(`${world.running.control}/api/v1/messages`, { body, headers })
      expect(message.json).toMatchObject({ status: 'suppressed', reason: 'quota' })

      const told = await world.sink.at('/admin', 2)
      expect(told.map(({ json }) => (json as { event: string }).event)).toEqual(['quota.warning', 'quota.exceeded'])
      expect(told[1]?.text).toContain('Namespace shop has used up its quota of 5 deliveries an hour')
      await eventually(
        'five have arrived',
        () => world.sink.received.filter(({ path }) => path === '/alerts').length === 5,
      )
      expect(await world.condition('Namespace', 'shop', 'WithinQuota')).toMatchObject({
        status: 'False',
        reason: 'UsedUp',
        message: expect.stringMatching(/^deliveries: 5 of 5 in the hour until .*, 2 more not sent$/),
      })
      const metrics = await ask(`${world.running.control}/metrics`)
      expect(metrics.text).toContain('callboard_quota_used{namespace="shop",quota="deliveries"} 5')
      // Other namespaces have their own.
      expect((await world.accepted({ ...event, namespace: 'bank' })).reasons).not.toHaveProperty('quota')
    }))
})
