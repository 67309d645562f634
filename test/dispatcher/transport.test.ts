import { describe, expect, it } from 'vitest'
import type { Failure, Outcome } from '../../src/delivery/transport.js'
import { Addresses } from '../../src/dispatcher/addresses.js'
import { ChannelStates } from '../../src/dispatcher/channel-states.js'
import type { Outcome as ChannelOutcome, ChannelType, Send } from '../../src/dispatcher/channel-type.js'
import type { Decision } from '../../src/dispatcher/decision.js'
import { MailConnections } from '../../src/dispatcher/email/mail-connections.js'
import { type NotificationPayload, toPayload } from '../../src/dispatcher/notification.js'
import type { Standing } from '../../src/dispatcher/standing.js'
import { Threads } from '../../src/dispatcher/threads.js'
import { createNotificationTransport } from '../../src/dispatcher/transport.js'
import type { ChannelProgram } from '../../src/resources/kinds/notification-program.js'
import { type Resource, resourceId } from '../../src/resources/resource.js'
import { memoryStore } from '../../src/store/memory.js'
import { delivery } from '../delivery/world.js'

const now = Date.UTC(2026, 0, 1)
const secretUrl = 'https://hooks.example.com/services/T000/B000/verysecretpart'

function channel(
  program: Partial<ChannelProgram> = {},
  config: object = { webhookUrl: { env: 'HOOK' } },
  digest = 'd1',
) {
  return {
    id: resourceId('Channel', 'shop', 'ops'),
    kind: 'Channel',
    namespace: 'shop',
    name: 'ops',
    labels: {},
    annotations: {},
    file: 'ops.yaml',
    line: 1,
    digest,
    spec: { type: 'mattermost', config },
    program: {
      type: 'mattermost',
      displayName: 'ops',
      config,
      enabled: true,
      suspend: false,
      events: [],
      retry: { maxRetries: 5, baseDelayMs: 1000, maxDelayMs: 300_000 },
      rateLimit: undefined,
      timeoutMs: 1000,
      ...program,
    },
  } as Resource
}

const message: NonNullable<NotificationPayload['message']> = {
  event: { id: 'e1', type: 'deploy.failure', time: '2026-01-01T00:00:00Z', source: 'ci', payload: null },
  severity: 'error',
  title: 'Down',
  body: '',
  format: 'rich',
  action: 'trigger',
  key: 'e1',
}

