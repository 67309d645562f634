// Where the parts meet: source → resources → reconcile → resolver, with store, guard and control port around them.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveryWatch } from './delivery-watch.js'
import { RawNumber } from './expression/json.js'
import type { Logger } from './log.js'
import { createGuard } from './network/guard.js'
import type { Outcome } from './reconcile/history.js'
import { Reconciler, type ReconcilerStatus } from './reconcile/reconciler.js'
import { Trigger } from './reconcile/trigger.js'
import { createResolver } from './resolver/resolver.js'
import { resolverOptions } from './resolver-options.js'
import { Loader, type Progress } from './resources/load.js'
import type { ResourceSet } from './resources/resource.js'
import { createSending, shownBy } from './sending.js'
import { type Settings, SettingsError } from './settings.js'
import { openDirectory } from './source/directory.js'
import { createStatusApi } from './status/api.js'
import { createMetrics } from './status/metrics.js'
import { StatusSettingsError } from './status/tokens.js'
import { DeliveryReplay } from './store/deliveries.js'
import { type EmbeddedStore, openStore } from './store/embedded.js'
import { StoreLocked } from './store/store.js'
import { version } from './version.js'
import { createOperations, createViews, metricSources, type ShownParts } from './views.js'

/** The program cannot begin: a port is taken, the state directory is in use, a file is missing. For a person to mend. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

export interface StartParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  readonly onProgress?: (progress: Progress) => void
}

/** A running Callboard. */
export interface Controller {
  readonly version: string
  /** Base URLs, with the ports that were really taken. */
  readonly addresses: { readonly resolver: string; readonly control: string }
  status(): ReconcilerStatus
  /** What is applied. */
  resources(): ResourceSet
  /** Looks at the source again soon. */
  look(): void
  /** Stops listening, lets what is under way finish, and writes down what has to survive. */
  close(): Promise<void>
}

/** How several changes are taken together; one goes at once. */
const quiet = { quietMs: 20, longestMs: 250 }
const closeGraceMs = 5_000

/**
 * Starts everything and resolves once both ports listen and the source has been looked at. A source that cannot be
 * read or is full of errors does not stop the start: what was applied last is served, and the status says why.
 */
