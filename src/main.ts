// Where the parts meet: source → resources → reconcile → resolver, with store, guard and control port around them.

import { setTimeout as sleep } from 'node:timers/promises'
import { createAgentTools } from './agent-tools.js'
import { AuditLog } from './audit-log.js'
import { DeliveryOutcomes } from './delivery-outcomes.js'
import { DeliveryWatch } from './delivery-watch.js'
import { keptEventScope } from './dispatcher/digests/collected.js'
import { eventScope } from './dispatcher/events/event-log.js'
import { sampleScope } from './dispatcher/grouping/samples.js'
import { createEarlierRules } from './earlier-rules.js'
import { RawNumber } from './expression/json.js'
import { Receivers } from './forge/receivers.js'
import { followedBy, statusTarget } from './forges.js'
import { collectGarbage, collectOnceIdle, loopUtilization, systemInterval } from './idle-collection.js'
import type { Logger } from './log.js'
import { MessageRate } from './message-rate.js'
import { createGuard, type Guard } from './network/guard.js'
import { NotificationConditions } from './notification-conditions.js'
import { openSource } from './open-source.js'
import { createPropose } from './proposals.js'
import { proxyOptions } from './proxy-settings.js'
import type { StatusCondition } from './reconcile/condition.js'
import type { History, Outcome } from './reconcile/history.js'
import { Reconciler, type ReconcilerStatus } from './reconcile/reconciler.js'
import { Trigger } from './reconcile/trigger.js'
import { createResolver } from './resolver/resolver.js'
import { resolverOptions } from './resolver-options.js'
import { ResourceStatuses } from './resource-status.js'
import { Loader, type Progress } from './resources/load.js'
import type { ResourceSet } from './resources/resource.js'
import { AgeKeys } from './resources/sops/age-keys.js'
import { RunningBackup } from './running-backup.js'
import { SecretCheck } from './secret-check.js'
import { createSending, shownBy } from './sending.js'
import { type Settings, SettingsError } from './settings.js'
import { usableGit } from './source/git/version.js'
import { isGitSource } from './source-parts.js'
import { createStatusApi } from './status/api.js'
import { createDeferredMetrics } from './status/deferred-metrics.js'
import { StatusSettingsError } from './status/tokens.js'
import { DeliveryReplay } from './store/deliveries.js'
import { type EmbeddedStore, openStore } from './store/embedded.js'
import { StoreLocked } from './store/store.js'
import { SuspendedNamespaces } from './suspended-namespaces.js'
import { readTls } from './tls-files.js'
import { version } from './version.js'
import { createOperations, createViews, metricSources, type ShownParts } from './views.js'

/** The program cannot begin: a port is taken, the state directory is in use, a file is missing. For a person to mend. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The start was given up because the signal aborted. Everything that was open is closed. */
export class StartStopped extends Error {
  override readonly name = 'StartStopped'
}

export interface StartParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  readonly onProgress?: (progress: Progress) => void
  /** Gives the start up. A controller that has started is ended by `close`. */
  readonly signal?: AbortSignal
}

/** A running Callboard. */
export interface Controller {
  readonly version: string
  /** Base URLs, with the ports that were really taken. */
  readonly addresses: { readonly resolver: string; readonly control: string }
  status(): ReconcilerStatus
  conditions(): readonly StatusCondition[]
  /** What is applied. */
  resources(): ResourceSet
  /** Which mock would answer a GET; undefined when none would. Counts nothing. */
  answering(path: string): Promise<{ readonly namespace: string; readonly name: string } | undefined>
  /** Looks at the source again soon. */
  look(): void
  /** Stops listening, lets what is under way finish, and writes down what has to survive. */
  close(): Promise<void>
}

/** How several changes are taken together; one goes at once. */
const quiet = { quietMs: 20, longestMs: 250 }
/** Warnings that take longer than going live are worked out after so long without another change. */
const warningDelayMs = 100
const closeGraceMs = 5_000
/** From this many resources on, a start leaves more garbage than can be overlooked. */
const manyResources = 1_000

