// Who heard what by an earlier revision: its files are read again, from the bytes that are kept of them.

import { messageWriter, readershipOf } from './dispatcher/message-writer.js'
import { RevisionRules } from './dispatcher/revision-rules.js'
import { buildTables } from './dispatcher/tables.js'
import type { Dispatching } from './dispatching.js'
import { type AskedRules, RevisionNotKept } from './event-explanations.js'
import type { History } from './reconcile/history.js'
import { lastGoodSnapshot } from './reconcile/last-good.js'
import type { Reconciler } from './reconcile/reconciler.js'
import type { Loader } from './resources/load.js'
import type { ResourceSet } from './resources/resource.js'
import { isRevisionReference } from './status/revision-reference.js'
import type { ContentStore, Store } from './store/store.js'

export interface EarlierRulesParts {
  /** What is applied now. */
  readonly applied: () => AskedRules
  readonly history: Pick<History, 'filesOf' | 'outcomes'>
  readonly contents: ContentStore
  /** One of its own, which nothing else reads with. */
  readonly createLoader: () => Pick<Loader, 'load'>
  readonly rulesOf: (resources: ResourceSet, generation: number, revision: string) => AskedRules['rules']
}

/** Revisions whose rules are kept: whoever asks about one asks again. */
const kept = 3

export class EarlierRules {
  readonly #parts: EarlierRulesParts
  /** By generation, the one asked for last at the end. */
  readonly #known = new Map<number, AskedRules>()
  #reading: Promise<unknown> = Promise.resolve()

  constructor(parts: EarlierRulesParts) {
    this.#parts = parts
  }

  /**
   * `reference`: a generation, or the beginning of a revision or its hash; without one, what is applied. Rejects with
   * `RevisionNotKept`.
   */
  async find(reference: string | undefined): Promise<AskedRules> {
    const applied = this.#parts.applied()
    if (reference === undefined) return applied
    const { revision, generation } = applied
    if (revision !== null && isRevisionReference(reference, { revision, generation })) return applied
    const found = this.#lookUp(reference)
    // One at a time: each may be as large as all that is applied.
    const reading = this.#reading.then(() => this.#rules(found.generation, found.revision))
    this.#reading = reading.catch(() => {})
    return reading
  }

  #lookUp(reference: string): { readonly generation: number; readonly revision: string } {
    const { items } = this.#parts.history.outcomes({ limit: Number.MAX_SAFE_INTEGER })
    const found = items.flatMap(({ generation, revision }) =>
      generation !== null && revision !== null && isRevisionReference(reference, { generation, revision })
        ? [{ generation, revision }]
        : [],
    )
    const revisions = [...new Set(found.map(({ revision }) => revision))]
    if (revisions.length > 1) {
      throw new RevisionNotKept(`${JSON.stringify(reference)} begins more than one revision: ${revisions.join(', ')}`)
    }
    const [newest] = found
    if (newest === undefined) {
      throw new RevisionNotKept(
        `no revision ${JSON.stringify(reference)} was applied, as far as the history goes; /api/v1/revisions has it`,
      )
    }
    return newest
  }

  async #rules(generation: number, revision: string): Promise<AskedRules> {
    const known = this.#known.get(generation)
    if (known !== undefined) {
      this.#known.delete(generation)
      this.#known.set(generation, known)
      return known
    }
    const { history, contents, createLoader, rulesOf } = this.#parts
    const files = history.filesOf(generation)
    const read = files && (await lastGoodSnapshot(contents, revision, files))
    if (read === undefined || read.missing.length > 0) {
      throw new RevisionNotKept(`revision ${revision} was applied, and its files are not kept any more`)
    }
    const { resources, problems } = await createLoader().load(read.snapshot, new Map())
    const error = problems.find(({ severity }) => severity === 'error')
    if (error !== undefined) {
      throw new RevisionNotKept(`this version cannot read revision ${revision}: ${error.file}: ${error.message}`)
    }
    const asked = { rules: rulesOf(resources, generation, revision), revision, generation }
    this.#known.set(generation, asked)
    const [oldest] = this.#known.keys()
    if (this.#known.size > kept && oldest !== undefined) this.#known.delete(oldest)
    return asked
  }
}

/** Reads with the tables and the renderer of what is applied. */
export function createEarlierRules({
  reconciler,
  store,
  dispatching: { applied, known, renderer },
  createLoader,
  onWarning,
}: {
  readonly reconciler: Pick<Reconciler, 'history' | 'status'>
  readonly store: Pick<Store, 'contents'>
  readonly dispatching: Pick<Dispatching, 'applied' | 'known' | 'renderer'>
  readonly createLoader: EarlierRulesParts['createLoader']
  readonly onWarning: (message: string) => void
}): EarlierRules {
  return new EarlierRules({
    applied: () => {
      const { generation, lastAppliedRevision: revision } = reconciler.status()
      return { rules: applied.rules, revision, generation: revision === null ? null : generation }
    },
    history: reconciler.history,
    contents: store.contents,
    createLoader,
    rulesOf: (resources, generation, revision) => {
      const tables = buildTables(resources, applied.rules.tables.options)
      const writer = messageWriter({ renderer, onWarning }, resources, readershipOf(tables))
      return new RevisionRules({ generation, revisionOf: () => revision, tables, known, writer })
    },
  })
}