export async function start(settings: Settings, { env, log, onProgress }: StartParts): Promise<Controller> {
  const { limits } = settings
  const undo: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const tls = readTls(settings)
    const replay = new DeliveryReplay()
    const store = await openStateDirectory(settings.stateDir, replay, log)
    undo.push(() => store.close())
    const source = openDirectory(settings.source.url, {
      maxFileBytes: limits.fileBytes,
      maxReferenceBytes: limits.referenceBytes,
      maxFiles: limits.files,
      onWarning: (message) => log.warn({ source: settings.source.url }, message),
    })
    undo.push(() => source.close())
    const ports: { control?: number; resolver?: number } = {}
    const guard = createGuard({ ...settings.network, forbiddenPorts: () => ports, connectTimeoutMs: 10_000 })
    undo.push(() => guard.close())
    const shown = namedValues(settings.expressions.env, env)
    const loader = new Loader({
      defaultNamespace: settings.defaultNamespace,
      strict: settings.strict,
      limits: { fileBytes: limits.fileBytes, documentsPerFile: limits.documentsPerFile },
      env: shown,
      cache: store.cache,
      ...(onProgress === undefined ? {} : { onProgress }),
    })
    undo.push(() => loader.settled())
    const now = () => new Date()
    const monotonic = () => performance.now()
    let inUse: { generation: number; revision: string | undefined } = { generation: -1, revision: undefined }
    const watch = new DeliveryWatch()
    const { engine, callbacks } = createSending({
      settings,
      store,
      replay,
      guard,
      env,
      log,
      observers: [watch],
      userAgent: `callboard/${version}`,
      revisionOf: (generation) => {
        if (inUse.generation !== generation) {
          const { generation: applied, lastAppliedRevision } = reconciler.status()
          if (applied !== generation) return undefined
          inUse = { generation, revision: lastAppliedRevision ?? undefined }
        }
        return inUse.revision
      },
    })
    const resolver = createResolver({
      store,
      guard,
      now,
      monotonic,
      random: Math.random,
      log,
      callbacks,
      options: resolverOptions(settings, tls),
    })
    undo.push(() => resolver.close(closeGraceMs))
    // Before the resolver: callbacks under way may be for mocks of its own.
    undo.push(() => engine.close(settings.delivery.shutdownGrace * 1000))
    const trigger = new Trigger(quiet, { now: monotonic, sleep: (ms) => sleep(ms, undefined, { ref: false }) })
    const reconciler = new Reconciler({
      source,
      loader,
      targets: [resolver],
      store,
      trigger,
      now,
      monotonic,
      log,
      maxPrune: settings.reconcile.maxPrune,
      strict: settings.strict,
      onOutcome: (outcome) => afterOutcome(outcome),
    })
    const metrics = createMetrics(metricSources({ reconciler, resolver, store, engine, watch }))
    const outcomes = new Set<(outcome: Outcome) => void>()
    function afterOutcome(outcome: Outcome): void {
      metrics.reconciled(outcome.outcome, outcome.durationMs)
      for (const listener of outcomes) listener(outcome)
      if (outcome.outcome === 'applied' || outcome.outcome === 'unchanged') setImmediate(() => reconciler.addWarnings())
    }
    const parts: ShownParts = {
      reconciler,
      resolver,
      store,
      engine,
      watch,
      showSent: shownBy(settings.requests.maskHeaders),
      outcomes: (listener) => {
        outcomes.add(listener)
        return () => outcomes.delete(listener)
      },
      scrape: () => metrics.scrape(),
    }
    const control = createStatusApi({
      views: createViews(parts),
      operations: createOperations(parts),
      tokens: settings.tokens,
      bind: settings.bind.control,
      hosts: settings.bind.hosts,
      log,
      now,
      version,
    })
    await reconciler.start()
    ports.resolver = (
      await listening('resolver', () =>
        resolver.listen({ host: settings.bind.resolver, port: settings.ports.resolver }),
      )
    ).port
    ports.control = (await listening('control', () => control.listen({ port: settings.ports.control }))).port
    undo.push(() => control.close())
    await engine.start()
    void reconciler.run()
    undo.push(() => reconciler.close())
    await source.watch((hint) => trigger.look(hint))
    const interval = setInterval(() => trigger.look('anywhere'), settings.source.interval * 1000)
    undo.push(async () => clearInterval(interval))
    return {
      version,
      addresses: {
        resolver: `${tls === undefined ? 'http' : 'https'}://${host(settings.bind.resolver)}:${ports.resolver}`,
        control: `http://${host(settings.bind.control)}:${ports.control}`,
      },
      status: () => reconciler.status(),
      resources: () => reconciler.applied,
      look: () => trigger.look('anywhere'),
      close,
    }
  } catch (error) {
    await close()
    if (error instanceof StoreLocked || error instanceof SettingsError || error instanceof StatusSettingsError) {
      throw new StartError(error.message)
    }
    throw error
  }
}

async function openStateDirectory(folder: string, replay: DeliveryReplay, log: Logger): Promise<EmbeddedStore> {
  try {
    return await openStore(folder, {
      rawNumber: RawNumber,
      onDisk: replay.onDisk,
      onReplay: replay.onReplay,
      onWarning: (message) => log.warn({ stateDir: folder }, message),
    })
  } catch (error) {
    if (isSystemError(error)) throw new StartError(`the state directory ${folder} cannot be used: ${error.message}`)
    throw error
  }
}

/** Listens, or says which setting gives another port. */
async function listening(
  name: 'resolver' | 'control',
  listen: () => Promise<{ readonly port: number }>,
): Promise<{ readonly port: number }> {
  try {
    return await listen()
  } catch (error) {
    if (!isSystemError(error)) throw error
    const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message
    throw new StartError(`the ${name} cannot listen: ${reason}; choose another with --${name}-port or ports.${name}`)
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error
}

function readTls({ tls }: Settings): { cert: Buffer; key: Buffer } | undefined {
  if (tls.cert === undefined || tls.key === undefined) return undefined
  try {
    return { cert: readFileSync(tls.cert), key: readFileSync(tls.key) }
  } catch (error) {
    throw new StartError(`tls: ${error instanceof Error ? error.message : error}`)
  }
}

function namedValues(names: readonly string[], env: StartParts['env']): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

/** An address as it stands in a URL; one that means all addresses is reached on loopback. */
function host(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
