import { describe, expect, it } from 'vitest'
import { explainEvent } from '../../src/dispatcher/explanation.js'
import type { Severity } from '../../src/dispatcher/message.js'
import { shown } from '../../src/dispatcher/receipt.js'
import { route } from '../../src/dispatcher/routing.js'
import { declared, mattermost, slack } from '../resources/kinds/declared.js'
import { noon, occurrence, tablesOf } from './routing-world.js'

const texts = [
  declared('Channel', 'a-off', { ...mattermost, enabled: false }),
  declared('Channel', 'people', slack),
  declared('Channel', 'shop/team', mattermost),
  declared('Channel', 'wall', mattermost),
  ...['ann', 'bob', 'eve'].map((name) => declared('User', name, { email: `${name}@example.com` })),
  declared('UserBinding', 'ann', { user: 'ann', channel: 'people' }),
  declared('UserBinding', 'bob', { user: 'bob', channel: 'people' }),
  declared('Preference', 'lunch', { user: 'bob', quietHours: { from: '11:30', to: '12:30' } }),
]
const event = occurrence({ type: 'run_failed', service: 'api', payload: { run: { id: 'r-1' } } })

describe('an event explained', () => {
  it('says what routing says: sent first, then held, then not sent', async () => {
    const tables = await tablesOf(texts)
    const explained = explainEvent(event, tables, noon)
    expect(explained?.decisions.map(({ channel, user, outcome }) => [channel, user, outcome])).toEqual([
      ['people', 'ann', 'send'],
      ['wall', null, 'send'],
      ['people', 'bob', 'hold'],
      ['a-off', null, 'suppress'],
    ])
    const routed = route(event, tables, noon).map((one) => shown(one, null))
    expect(explained?.decisions).toHaveLength(routed.length)
    expect(explained?.decisions).toEqual(expect.arrayContaining(routed))
    expect(explained).toMatchObject({
      at: '2026-03-10T12:00:00.000Z',
      counts: { send: 2, hold: 1, suppress: 1 },
      reasons: { quiet_hours: 1, channel_disabled: 1 },
      moreDecisions: false,
    })
  })

  it('says where a quota leaves no place, and what of it still happens', async () => {
    const tables = await tablesOf([
      declared('Namespace', 'shop', { quota: { deliveriesPerHour: 1 } }),
      declared('Channel', 'a-plain', mattermost),
      declared('Channel', 'b-plain', mattermost),
      declared('Channel', 'c-joins', { ...mattermost, group: {} }),
    ])
    const said = (room: number, source = 'test', type = 'run_failed') =>
      explainEvent(occurrence({ type, namespace: 'shop', source }), tables, noon, { room: () => room })?.decisions.map(
        ({ channel, outcome, reason, because }) =>
          `${channel}: ${reason ?? outcome}${because.includes('is used up') ? ', and recorded alone' : ''}`,
      )
    expect(said(2)).toEqual(['a-plain: send', 'b-plain: send', 'c-joins: send, and recorded alone'])
    expect(said(3)).toEqual(['a-plain: send', 'b-plain: send', 'c-joins: send'])
    expect(said(0)).toEqual(['c-joins: send, and recorded alone', 'a-plain: quota', 'b-plain: quota'])
    expect(said(0, 'callboard', 'quota.exceeded')).toEqual(['a-plain: send', 'b-plain: send', 'c-joins: send'])
  })

  it('says what would be joined, and what goes to those alone who were told of its beginning', async () => {
    const tables = await tablesOf([
      declared('Channel', 'ops', { ...mattermost, group: { by: ['service'] }, storm: { count: 5, per: '1h' } }),
      declared('Channel', 'quiet', mattermost),
      declared('Preference', 'p', { minSeverity: 'error' }),
    ])
    const said = (type: string, severity: Severity, state?: () => string) => {
      const options = state && { state }
      const explained = explainEvent(occurrence({ type, severity }), tables, noon, options)
      return explained?.decisions.map(({ channel, outcome, because }) => `${channel} ${outcome}: ${because}`)
    }
    const paced =
      'joins events by service: first after 30s, then every 5m; sends each recipient at most 5 messages in 1h'
    expect(said('service.health.down', 'error', () => 'now: 3 wait')).toEqual([
      expect.stringMatching(new RegExp(`^ops send: .*; the channel ${paced}; now: 3 wait$`)),
      expect.stringMatching(/^quiet send: .*; now: 3 wait$/),
    ])
    expect(said('service.health.recovered', 'error')?.[1]).toContain('; only where service.health.down was sent before')
    expect(said('service.health.recovered', 'info')?.[1]).toMatch(
      /^quiet suppress: .*; sent all the same where service.health.down was sent before$/,
    )
  })

  it('says what is known of the event and its type', async () => {
    const explained = explainEvent(event, await tablesOf(texts), noon)
    expect(explained?.event).toEqual({
      type: 'run_failed',
      source: 'test',
      severity: 'error',
      namespace: null,
      service: 'api',
      customer: null,
      labels: {},
    })
    expect(explained?.eventType).toMatchObject({
      default: true,
      critical: false,
      declaredBy: null,
      catalogue: 'aegisrunner',
      includedIn: ['run_completed'],
    })
    const own = declared('EventType', 'own', { id: 'run_failed', description: 'Ours', critical: true })
    expect(explainEvent(event, await tablesOf([...texts, own]), noon)?.eventType).toMatchObject({
      description: 'Ours',
      critical: true,
      declaredBy: 'EventType/-/own',
      catalogue: null,
    })
  })

  it('names the channels of other namespaces, and the people whom nothing reaches', async () => {
    const explained = explainEvent(event, await tablesOf(texts), noon)
    expect(explained?.unconcerned).toEqual([
      {
        channel: 'shop/team',
        channelType: 'mattermost',
        because:
          'Channel "shop/team" (a.yaml:5) hears the events of namespace shop, and the event belongs to no namespace',
      },
    ])
    expect(explained?.unreached).toEqual([
      {
        user: 'eve',
        because: 'no UserBinding connects User "eve" (a.yaml:13) to a channel that hears of this and writes to people',
      },
    ])
  })

  it('for one person leaves the others out, not the channels that everybody hears', async () => {
    const tables = await tablesOf(texts)
    const about = (user: string) => explainEvent(event, tables, noon, { user })
    expect(about('bob')?.decisions.map(({ channel, user }) => [channel, user])).toEqual([
      ['wall', null],
      ['people', 'bob'],
      ['a-off', null],
    ])
    expect(about('bob')?.unreached).toEqual([])
    expect(about('eve')?.unreached).toHaveLength(1)
    expect(about('eve')?.counts).toEqual({ send: 1, hold: 0, suppress: 1 })
  })

  it('lists no more than was asked for, and counts all', async () => {
    const explained = explainEvent(event, await tablesOf(texts), noon, { limit: 1 })
    expect(explained).toMatchObject({ moreDecisions: true, counts: { send: 2, hold: 1, suppress: 1 } })
    expect(explained?.decisions).toHaveLength(1)
  })

  it('of no known type is none', async () => {
    expect(explainEvent(occurrence({ type: 'run_faild' }), await tablesOf(texts), noon)).toBeUndefined()
  })

  it('is JSON', async () => {
    const explained = explainEvent(event, await tablesOf(texts), noon)
    expect(JSON.parse(JSON.stringify(explained))).toEqual(explained)
  })
})
