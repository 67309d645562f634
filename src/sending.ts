// Everything that leaves on its own: the deliveries of the store, the engine that sends them, and who hands them over.

import { hostname } from 'node:os'
import { join } from 'node:path'
import { callbackLog } from './callbacks/callback-log.js'
import { Callbacks } from './callbacks/callbacks.js'
import { createHttpTransport, type HttpPayload } from './callbacks/http.js'
import { showHttp } from './callbacks/http-view.js'
import { createKafkaTransport } from './callbacks/kafka.js'
import type { KafkaPayload } from './callbacks/kafka-payload.js'
import { showKafka } from './callbacks/kafka-view.js'
import { LiteralSecrets } from './callbacks/literal-secrets.js'
import { createRabbitTransport } from './callbacks/rabbitmq.js'
import type { RabbitPayload } from './callbacks/rabbitmq-payload.js'
import { showRabbit } from './callbacks/rabbitmq-view.js'
import type { ShownMessage } from './callbacks/shown-message.js'
import { unprepared, unpreparedTransport } from './callbacks/unprepared.js'
import { Webhooks } from './callbacks/webhooks.js'
import { DeclaredBrokers } from './declared-brokers.js'
import { createEngine, type DeliveryObserver, type Engine } from './delivery/engine.js'
import type { Admission, Transport } from './delivery/transport.js'
import { notification } from './dispatcher/notification.js'
import { only } from './dispatcher/notification-log.js'
import { showNotification } from './dispatcher/notification-view.js'
import { createDispatching, type Dispatching } from './dispatching.js'
import type { Json } from './expression/json.js'
import { commitStatus, createCommitStatusTransport, type StatusTarget, showStatus } from './forge/commit-status.js'
import { CommitStatuses } from './forge/commit-statuses.js'
import { aside, statusLog } from './forge/status-log.js'
import { statusTypes } from './forge/statuses/index.js'
import type { Logger } from './log.js'
import type { Guard } from './network/guard.js'
import { createHttpClient } from './network/http-client.js'
import type { Settings } from './settings.js'
import { type DeliveryReplay, openDeliveries } from './store/deliveries.js'
import type { Delivery } from './store/delivery.js'
import { secretsFolder } from './store/embedded.js'
import type { Store } from './store/store.js'
import { systemTimer } from './store/timer.js'

export interface SendingParts {
  readonly settings: Pick<
    Settings,
    'stateDir' | 'delivery' | 'retention' | 'catalogues' | 'customers' | 'smtp' | 'telegram' | 'commitStatus' | 'source'
  >
  /** Where statuses of commits go; undefined when nobody is told. */
  readonly statusTarget: StatusTarget | undefined
  readonly store: Store
  /** What the store has replayed. */
  readonly replay: DeliveryReplay
  readonly guard: Guard
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  readonly userAgent: string
  readonly revisionOf: (generation: number) => string | undefined
  /** Whether a delivery may go now, by what is declared. */
  readonly admit: (delivery: Delivery) => Admission
  readonly isSuspended: (namespace: string) => boolean
  /** Hear of deliveries besides the log. */
  readonly observers?: readonly DeliveryObserver[]
}

export interface Sending {
  readonly engine: Engine
  readonly callbacks: Callbacks
  readonly webhooks: Webhooks
  /** Hears which brokers are declared. */
  readonly brokers: DeclaredBrokers
  readonly dispatching: Dispatching
  /** Undefined when nobody is told. */
  readonly statuses: CommitStatuses | undefined
  /** Closes connections to brokers; after the engine's end. */
  close(): Promise<void>
}