/**
 * Starts everything and resolves once both ports listen and the source has been looked at. A source that cannot be
 * read or is full of errors does not stop the start: what was applied last is served, and the status says why.
 * Rejects with `SettingsError` for settings that cannot be used, with `StartError` for what else is in the way.
 */
export async function start(settings: Settings, { env, log, onProgress, signal }: StartParts): Promise<Controller> {
  const { limits } = settings
  const undo: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const tls = readTls(settings)
    const ports: { control?: number; resolver?: number } = {}
    const onFound = (files: number) => loader.expect(files)
    const source = await openSource(settings, { env, log, ownPorts: () => ports, onFound, now: Date.now })
    undo.push(() => source.close())
    await assertGit(settings, env)
    const replay = new DeliveryReplay()
    const store = await openStateDirectory(settings.stateDir, replay, log)
    undo.push(() => store.close())
    const guard = openGuard(settings, env, () => ports)
    undo.push(() => guard.close())
    const shown = namedValues(settings.expressions.env, env)
    const reading = {
      defaultNamespace: settings.defaultNamespace,
      strict: settings.strict,
      limits: { fileBytes: limits.fileBytes, documentsPerFile: limits.documentsPerFile },
      env: shown,
      catalogues: settings.catalogues,
      cache: store.cache,
      ageKeys: new AgeKeys(settings.secrets, { env }),
    }
    const loader = new Loader({ ...reading, ...(onProgress === undefined ? {} : { onProgress }) })
    undo.push(() => loader.settled())
    const now = () => new Date()
    const monotonic = () => performance.now()
    let inUse: { generation: number; revision: string | undefined } = { generation: -1, revision: undefined }
    const watch = new DeliveryWatch()
    const sent = new DeliveryOutcomes({ now: () => Date.now() })
    const suspended = new SuspendedNamespaces(() => engine.recheck())
    const {
      engine,
      callbacks,
      webhooks,
      brokers,
      dispatching,
      statuses,
      close: closeSending,
    } = createSending({
      settings,
      statusTarget: statusTarget(settings),
      store,
      replay,
      guard,
      env,
      log,
      admit: suspended.admit,
      isSuspended: (namespace) => suspended.has(namespace),
      observers: [watch, sent],
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
    undo.push(closeSending)
    undo.push(() => resolver.close(closeGraceMs))
    let drained: Promise<void> | undefined
    const drain = () => {
      drained ??= engine.close(settings.delivery.shutdownGrace * 1000)
      return drained
    }
    // Before the resolver: callbacks under way may be for mocks of its own.
    undo.push(drain)
    undo.push(() => dispatching.stop())
    // Before the resolver too: a bot may be a mock of its own, which takes its time to say that nothing has happened.
    undo.push(() => dispatching.bots.close())
    const trigger = new Trigger(quiet, { now: monotonic, sleep: (ms) => sleep(ms, undefined, { ref: false }) })
    const reconciler = new Reconciler({
      source,
      loader,
      targets: [resolver, suspended, webhooks.target, brokers, dispatching.applied],
      changes: webhooks,
      store,
      trigger,
      now,
      monotonic,
      log,
      maxPrune: settings.reconcile.maxPrune,
      strict: settings.strict,
      ...(isGitSource(settings) ? { longestRetryMs: settings.source.interval * 1000 } : {}),
      onSeen: ({ revision, commit }, isSuspended) => {
        if (commit !== undefined) statuses?.seen({ revision, commit: commit.id }, isSuspended)
      },
      onOutcome: (outcome) => afterOutcome(outcome),
    })
    const receivers = new Receivers({
      receivers: settings.receivers,
      followed: followedBy(settings),
      look: () => trigger.look('anywhere'),
      later: (work) => setImmediate(work),
      env,
      now: () => Date.now(),
      log,
    })
    const audit = await openAuditLog(settings.stateDir, store, reconciler.history, log)
    undo.push(() => audit.close())
    const counted = { reconciler, resolver, store, engine, watch, receivers, dispatching }
    const metrics = createDeferredMetrics(metricSources(counted))
    const outcomes = new Set<(outcome: Outcome) => void>()
    let warning: NodeJS.Timeout | undefined
    undo.push(async () => clearTimeout(warning))
    function afterOutcome(outcome: Outcome): void {
      metrics.reconciled(outcome.outcome, outcome.durationMs)
      dispatching.internal.synced(outcome)
      statuses?.ended(outcome)
      if (outcome.outcome === 'applied') void audit.catchUp()
      for (const listener of outcomes) listener(outcome)
      announce()
      if (outcome.outcome !== 'applied' && outcome.outcome !== 'unchanged') return
      // Requests and further edits come first: nobody waits for warnings.
      clearTimeout(warning)
      warning = setTimeout(() => reconciler.addWarnings(), warningDelayMs).unref()
    }
    function announce(): void {
      // Before anything is applied nobody could hear of it.
      if (reconciler.status().lastAppliedRevision === null) return
      webhooks.announce().catch((error: unknown) => {
        log.warn({ err: error }, 'what was done while the controller was stopped is told to webhooks later')
      })
    }
    const conditions = new NotificationConditions({
      dispatching,
      appliedTime: () => reconciler.status().lastAppliedTime ?? new Date(0).toISOString(),
    })
    const earlier = createEarlierRules({
      reconciler,
      store,
      dispatching,
      createLoader: () => new Loader(reading),
      onWarning: (message) => log.warn(message),
    })
    const parts: ShownParts = {
      reconciler,
      resolver,
      store,
      engine,
      dispatching,
      watch,
      audit,
      receivers,
      rulesOf: (reference) => earlier.find(reference),
      backup: new RunningBackup({ stateDir: settings.stateDir, store, webhooks, now: () => Date.now() }),
      statuses: new ResourceStatuses({
        engine,
        outcomes: sent,
        secrets: new SecretCheck({ env, now: () => Date.now() }),
        isSuspended: (namespace) => suspended.has(namespace),
        observed: (resource) => conditions.of(resource),
        generation: () => reconciler.status().generation,
      }),
      messages: { settings: settings.messages, rate: new MessageRate(settings.messages.perMinute, monotonic) },
      propose: createPropose({
        reconciler,
        history: reconciler.history,
        contents: store.contents,
        createLoader: () => new Loader(reading),
        maxPrune: settings.reconcile.maxPrune,
      }),
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
      eventBytes: limits.eventBytes,
      hookBytes: limits.hookBytes,
      bind: settings.bind.control,
      hosts: settings.bind.hosts,
      log,
      now,
      version,
      ...(settings.mcp.enabled && { answerTools: createAgentTools(log, settings.messages) }),
    })
    for (const { receiver, message } of await receivers.unusable()) {
      log.warn({ receiver }, `nothing can be verified by receivers.${receiver}: ${message}`)
    }
    // What is under way then is given up without a word.
    signal?.addEventListener('abort', () => void reconciler.close(), { once: true })
    await unlessAborted(reconciler.start(), signal)
    ports.resolver = await listening('resolver', settings, (address) => resolver.listen(address))
    ports.control = await listening('control', settings, (address) => control.listen(address))
    undo.push(() => control.close())
    await engine.start()
    dispatching.start()
    void reconciler.run()
    undo.push(() => reconciler.close())
    await source.watch((hint) => trigger.look(hint))
    if (!isGitSource(settings)) {
      const interval = setInterval(() => trigger.look('anywhere'), settings.source.interval * 1000)
      undo.push(async () => clearInterval(interval))
    }
    if (reconciler.applied.size >= manyResources) {
      const utilization = loopUtilization()
      const giveUp = collectOnceIdle({ utilization, collect: collectGarbage, setInterval: systemInterval })
      undo.push(async () => giveUp())
    }
    setImmediate(() => void metrics.load())
    // First of all: what has not begun waits for the next start, however long the rest takes to close.
    undo.push(async () => void drain())
    return {
      version,
      addresses: {
        resolver: `${tls === undefined ? 'http' : 'https'}://${host(settings.bind.resolver)}:${ports.resolver}`,
        control: `http://${host(settings.bind.control)}:${ports.control}`,
      },
      status: () => reconciler.status(),
      conditions: () => reconciler.conditions.list(),
      resources: () => reconciler.applied,
      answering: async (path) => (await resolver.explain({ method: 'GET', path, headers: [] })).mock ?? undefined,
      look: () => trigger.look('anywhere'),
      close,
    }
  } catch (error) {
    await close()
    if (error instanceof StoreLocked) throw new StartError(error.message)
    if (error instanceof StatusSettingsError) throw new SettingsError(error.message)
    throw error
  }
}