class World {
  declared: Resource | undefined = channel()
  env: Record<string, string> = { HOOK: secretUrl }
  suspended = new Set<string>()
  sent: Send<object>[] = []
  outcome: ChannelOutcome | Error = { ok: true, status: 200 }
  reconsidered: Pick<Decision, 'outcome' | 'reason' | 'until'> | undefined
  standing: Standing = 'bound'
  disabled: string[] = []
  enabled = 0
  readonly store = memoryStore()
  readonly states = new ChannelStates({
    store: this.store,
    onWarning: () => {},
    onEnabled: () => {
      this.enabled += 1
    },
  })
  readonly threads = new Threads({ store: this.store, now: () => now, onWarning: () => {} })
  readonly failed = new Set<string>()
  rate: { count: number; perMs: number } | undefined
  readonly transport = createNotificationTransport({
    env: this.env,
    channel: () => this.declared,
    types: new Map([['mattermost', this.#type()]]),
    http: () => Promise.reject(new Error('nothing is asked here')),
    lookup: () => () => {},
    smtp: {},
    mail: new MailConnections({ timer: () => () => {} }),
    addresses: new Addresses({ store: this.store, now: () => now, onWarning: () => {} }),
    states: this.states,
    threads: this.threads,
    fateOf: (id) => (this.failed.has(id) ? 'failed' : 'sent'),
    isSuspended: (namespace) => this.suspended.has(namespace),
    reconsider: () => this.reconsidered,
    standingOf: () => this.standing,
    onDisabled: (one) => this.disabled.push(one.id),
    generation: () => 9,
    now: () => now,
    userAgent: 'test',
  })

  #type(): ChannelType {
    const { rate } = this
    return {
      type: 'mattermost',
      title: 'Mattermost',
      setup: '',
      recipients: () => 'channel',
      limits: { title: 1, body: 1, unit: 'utf16' },
      ...(rate !== undefined && { rate }),
      send: async (one) => {
        this.sent.push(one)
        if (this.outcome instanceof Error) throw this.outcome
        return this.outcome
      },
    }
  }

  delivery(more: Partial<NotificationPayload> = {}) {
    const payload: NotificationPayload = {
      channel: { namespace: 'shop', name: 'ops', type: 'mattermost' },
      recipient: {},
      override: {},
      because: '',
      severity: 'error',
      message,
      ...more,
    }
    return delivery({ kind: 'notification', transport: 'notification', payload: toPayload(payload) })
  }

  send(more: Partial<NotificationPayload> = {}): Promise<Outcome> {
    return this.transport.send(this.delivery(more), new AbortController().signal, 1)
  }

  admit(more: Partial<NotificationPayload> = {}) {
    return this.transport.admit?.(this.delivery(more))
  }
}

describe('whether a notification may go', () => {
  const unusable = { since: now, class: 'gone', message: 'gone', delivery: 'd1' }

  it.each<[name: string, change: (world: World) => void, more: Partial<NotificationPayload>, expected: object]>([
    ['its channel is declared', () => {}, {}, { go: true }],
    ['its channel is pruned', (world) => (world.declared = undefined), {}, { go: false, cancel: 'channel_pruned' }],
    [
      'its channel is off',
      (world) => (world.declared = channel({ enabled: false })),
      {},
      { go: false, suppress: 'channel_disabled' },
    ],
    [
      'its channel is suspended',
      (world) => (world.declared = channel({ suspend: true })),
      {},
      { go: false, hold: 'suspend' },
    ],
    [
      "the channel's namespace is suspended",
      (world) => world.suspended.add('shop'),
      {},
      { go: false, hold: 'suspend' },
    ],
    [
      "the event's namespace is suspended",
      (world) => world.suspended.add('pay'),
      { message: { ...message, event: { ...message.event, namespace: 'pay' } } },
      { go: false, hold: 'suspend' },
    ],
    [
      'its channel was switched off',
      (world) => world.states.disable(channel(), unusable),
      {},
      { go: false, hold: 'channel_disabled' },
    ],
    [
      'its channel was switched off, and is declared otherwise since',
      (world) => {
        world.states.disable(channel(), unusable)
        world.declared = channel({}, {}, 'd2')
      },
      {},
      { go: true },
    ],
    [
      'it has a rate',
      (world) => (world.declared = channel({ rateLimit: { count: 2, perMs: 10 } })),
      {},
      { go: true, rate: { count: 2, perMs: 10 } },
    ],
    [
      'quiet hours go on',
      (world) => (world.reconsidered = { outcome: 'hold', reason: 'quiet_hours', until: now + 5 }),
      { held: true },
      { go: false, hold: 'quiet_hours', until: now + 5 },
    ],
    [
      'it is silenced since it was held',
      (world) => (world.reconsidered = { outcome: 'suppress', reason: 'silence' }),
      { held: true },
      { go: false, suppress: 'silence' },
    ],
    ['quiet hours are over', (world) => (world.reconsidered = { outcome: 'send' }), { held: true }, { go: true }],
    ['nobody can say any more', () => {}, { held: true }, { go: true }],
    [
      'it was not held, whatever would be decided now',
      (world) => (world.reconsidered = { outcome: 'suppress', reason: 'preference' }),
      {},
      { go: true },
    ],
    [
      'the person is not declared any more',
      (world) => (world.standing = 'user_pruned'),
      { user: 'ann' },
      { go: false, cancel: 'user_pruned' },
    ],
    [
      'nothing connects the person any more, though it was held',
      (world) => (world.standing = 'binding_pruned'),
      { user: 'ann', held: true },
      { go: false, cancel: 'binding_pruned' },
    ],
    [
      'the binding is off',
      (world) => (world.standing = 'binding_disabled'),
      { user: 'ann' },
      { go: false, suppress: 'binding_disabled' },
    ],
    ['nobody in particular is told', (world) => (world.standing = 'user_pruned'), {}, { go: true }],
    [
      'somebody tries a channel out that is off',
      (world) => (world.declared = channel({ enabled: false })),
      { message: { ...message, isTest: true } },
      { go: true },
    ],
  ])('when %s', (_, change, more, expected) => {
    const world = new World()
    change(world)
    expect(world.admit(more)).toEqual(expected)
  })
})

describe('an attempt', () => {
  it('has the secrets in, and says by which declarations it was made', async () => {
    const world = new World()
    expect(await world.send()).toEqual({ ok: true, status: 200, generation: 9 })
    expect(world.sent[0]).toMatchObject({ config: { webhookUrl: secretUrl }, message, attempt: 1, userAgent: 'test' })
    // The declaration itself names them still.
    expect(world.declared?.spec).toMatchObject({ config: { webhookUrl: { env: 'HOOK' } } })
  })

  it('shows nothing secret of what comes back, also not a part of it, nor of a literal', async () => {
    for (const declared of [channel(), channel({}, { webhookUrl: secretUrl })]) {
      const world = new World()
      world.declared = declared
      const told = `${secretUrl} and /services/T000/B000/verysecretpart and verysecretpart`
      world.outcome = { ok: false, class: 'rejected', message: `no: ${told}`, response: told }
      const { message: said, response } = (await world.send()) as Failure
      expect(`${said} ${response}`).not.toContain('verysecretpart')
      world.outcome = new Error(`broken at ${secretUrl}`)
      await expect(world.send()).rejects.toThrow('broken at ******')
    }
  })

  it('fails for good without its secret, and says which', async () => {
    const world = new World()
    delete world.env.HOOK
    expect(await world.send()).toEqual({
      ok: false,
      class: 'auth',
      message: 'the environment variable HOOK is not set',
    })
    expect(world.sent).toEqual([])
  })

  it('that shows that the destination is gone switches the channel off, once, until something arrives', async () => {
    const world = new World()
    world.outcome = { ok: false, class: 'gone', message: 'no such hook', unusable: 'channel' }
    expect(await world.send()).not.toHaveProperty('unusable')
    await world.send()
    expect(world.disabled).toEqual(['Channel/shop/ops'])
    expect(world.states.disabled(channel())).toMatchObject({ class: 'gone', message: 'no such hook', since: now })
    world.outcome = { ok: true }
    await world.send({ message: { ...message, isTest: true } })
    expect([world.states.disabled(channel()), world.enabled]).toEqual([undefined, 1])
  })

  it.each<[name: string, more: Partial<NotificationPayload>]>([
    ['to try it out', { message: { ...message, isTest: true } }],
    ['to another place of the channel', { override: { channel: '#other' } }],
  ])('%s switches nothing off', async (_, more) => {
    const world = new World()
    world.outcome = { ok: false, class: 'gone', message: 'gone', unusable: 'channel' }
    await world.send(more)
    expect([world.disabled, world.states.disabled(channel())]).toEqual([[], undefined])
  })

  it('that cannot reach a person says so of them alone, until something arrives', async () => {
    const world = new World()
    const { id } = channel()
    world.outcome = { ok: false, class: 'gone', message: 'blocked', unusable: 'recipient' }
    await world.send({ user: 'ann' })
    expect([world.states.recipient(id, 'ann')?.message, world.states.recipient(id, 'ben')]).toEqual([
      'blocked',
      undefined,
    ])
    expect(world.states.disabled(channel())).toBeUndefined()
    // The next process knows it as well.
    const again = new ChannelStates({ store: world.store, onWarning: () => {}, onEnabled: () => {} })
    expect(again.recipient(id, 'ann')?.message).toBe('blocked')
    world.outcome = { ok: true }
    await world.send({ user: 'ann' })
    expect(world.states.recipient(id, 'ann')).toBeUndefined()
  })

  it('is aborted for the vendor’s code as well', async () => {
    const world = new World()
    const controller = new AbortController()
    const sending = world.transport.send(world.delivery(), controller.signal, 1)
    await sending
    expect(world.sent[0]?.signal.aborted).toBe(false)
    controller.abort(new Error('timeout'))
    // What has ended is not told any more.
    expect(world.sent[0]?.signal.aborted).toBe(false)
  })
})

describe('what ends something', () => {
  const end = { ...message, follows: 'd0', action: 'resolve' as const }

  it('is told where what it ends stands, after a restart as well', async () => {
    const world = new World()
    world.outcome = { ok: true, status: 200, thread: 'C1 1.5' }
    const begun = world.delivery({ begins: true })
    const { id } = begun
    const sent = world.transport.send(begun, new AbortController().signal, 1)
    expect(await sent).toEqual({ ok: true, status: 200, generation: 9 })
    await world.send({ message: { ...end, follows: id } })
    await world.send({ message: end })
    expect(world.sent.map(({ thread }) => thread)).toEqual([undefined, 'C1 1.5', undefined])
    const later = new Threads({ store: world.store, now: () => now, onWarning: () => {} })
    expect(later.of(id)).toBe('C1 1.5')
  })

  it('is not sent when what it ends did not arrive', () => {
    const world = new World()
    expect(world.admit({ message: end, needs: 'd0' })).toMatchObject({ go: true })
    world.failed.add('d0')
    expect(world.admit({ message: end, needs: 'd0' })).toEqual({ go: false, suppress: 'unpaired' })
    expect(world.admit({ message: end })).toMatchObject({ go: true })
  })
})
