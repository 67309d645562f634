// A resolver whose answers set off callbacks, an engine that sends them, and a store that may be told to fail.

import { onTestFinished } from 'vitest'
import { callbackLog } from '../../src/callbacks/callback-log.js'
import { Callbacks } from '../../src/callbacks/callbacks.js'
import { createHttpTransport } from '../../src/callbacks/http.js'
import { LiteralSecrets } from '../../src/callbacks/literal-secrets.js'
import { unprepared, unpreparedTransport } from '../../src/callbacks/unprepared.js'
import { createEngine, type Engine } from '../../src/delivery/engine.js'
import type { Json } from '../../src/expression/json.js'
import { createGuard } from '../../src/network/guard.js'
import { linkCallback } from '../../src/resources/kinds/callback.js'
import type { Resource } from '../../src/resources/resource.js'
import { type DeliveryLimits, openDeliveries } from '../../src/store/deliveries.js'
import { type DeliveryState, isWaiting } from '../../src/store/delivery.js'
import type { DeliveryEntry } from '../../src/store/delivery-list.js'
import { memoryStore } from '../../src/store/memory.js'
import { type Store, StoreUnavailable } from '../../src/store/store.js'
import { systemTimer } from '../../src/store/timer.js'
import { eventually } from '../e2e/eventually.js'
import { Folder } from '../e2e/folder.js'
import { type Logged, type Running, type RunningParts, serve } from '../resolver/running-resolver.js'

export interface Firing extends Running {
  readonly engine: Engine
  readonly deliveryLog: Logged[]
  /** Every transaction that wrote something: its keys, and how durable it was asked to be. */
  readonly records: { readonly keys: readonly string[]; readonly durability: 'write' | 'sync' }[]
  readonly secrets: string
  /** Lets the store take nothing, or take everything again. */
  fail(failing: boolean): void
  all(): Promise<readonly DeliveryEntry[]>
  /** The deliveries, once there are `count` that are finished. */
  finished(count: number): Promise<readonly DeliveryEntry[]>
}

export interface FiringParts extends Pick<RunningParts, 'options'> {
  readonly poolSize?: number
  readonly env?: Readonly<Record<string, string>>
  readonly limits?: Partial<DeliveryLimits>
  readonly now?: () => number
  readonly maxAgeMs?: number
}

export async function serveFiring(
  resources: (self: string) => readonly Resource[],
  { poolSize = 10, env = {}, limits = {}, now = () => Date.now(), maxAgeMs = 60_000, options }: FiringParts = {},
): Promise<Firing> {
  const inner = memoryStore()
  const records: Firing['records'] = []
  const state = { failing: false }
  const store: Store = {
    get: (key) => inner.get(key),
    list: (prefix, page) => inner.list(prefix, page),
    transact: (scopes, work, durability = 'write') => {
      if (state.failing) return Promise.reject(new StoreUnavailable('the disk is full'))
      return inner.transact(
        scopes,
        (tx) => {
          const keys: string[] = []
          const put = (key: string, value: Json): void => {
            keys.push(key)
            tx.put(key, value)
          }
          const result = work({ ...bound(tx), put })
          if (keys.length > 0) records.push({ keys, durability })
          return result
        },
        durability,
      )
    },
    epoch: inner.epoch,
    get failing() {
      return state.failing
    },
    contents: inner.contents,
    cache: inner.cache,
    close: () => inner.close(),
  }
  const deliveryLog: Logged[] = []
  const log = (level: string) => (fields: object, message: string) => {
    deliveryLog.push({ level, message, fields: fields as Logged['fields'] })
  }
  const guard = createGuard({ allow: ['127.0.0.0/8'], allowPrivate: false, connectTimeoutMs: 1_000 })
  const folder = new Folder()
  const secrets = new LiteralSecrets(folder.state)
  const engine = createEngine({
    deliveries: openDeliveries(store, { now, limits }),
    transports: new Map([
      ['http', createHttpTransport({ guard, now, userAgent: 'test', env, readFile: secrets.read })],
      [unprepared, unpreparedTransport],
    ]),
    now,
    timer: systemTimer,
    random: Math.random,
    poolSize,
    observer: callbackLog({ debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }),
  })
  const callbacks = new Callbacks({
    engine,
    now,
    timer: systemTimer,
    revisionOf: (generation) => `r${generation}`,
    secrets,
    maxAgeMs,
  })
  await engine.start()
  const running = await serve([], { store, guard, callbacks, ...(options !== undefined && { options }) })
  running.apply(...resources(running.url))
  onTestFinished(async () => {
    await engine.close(1000)
    await guard.close()
  })
  const all = async () => (await engine.operations.list({}, { limit: 1000 })).items
  const firing = Object.assign(running, {
    engine,
    deliveryLog,
    records,
    secrets: folder.state,
    fail: (failing: boolean) => {
      state.failing = failing
    },
    all,
    finished: (count: number) =>
      eventually(`${count} deliveries are finished`, async () => {
        const items = await all()
        return items.filter((one) => isOver(one.state)).length >= count && items
      }),
  })
  return firing
}

/** The methods of a class are not among its own properties. */
function bound<T extends { get: unknown; list: unknown; delete: unknown }>(tx: T): T {
  const methods = { get: tx.get, list: tx.list, delete: tx.delete } as Record<string, (...args: never[]) => unknown>
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, method.bind(tx)])) as unknown as T
}

function isOver({ status }: DeliveryState): boolean {
  return !isWaiting(status)
}

export function callback(
  name: string,
  spec: Readonly<Record<string, unknown>>,
  namespace: string = 'sandbox',
): Resource {
  const input = { namespace, name, labels: {}, annotations: {}, spec: spec as Json }
  const context = { readFile: () => undefined, env: {}, defaultNamespace: 'sandbox' }
  const { program, findings } = linkCallback(input, context)
  if (program === undefined) throw new Error(findings.map(({ message }) => message).join('; '))
  const digest = JSON.stringify(spec)
  const id = `Callback/${namespace}/${name}`
  const where = { file: `${name}.yaml`, line: 1 }
  return { id, kind: 'Callback', namespace, name, labels: {}, annotations: {}, spec, digest, program, ...where }
}
