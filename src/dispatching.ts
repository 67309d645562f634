// Everything between an event and its deliveries: what is known of channels and people, the dispatcher, and the transport.

import { randomUUID } from 'node:crypto'
import type { Engine } from './delivery/engine.js'
import type { DeliveryObserver } from './delivery/observer.js'
import type { SecretSources } from './delivery/secrets.js'
import type { Transport } from './delivery/transport.js'
import { Addresses } from './dispatcher/addresses.js'
import { AppliedRules } from './dispatcher/applied-rules.js'
import { ChannelMessages } from './dispatcher/channel-messages.js'
import { ChannelStates } from './dispatcher/channel-states.js'
import { ChannelTests } from './dispatcher/channel-tests.js'
import { channelTypes } from './dispatcher/channels/index.js'
import { DigestCollector } from './dispatcher/digests/collector.js'
import { Digests } from './dispatcher/digests/digests.js'
import { DirectMessages } from './dispatcher/direct-messages.js'
import { Dispatcher, type DispatcherOptions } from './dispatcher/dispatcher.js'
import { MailConnections } from './dispatcher/email/mail-connections.js'
import { fateOf } from './dispatcher/grouping/fate.js'
import { FloodControl } from './dispatcher/grouping/flood-control.js'
import { ActivityCollector } from './dispatcher/inactivity/activity.js'
import { Inactivity } from './dispatcher/inactivity/inactivity.js'
import { InternalEvents } from './dispatcher/internal-events.js'
import { messageWriter, readershipOf } from './dispatcher/message-writer.js'
import { notificationLog, only } from './dispatcher/notification-log.js'
import { QuotaLedger } from './dispatcher/quota-ledger.js'
import type { Known } from './dispatcher/routing.js'
import { TelegramBots } from './dispatcher/telegram/bots.js'
import { Threads } from './dispatcher/threads.js'
import { createNotificationTransport } from './dispatcher/transport.js'
import type { Logger } from './log.js'
import type { Guard } from './network/guard.js'
import { createHttpClient } from './network/http-client.js'
import { digestEvent } from './resources/catalogues/digest-sample.js'
import type { Settings } from './settings.js'
import type { Store } from './store/store.js'
import type { Timer } from './store/timer.js'
import { createRenderer, type Renderer } from './template/renderer.js'

export interface DispatchingParts extends SecretSources {
  readonly settings: Pick<Settings, 'delivery' | 'catalogues' | 'customers' | 'smtp' | 'telegram'>
  readonly store: Store
  readonly guard: Guard
  /** Which has the transport that is made here, and so comes after it. */
  readonly engine: () => Engine
  readonly fireOperation: DispatcherOptions['fireOperation']
  readonly isSuspended: (namespace: string) => boolean
  /** Takes a lease or prolongs it. */
  readonly lease: (name: string, ttlMs: number) => Promise<boolean>
  readonly revisionOf: (generation: number) => string | undefined
  readonly log: Logger
  readonly userAgent: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
}

export interface Dispatching {
  readonly transport: Transport
  readonly observers: readonly DeliveryObserver[]
  /** The target that keeps it in step with what is applied. */
  readonly applied: AppliedRules
  readonly dispatcher: Dispatcher
  readonly flood: FloodControl
  readonly digests: Digests
  readonly internal: InternalEvents
  readonly quotas: QuotaLedger
  readonly states: ChannelStates
  readonly tests: ChannelTests
  readonly messages: ChannelMessages
  readonly direct: DirectMessages
  readonly bots: TelegramBots
  readonly known: Known
  readonly addresses: Addresses
  readonly renderer: Renderer
  /** Goes on with what an earlier process had begun; once the engine has started. */
  start(): void
  /** Accepts nothing more; resolves once nothing is under way. */
  stop(): Promise<void>
  /** Stops listening and rendering; once nothing is sent any more. */
  close(): Promise<void>
}

const dayMs = 24 * 3600 * 1000

