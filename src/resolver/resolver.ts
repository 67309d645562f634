import type { Json } from '../expression/json.js'
import type { CallbackProgram } from '../resources/kinds/callback-program.js'
import type { MockProgram } from '../resources/kinds/mock-program.js'
import type { Resource, ResourceId, ResourceSet } from '../resources/resource.js'
import { Answering } from './answering.js'
import { idHeader, type Surroundings } from './exchange.js'
import { type AskedRequest, type ExplainedMock, type ExplanationView, explainAsked } from './explanation-view.js'
import { RequestJournal } from './journal.js'
import { type MockView, mockViews } from './mock-view.js'
import type { ResolverParts } from './parts.js'
import { RequestCounts } from './request-counts.js'
import { requestListener } from './request-listener.js'
import { ServedMock } from './served-mock.js'
import { ResolverServer } from './server.js'
import { chainKeys, chainScope, globalKeys, globalScope, StateStores } from './state-stores.js'
import { emptyTables, nextTables, type TableChanges, type Tables } from './tables.js'
import { bornAt, bornKey, usesOf } from './turns.js'
import { copyCounts, hitsKey, hitsScope, mockScope, type Owed, stateScope, Usage, UsageBook } from './usage.js'
import { type Verification, type VerificationResult, verifyRequests } from './verify.js'

export type { AskedRequest, ExplainedMock, ExplanationView, MockView, ResolverParts, Verification, VerificationResult }

export interface ResetScope {
  readonly namespace?: string
  readonly chain?: string
}

/** How many of each were cleared. */
export interface ResetResult {
  readonly requests: number
  readonly chains: number
  readonly globals: number
  readonly counters: number
}

export interface StoreContents {
  readonly namespace: string
  readonly entries: Readonly<Record<string, Json>>
}

/** The running mocks: answers requests on its port from the tables of the applied revision. */
export interface Resolver {
  readonly name: string
  /**
   * Builds the tables of `desired` beside those in use and returns the function that swaps them in. What is not named by
   * `changes` is shared with the tables in use; the first call takes everything from `desired`.
   */
  prepare(desired: ResourceSet, changes: TableChanges, generation: number): () => void
  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>
  /** Lets running requests finish for at most `graceMs`, and writes down what was counted. */
  close(graceMs: number): Promise<void>
  /** Says which mock would answer, and why others would not. Counts nothing and changes nothing. */
  explain(request: AskedRequest): Promise<ExplanationView>
  readonly requests: RequestJournal
  /** By namespace and name. */
  mocks(): MockView[]
  readonly stores: {
    /** Undefined when nothing is declared in the namespace. */
    global(namespace: string): StoreContents | undefined
    chain(namespace: string, chainId: string): (StoreContents & { readonly chainId: string }) | undefined
    /** Ids of chains with something in them, the one used last at the end. */
    chains(namespace: string): string[]
  }
  /** Clears stores, counters and recorded requests: all, those of a namespace, or one chain. */
  reset(scope?: ResetScope): Promise<ResetResult>
  verify(verification: Verification): VerificationResult
  readonly metrics: ResolverMetrics
}

export interface ResolverMetrics {
  readonly counts: RequestCounts
  /** Entries and chains that had to make room. */
  readonly evictions: number
  readonly expiries: number
  readonly chains: number
  readonly journalBytes: number
  readonly journalEvictions: number
}

export function createResolver(parts: ResolverParts): Resolver {
  return new MockResolver(parts)
}

class MockResolver implements Resolver {
  readonly name = 'resolver'
  readonly requests: RequestJournal
  readonly #parts: ResolverParts
  readonly #counts = new RequestCounts()
  readonly #book: UsageBook
  readonly #stores: StateStores
  readonly #answering: Answering
  readonly #server: ResolverServer
  /** The mocks of the tables in use, by id. */
  readonly #served = new Map<ResourceId, ServedMock>()
  #tables: Tables = emptyTables
  #isFirst = true

