// What files would come to that nobody has merged yet: laid over those that are applied, read and judged as a revision is,
// and compared with what is applied. Nothing of it is kept.

import { createHash } from 'node:crypto'
import { budgetExcesses } from './reconcile/deletion-budget.js'
import type { History } from './reconcile/history.js'
import { lastGoodSnapshot } from './reconcile/last-good.js'
import { type Plan, plan } from './reconcile/plan.js'
import type { Reconciler } from './reconcile/reconciler.js'
import { byPlace } from './resources/assemble.js'
import { writeReference } from './resources/kinds/reference.js'
import type { Loader } from './resources/load.js'
import type { Problem } from './resources/problem.js'
import type { Resource, ResourceSet } from './resources/resource.js'
import type { Snapshot, SourceFile } from './source/source.js'
import type {
  Proposal,
  ProposalOptions,
  ProposalOutcome,
  Propose,
  ProposedChange,
  ProposedFiles,
} from './status/proposal-views.js'
import type { ContentStore } from './store/store.js'

export interface ProposalParts {
  readonly reconciler: Pick<Reconciler, 'applied' | 'status'>
  readonly history: Pick<History, 'filesOf'>
  readonly contents: ContentStore
  /** One of its own, which nothing else reads with. */
  readonly createLoader: () => Pick<Loader, 'load' | 'warnings'>
  readonly maxPrune: number
}

const shownProblems = 200
const shownChanges = 1000
/** Each may be as large as all that is applied. */
const mostWaiting = 4

type Files = ReadonlyMap<string, SourceFile>

export function createPropose(parts: ProposalParts): Propose {
  let waiting = 0
  let working: Promise<unknown> = Promise.resolve()
  return async (files, options) => {
    const misplaced = Object.keys(files).find((path) => !isPlace(path))
    if (misplaced !== undefined) {
      const shown = JSON.stringify(misplaced.slice(0, 100))
      const message = `${shown} is no path below the root; write it as folder/file.yaml`
      return { outcome: 'refused', field: 'files', message }
    }
    if (waiting >= mostWaiting) return { outcome: 'busy' }
    waiting += 1
    const judging = working.then(() => judge(files, options, parts))
    working = judging.catch(() => {})
    try {
      return await judging
    } finally {
      waiting -= 1
    }
  }
}

function isPlace(path: string): boolean {
  return !path.includes('\\') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

async function judge(files: ProposedFiles, options: ProposalOptions, parts: ProposalParts): Promise<ProposalOutcome> {
  const { reconciler, createLoader, maxPrune } = parts
  const { generation, lastAppliedRevision } = reconciler.status()
  const applied = reconciler.applied
  const base =
    options.alone || lastAppliedRevision === null ? undefined : await baseFiles(generation, lastAppliedRevision, parts)
  if (base === 'gone') {
    const message = 'the files that are applied are not kept any more; give all of them, with alone'
    return { outcome: 'refused', field: 'files', message }
  }
  const laid = overlay(base ?? new Map(), files)
  const revision = `proposal:${createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)}`
  const loader = createLoader()
  // Files that are documents' payloads are there already, or are missing: the second time says so.
  let loaded = await loader.load({ revision, files: laid, refusals: [] }, options.alone ? new Map() : applied)
  if (!loaded.complete)
    loaded = await loader.load(
      { revision: `${revision}+`, files: laid, refusals: [] },
      options.alone ? new Map() : applied,
    )
  const problems = [...loaded.problems, ...loader.warnings()].sort(byPlace)
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const computed = errors === 0
  const difference = computed && options.plan ? plan(loaded.resources, applied) : undefined
  const proposal: Proposal = {
    base: base === undefined ? null : lastAppliedRevision,
    computed,
    errors,
    warnings: problems.length - errors,
    problems: ownFirst(problems, files).slice(0, shownProblems),
    moreProblems: problems.length > shownProblems,
    ...changesOf(difference, applied, maxPrune),
  }
  return { outcome: 'judged', proposal }
}

async function baseFiles(
  generation: number,
  revision: string,
  { history, contents }: ProposalParts,
): Promise<Files | 'gone'> {
  const list = history.filesOf(generation)
  const read = list && (await lastGoodSnapshot(contents, revision, list))
  return read === undefined || read.missing.length > 0 ? 'gone' : read.snapshot.files
}

function overlay(base: Files, files: ProposedFiles): Snapshot['files'] {
  const laid = new Map(base)
  for (const [path, text] of Object.entries(files)) {
    if (text === null) {
      laid.delete(path)
      continue
    }
    const bytes = Buffer.from(text)
    laid.set(path, { path, hash: createHash('sha256').update(bytes).digest('hex'), bytes })
  }
  return new Map([...laid].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function ownFirst(problems: readonly Problem[], files: ProposedFiles): readonly Problem[] {
  const isOwn = ({ file }: Problem) => Object.hasOwn(files, file)
  return [...problems.filter(isOwn), ...problems.filter((one) => !isOwn(one))]
}

type Changes = Pick<Proposal, 'counts' | 'changes' | 'moreChanges' | 'deletionBudget'>

function changesOf(difference: Plan | undefined, applied: ResourceSet, maxPrune: number): Changes {
  if (difference === undefined) return { counts: null, changes: null, moreChanges: false, deletionBudget: null }
  const { create, update, move, prune, unchanged } = difference
  const changes = [
    ...create.map((one) => changeOf('create', one)),
    ...update.map(({ after }) => changeOf('update', after)),
    ...move.map(({ from, to }) => ({ ...changeOf('move', to), from: writeReference(from) })),
    ...prune.map((one) => changeOf('prune', one)),
  ]
  return {
    counts: { create: create.length, update: update.length, move: move.length, prune: prune.length, unchanged },
    changes: changes.slice(0, shownChanges),
    moreChanges: changes.length > shownChanges,
    deletionBudget: budgetExcesses(difference, applied, maxPrune).map(({ namespace = null, ...excess }) => ({
      namespace,
      ...excess,
    })),
  }
}

function changeOf(operation: ProposedChange['operation'], resource: Resource): ProposedChange {
  const { kind, namespace, name, file, line } = resource
  return { operation, kind, namespace, name, file, line }
}