/** Nothing is sent before `engine.start`. */
export function createSending(parts: SendingParts): Sending {
  const { settings, store, replay, guard, env, log, observers = [] } = parts
  const { delivery, retention, stateDir } = settings
  const now = () => Date.now()
  const secrets = new LiteralSecrets(join(stateDir, secretsFolder))
  const deliveries = openDeliveries(
    store,
    {
      limits: {
        waiting: delivery.waiting,
        finished: retention.deliveries,
        finishedMs: retention.deliveryAge * 1000,
        deadLetters: retention.deadLetters,
      },
      now,
      onWarning: (message) => log.warn({ stateDir }, message),
    },
    replay,
  )
  const { userAgent, revisionOf, admit, statusTarget } = parts
  const kafka = createKafkaTransport({
    guard,
    log,
    isVerbose: log.isLevelEnabled('debug'),
    timer: systemTimer,
    env,
    readFile: secrets.read,
  })
  const rabbitmq = createRabbitTransport({
    guard,
    now,
    timer: systemTimer,
    env,
    readFile: secrets.read,
    connectionName: userAgent,
  })
  // The same after a restart, which then need not wait for its own lease to end.
  const holder = hostname()
  const dispatching = createDispatching({
    ...parts,
    engine: () => engine,
    fireOperation: ({ id, source, type, time, namespace, payload }) =>
      webhooks.fireOperation({
        id: JSON.stringify(['event', source, id]),
        operation: type as Parameters<typeof webhooks.fireOperation>[0]['operation'],
        time: Date.parse(time),
        ...(namespace !== undefined && { namespace }),
        details: payload,
      }),
    lease: (name, ttlMs) => deliveries.lease(name, holder, ttlMs, now()),
    readFile: secrets.read,
    now,
    timer: systemTimer,
  })
  const engine: Engine = createEngine({
    deliveries,
    transports: new Map<string, Transport>([
      ['http', { ...createHttpTransport({ guard, now, userAgent, env, readFile: secrets.read }), admit }],
      ['kafka', { send: kafka.send, width: kafka.width, admit }],
      ['rabbitmq', { send: rabbitmq.send, width: rabbitmq.width, admit }],
      [unprepared, unpreparedTransport],
      [notification, dispatching.transport],
      [
        commitStatus,
        createCommitStatusTransport({
          target: statusTarget,
          http: createHttpClient(guard),
          now,
          userAgent,
          env,
          newest: (sha) => statuses?.newest(sha),
        }),
      ],
    ]),
    now,
    timer: systemTimer,
    random: Math.random,
    poolSize: delivery.poolSize,
    observer: joined([aside(only(false, callbackLog(log))), statusLog(log), ...dispatching.observers, ...observers]),
  })
  const maxAgeMs = delivery.maxAge * 1000
  const callbacks = new Callbacks({ engine, now, timer: systemTimer, revisionOf, secrets, maxAgeMs })
  const webhooks = new Webhooks({ engine, store, now, random: Math.random, secrets, maxAgeMs })
  const { targetUrl } = settings.commitStatus
  const { branch, tag, semver, commit } = settings.source.ref
  const statuses =
    statusTarget === undefined
      ? undefined
      : new CommitStatuses({
          target: statusTarget,
          ...(targetUrl !== undefined && { targetUrl }),
          isBranch: branch !== undefined || (tag ?? semver ?? commit) === undefined,
          engine,
          store,
          now,
          maxAgeMs,
          onWarning: (error, message) => log.warn({ err: error }, message),
        })
  const connected = [kafka, rabbitmq]
  const brokers = new DeclaredBrokers((targets) => {
    for (const transport of connected) transport.retain(targets)
  })
  const close = async () => {
    await statuses?.settled()
    await Promise.all([...connected.map((transport) => transport.close()), dispatching.close()])
  }
  return { engine, callbacks, webhooks, brokers, dispatching, statuses, close }
}

type Show = (payload: Json, maskHeaders: readonly string[]) => ShownMessage

const shows: ReadonlyMap<string, Show> = new Map<string, Show>([
  ['http', (payload, maskHeaders) => showHttp(payload as unknown as HttpPayload, maskHeaders)],
  ['kafka', (payload, maskHeaders) => showKafka(payload as unknown as KafkaPayload, maskHeaders)],
  ['rabbitmq', (payload, maskHeaders) => showRabbit(payload as unknown as RabbitPayload, maskHeaders)],
  [notification, showNotification],
  [commitStatus, (payload) => showStatus(payload, statusTypes)],
])

/** What is sent, for people; undefined for what was never ready to be. */
export function shownBy(maskHeaders: readonly string[]): (delivery: Delivery) => ShownMessage | undefined {
  return ({ transport, payload }) => shows.get(transport)?.(payload, maskHeaders)
}

/** One observer that tells all of them; what one throws keeps nothing from the others. */
function joined(observers: readonly DeliveryObserver[]): DeliveryObserver {
  const each = (tell: (observer: DeliveryObserver) => void): void => {
    let failure: { readonly error: unknown } | undefined
    for (const observer of observers) {
      try {
        tell(observer)
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure !== undefined) throw failure.error
  }
  return {
    accepted: (delivery) => each((one) => one.accepted?.(delivery)),
    attempted: (delivery, attempt, state) => each((one) => one.attempted?.(delivery, attempt, state)),
    changed: (delivery, state) => each((one) => one.changed?.(delivery, state)),
    panicked: (delivery, attempt, error) => each((one) => one.panicked?.(delivery, attempt, error)),
  }
}