/** Whatever else is wrong with a repository may mend itself; a missing program does not. */
async function assertGit(settings: Settings, env: StartParts['env']): Promise<void> {
  if (!isGitSource(settings)) return
  try {
    await usableGit(env)
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

async function openStateDirectory(folder: string, replay: DeliveryReplay, log: Logger): Promise<EmbeddedStore> {
  try {
    return await openStore(folder, {
      rawNumber: RawNumber,
      onDisk: [...replay.onDisk, eventScope, keptEventScope, sampleScope],
      onReplay: replay.onReplay,
      onWarning: (message) => log.warn({ stateDir: folder }, message),
    })
  } catch (error) {
    if (error instanceof StoreLocked || error instanceof TypeError || !(error instanceof Error)) throw error
    throw new StartError(`the state directory ${folder} cannot be used: ${error.message}`, { cause: error })
  }
}

async function openAuditLog(folder: string, store: EmbeddedStore, history: History, log: Logger): Promise<AuditLog> {
  const onWarning = (message: string) => log.warn({ stateDir: folder }, message)
  try {
    return await AuditLog.open({ stateDir: folder, store, history, now: () => new Date(), onWarning })
  } catch (error) {
    throw new StartError(`the audit log in ${folder} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

function openGuard(
  { network: { proxy, ...network } }: Settings,
  env: StartParts['env'],
  forbiddenPorts: () => { control?: number; resolver?: number },
): Guard {
  try {
    const behind = proxyOptions(proxy, env)
    return createGuard({ ...network, ...(behind && { proxy: behind }), forbiddenPorts, connectTimeoutMs: 10_000 })
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error))
  }
}

/** The work under way ends by itself; nothing waits for it any more. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new StartStopped('the start was given up'))
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([work, aborted])
  } finally {
    signal?.removeEventListener('abort', stop)
    work.catch(() => {})
  }
}

/** Listens and returns the port, or says which setting gives another. */
async function listening(
  name: 'resolver' | 'control',
  { bind, ports }: Settings,
  listen: (address: { readonly host: string; readonly port: number }) => Promise<{ readonly port: number }>,
): Promise<number> {
  const address = { host: bind[name], port: ports[name] }
  try {
    return (await listen(address)).port
  } catch (error) {
    const reason = systemErrorOf(error)
    if (reason === undefined) throw error
    const where = `${host(address.host)}:${address.port}`
    const advice: Readonly<Record<string, string>> = {
      EADDRINUSE: `the port is in use; choose another with --${name}-port or ports.${name}, or 0 for any`,
      EACCES: `this user may not use the port; choose one from 1024 on with --${name}-port or ports.${name}`,
      EADDRNOTAVAIL: `the address is not one of this machine; see bind.${name} in the settings`,
      ENOTFOUND: `the name cannot be looked up; see bind.${name} in the settings`,
      EINVAL: `this is no address to listen on; see bind.${name} in the settings`,
    }
    const said = advice[reason.code ?? ''] ?? `${reason.message}; see bind.${name} and ports.${name} in the settings`
    throw new StartError(`the ${name} cannot listen on ${where}: ${said}`, { cause: error })
  }
}

function systemErrorOf(error: unknown): NodeJS.ErrnoException | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall } = error as NodeJS.ErrnoException
  return code !== undefined && syscall !== undefined ? error : systemErrorOf(error.cause)
}

function namedValues(names: readonly string[], env: StartParts['env']): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

/** An address as it stands in a URL; one that means all addresses is reached on loopback. */
function host(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