  constructor(parts: ResolverParts) {
    const { store, guard, now, monotonic, random, log, callbacks, options } = parts
    this.#parts = parts
    this.#book = new UsageBook(store, log)
    this.#stores = new StateStores(store, () => now().getTime(), options.stores)
    // Ids of two runs differ in their first part, those of one run in their last.
    const begun = now().getTime()
    const chance = Math.floor(random() * 36 ** 6)
    const run = `${begun.toString(36)}${chance.toString(36).padStart(6, '0')}`
    const idOf = (sequence: number): string => `${run}-${sequence.toString(36)}`
    let sequence = 0
    const shownId = options.correlationHeaders ? idHeader : undefined
    const { requests: bounds, defaultNamespace } = options
    this.requests = new RequestJournal({ bounds, defaultNamespace, idOf, idHeader: shownId })
    const around: Surroundings = {
      options,
      journal: this.requests,
      counts: this.#counts,
      log,
      now,
      monotonic,
      tables: () => this.#tables,
      nextSequence: () => {
        sequence += 1
        return sequence
      },
      idOf,
      isClosing: () => this.#server.isClosing,
    }
    this.#answering = new Answering({ around, store, stores: this.#stores, book: this.#book, guard, random, callbacks })
    this.#server = new ResolverServer({
      options,
      handle: requestListener(this.#answering, log),
      malformed: () => {
        this.#counts.malformed += 1
      },
    })
  }

  prepare(desired: ResourceSet, changes: TableChanges, generation: number): () => void {
    const isFirst = this.#isFirst
    const effective = isFirst ? { create: [...desired.values()], update: [], prune: [], move: [] } : changes
    const owed: Owed[] = []
    const renamed: Renamed[] = []
    const next = nextTables(
      this.#tables,
      this.#served,
      desired,
      effective,
      generation,
      (resource, program, attached, from) => this.#serve(resource, program, attached, from, { owed, renamed }),
    )
    for (const { from, to, declared } of effective.move) {
      if (from.kind === 'Mock') owed.push(declared ? moveState(from, to) : forgetState(from.namespace, from.name))
    }
    for (const { kind, namespace, name } of effective.prune)
      if (kind === 'Mock') owed.push(forgetState(namespace, name))
    if (isFirst) owed.push(forgetAllBut(desired))
    return () => {
      this.#isFirst = false
      this.#tables = next.tables
      // Only now: requests have gone on being counted under the former name.
      for (const { former, usage } of renamed) copyCounts(former, usage)
      for (const mock of next.removed) this.#served.delete(mock.id)
      for (const mock of next.added) {
        this.#served.set(mock.id, mock)
        this.#book.keep(mock.usage)
      }
      for (const { id } of next.removed) if (!this.#served.has(id)) this.#book.drop(id)
      this.#counts.know(next.tables.index.namespaces)
      this.#counts.know(next.tables.namespaces.keys())
      for (const work of owed) this.#book.owe(work)
      // Before the next request: a mock that was moved must find its counts where it looks for them.
      if (owed.length > 0) queueMicrotask(() => void this.#book.flush())
    }
  }

  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    return this.#server.listen(address)
  }

  async close(graceMs: number): Promise<void> {
    await this.#server.close(graceMs)
    this.#stores.close()
    await this.#book.close()
  }

  explain(request: AskedRequest): Promise<ExplanationView> {
    return explainAsked(this.#tables, request, this.#parts.options.defaultNamespace, this.#answering.obstacle)
  }

  mocks(): MockView[] {
    return mockViews(this.#served.values(), this.#tables.resources, this.#parts.store)
  }

  get stores(): Resolver['stores'] {
    return {
      global: (namespace) =>
        this.#knows(namespace) ? { namespace, entries: this.#stores.entries(globalKeys(namespace)) } : undefined,
      chain: (namespace, chainId) => {
        const keys = chainKeys(namespace, chainId)
        return this.#stores.hasChain(keys) ? { namespace, chainId, entries: this.#stores.entries(keys) } : undefined
      },
      chains: (namespace) => this.#stores.chains(namespace),
    }
  }

  async reset({ namespace, chain }: ResetScope = {}): Promise<ResetResult> {
    if (chain !== undefined) return this.#resetChain(chain, namespace)
    const below = namespace === undefined ? '' : `${namespace}/`
    const scopes = [globalScope, chainScope, stateScope, hitsScope].map((scope) => `${scope}${below}`)
    const isMeant = (one: { readonly namespace: string }): boolean =>
      namespace === undefined || one.namespace === namespace
    const cleared = await this.#parts.store.transact(scopes, (tx) => {
      const counters = new Set<string>()
      for (const [key] of tx.list(`${stateScope}${below}`)) {
        // When a mock was first applied is no count: its ttl goes on.
        if (key.endsWith('/born')) continue
        tx.delete(key)
        counters.add(key.split('/', 3).join('/').slice(stateScope.length))
      }
      for (const [key] of tx.list(`${hitsScope}${below}`)) {
        tx.delete(key)
        counters.add(key.slice(hitsScope.length))
      }
      return {
        globals: this.#stores.clear(tx, `${globalScope}${below}`),
        chains: this.#stores.clear(tx, `${chainScope}${below}`),
        counters,
      }
    })
    for (const mock of this.#served.values()) {
      if (!isMeant(mock)) continue
      if (mock.usage.hits > 0) cleared.counters.add(`${mock.namespace}/${mock.name}`)
      mock.exhausted = false
      this.#book.reset(mock.usage)
    }
    const { globals, chains, counters } = cleared
    return { requests: this.requests.clear(isMeant), chains, globals, counters: counters.size }
  }

  verify(verification: Verification): VerificationResult {
    return verifyRequests(this.requests, verification, this.#parts.options.defaultNamespace)
  }

  get metrics(): ResolverMetrics {
    return {
      counts: this.#counts,
      evictions: this.#stores.evictions,
      expiries: this.#stores.expiries,
      chains: this.#stores.chainCount,
      journalBytes: this.requests.bytes,
      journalEvictions: this.requests.evicted,
    }
  }

  async #resetChain(chain: string, namespace: string | undefined): Promise<ResetResult> {
    const scopes = namespace === undefined ? this.#stores.chainScopes(chain) : [chainKeys(namespace, chain).scope]
    const chains = await this.#parts.store.transact(scopes, (tx) =>
      scopes.reduce((count, scope) => count + this.#stores.clear(tx, scope), 0),
    )
    const requests = this.requests.clear(
      (record) => record.chain === chain && (namespace === undefined || record.namespace === namespace),
    )
    return { requests, chains, globals: 0, counters: 0 }
  }

  #knows(namespace: string): boolean {
    return this.#tables.namespaces.has(namespace) || [...this.#tables.index.namespaces].includes(namespace)
  }

  /** A mock of the next revision. What it has counted stays with it, under its former id when it was moved. */
  #serve(
    resource: Resource,
    program: MockProgram,
    attached: readonly CallbackProgram[],
    from: Resource | undefined,
    { owed, renamed }: Leaves,
  ): ServedMock {
    const { store, now, options } = this.#parts
    const { id, namespace, name } = resource
    const past = from ?? resource
    const former = this.#book.read(past.id, past.namespace, past.name)
    const usage = past.id === id ? former : new Usage(id, namespace, name)
    if (usage !== former) renamed.push({ former, usage })
    const { ttl, useLimiter } = program
    let expires = Number.POSITIVE_INFINITY
    if (ttl !== undefined) {
      const since =
        bornAt(store, past.namespace, past.name, ttl) ?? this.#unwrittenBirth(past.id, ttl) ?? now().getTime()
      expires = since + ttl * 1_000
      owed.push((tx) => tx.put(bornKey(namespace, name), { ttl, since }))
    }
    const exhausted = useLimiter !== undefined && usesOf(store, past.namespace, past.name, useLimiter) >= useLimiter
    const { correlationHeaders } = options
    return new ServedMock({ resource, program, attached, usage, expires, exhausted, correlationHeaders })
  }

  /** When a mock's ttl began, while the store could not take it down. */
  #unwrittenBirth(id: ResourceId, ttl: number): number | undefined {
    const mock = this.#served.get(id)
    return mock?.program.ttl === ttl ? mock.expires - ttl * 1_000 : undefined
  }
}