export function createDispatching(parts: DispatchingParts): Dispatching {
  const { settings, store, guard, engine, log, userAgent, now, timer, isSuspended, revisionOf, fireOperation } = parts
  const onWarning = (message: string) => log.warn(message)
  const newId = () => randomUUID()
  const renderer = createRenderer()
  const addresses = new Addresses({ store, now, onWarning })
  const http = createHttpClient(guard)
  const secretSources = { env: parts.env, ...(parts.readFile !== undefined && { readFile: parts.readFile }) }
  const bots = new TelegramBots({
    ...secretSources,
    store,
    addresses,
    http,
    webhookUrl: settings.telegram.webhookUrl,
    lease: parts.lease,
    now,
    timer,
    random: Math.random,
    onWarning,
  })
  const known: Known = { recipientOf: (channel, user) => bots.recipientOf(channel, user) }
  const states = new ChannelStates({ store, onWarning, onEnabled: () => engine().recheck() })
  const applied = new AppliedRules({
    tables: { catalogues: settings.catalogues, customersEnabled: settings.customers.enabled },
    known,
    revisionOf,
    writer: (resources, tables) => messageWriter({ renderer, onWarning }, resources, readershipOf(tables)),
    onApplied: (resources) => {
      states.retain(resources)
      addresses.retain(applied.rules.tables)
      bots.apply(resources)
      digests.apply()
      engine().recheck()
    },
  })
  // The engine is there before anything of this is asked.
  const laterEngine: Pick<Engine, 'prepare' | 'operations' | 'sendNow'> = {
    prepare: (records, options) => engine().prepare(records, options),
    sendNow: (id, deadline, signal) => engine().sendNow(id, deadline, signal),
    get operations() {
      return engine().operations
    },
  }
  const shared = { engine: laterEngine, store, types: channelTypes, rules: () => applied.rules, now, newId, onWarning }
  const quotas = new QuotaLedger({
    store,
    quotas: () => applied.rules.tables.quotas,
    now,
    tell: (notice) => internal.quotaReached(notice),
    onWarning,
  })
  const maxAgeMs = settings.delivery.maxAge * 1000
  const eventTypes = () => applied.rules.eventTypes
  const flood = new FloodControl({ ...shared, quotas, isSuspended, timer, maxAgeMs })
  const dispatcher = new Dispatcher({
    ...shared,
    quotas,
    fireOperation,
    timer,
    maxAgeMs,
    // What is joined or withheld belongs into digests all the same.
    collectors: [new DigestCollector(() => applied.rules), new ActivityCollector(eventTypes), flood.collector],
  })
  const accept: Dispatcher['accept'] = (events, options) => dispatcher.accept(events, options)
  const internal = new InternalEvents({ ...shared, accept })
  const digests = new Digests({ ...shared, quotas, timer, maxAgeMs })
  const inactivity = new Inactivity({ accept, store, eventTypes, now, timer, onWarning })
  const mail = new MailConnections({ timer })
  const transport = createNotificationTransport({
    ...secretSources,
    channel: (id) => applied.find(id),
    types: channelTypes,
    http,
    lookup: guard.lookup,
    smtp: settings.smtp,
    mail,
    addresses,
    states,
    threads: new Threads({ store, now, onWarning }),
    fateOf: (delivery) => fateOf(engine().operations, delivery),
    isSuspended,
    reconsider: (payload) => {
      const { channel, user, recipient, message, severity } = payload
      if (message === undefined) return undefined
      if (message.event.type === digestEvent) return digests.reconsider(payload)
      const about = { channel, recipient, ...(user !== undefined && { user }) }
      return applied.rules.reconsider({ ...message.event, severity }, about, now())
    },
    standingOf: (addressee) => applied.rules.standingOf(addressee),
    onDisabled: (channel, why, delivery) => internal.channelDisabled(channel, why, delivery),
    generation: () => applied.rules.generation,
    now,
    userAgent,
  })
  let stopSweeping = (): void => {}
  const sweepDaily = (): void => {
    stopSweeping = timer(dayMs, () => {
      addresses.sweep()
      sweepDaily()
    })
  }
  sweepDaily()
  const observers = [only(true, notificationLog(log)), internal]
  const tests = new ChannelTests(shared)
  const messages = new ChannelMessages({ ...shared, quotas, maxAgeMs: settings.delivery.maxAge * 1000 })
  const direct = new DirectMessages({ types: channelTypes, http, lookup: guard.lookup, now, newId, userAgent })
  const close = async () => {
    stopSweeping()
    mail.close()
    await bots.close()
    await renderer.close()
  }
  const start = () => {
    quotas.start()
    for (const one of [dispatcher, flood, digests, inactivity]) one.start()
  }
  const stop = async () => {
    // What accepts events of its own before what accepts them.
    for (const one of [inactivity, digests, flood, dispatcher]) await one.close()
  }
  const sending = { transport, observers, dispatcher, flood, digests, internal, quotas, tests, messages, direct }
  return { ...sending, applied, states, bots, known, addresses, renderer, start, stop, close }
}