interface Renamed {
  readonly former: Usage
  readonly usage: Usage
}

/** What is left to do when the tables are swapped. */
interface Leaves {
  readonly owed: Owed[]
  readonly renamed: Renamed[]
}

function moveState(from: Resource, to: Resource): Owed {
  return (tx) => {
    const before = mockScope(from.namespace, from.name)
    for (const [key, value] of tx.list(before)) {
      tx.put(`${mockScope(to.namespace, to.name)}${key.slice(before.length)}`, value)
    }
    const hits = tx.get(hitsKey(from.namespace, from.name))
    if (hits !== undefined) tx.put(hitsKey(to.namespace, to.name), hits)
    forgetState(from.namespace, from.name)(tx)
  }
}

function forgetState(namespace: string, name: string): Owed {
  return (tx) => {
    for (const [key] of tx.list(mockScope(namespace, name))) tx.delete(key)
    if (tx.get(hitsKey(namespace, name)) !== undefined) tx.delete(hitsKey(namespace, name))
  }
}

/** What was pruned while nothing was running leaves nothing behind. */
function forgetAllBut(desired: ResourceSet): Owed {
  return (tx) => {
    for (const [key] of [...tx.list(stateScope), ...tx.list(hitsScope)]) {
      const [, namespace, name] = key.split('/')
      if (!desired.has(`Mock/${namespace}/${name}`)) tx.delete(key)
    }
  }
}
