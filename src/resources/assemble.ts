// The problems of a whole revision: those of single files, and those that only show between files.

import type { Refusal } from '../source/source.js'
import type { Claims } from './claims.js'
import type { Limits } from './limits.js'
import { type Entry, idOf, type LoadedFile } from './link.js'
import { atStart, Locator } from './locator.js'
import type { LinkedMock, OverlapFinder } from './overlap.js'
import type { FileProblem, UnmanagedDocument } from './parsed-file.js'
import type { Problem } from './problem.js'
import type { ResourceSet } from './resource.js'
import { findIdleSelectors } from './selectors.js'

export interface Counts {
  /** Files of documents, payload files not counted. */
  readonly files: number
  readonly documents: number
  /** With our apiVersion, valid or not. */
  readonly managed: number
  readonly unmanaged: number
}

export interface Assembly {
  readonly files: ReadonlyMap<string, LoadedFile>
  readonly noisy: ReadonlySet<string>
  readonly payloads: ReadonlySet<string>
  readonly readers: ReadonlyMap<string, ReadonlySet<Entry>>
  readonly withFindings: ReadonlySet<Entry>
  /** What linking found, with places. */
  readonly placed: { get(entry: Entry): readonly Problem[] | undefined }
  readonly claims: Claims
  /** Of what may be there only once besides. */
  readonly values: Claims
  /** What only shows between resources, with places. */
  readonly related: readonly Problem[]
  readonly resources: ResourceSet
  readonly refusals: readonly Refusal[]
  /** Payload files that are named for the first time and have not been asked for yet. */
  readonly unasked: ReadonlySet<string>
  readonly applied: ResourceSet | undefined
  readonly strict: boolean
  readonly limits: Limits
  readonly defaultNamespace: string
}

export function assemble(assembly: Assembly): Problem[] {
  const { strict } = assembly
  const problems = [
    ...fileProblems(assembly),
    ...payloadProblems(assembly),
    ...linkProblems(assembly),
    ...duplicates(assembly),
    ...sharedValues(assembly),
    ...assembly.related,
    ...refused(assembly),
  ]
  const judged = strict ? problems.map((problem): Problem => ({ ...problem, severity: 'error' })) : problems
  return judged.sort(byPlace)
}

export function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0)
}

function* fileProblems({ files, noisy, payloads, ...assembly }: Assembly): Generator<Problem> {
  const held = new AppliedFiles(assembly.applied)
  for (const path of noisy) {
    const file = files.get(path)
    if (file === undefined || payloads.has(path)) continue
    const { problems, broken, unmanaged, mentions } = file.parsed
    for (const problem of problems) yield at(path, problem)
    const severity = mentions || held.has(path) ? 'error' : 'warning'
    for (const problem of broken) yield { ...at(path, problem), severity }
    for (const document of unmanaged) yield* unmanagedProblem(path, document, held, assembly)
  }
}

function at(file: string, { rule, severity, ...rest }: FileProblem): Problem {
  return { rule, severity, file, ...rest }
}

/** A document that is not ours is no problem, unless it was. */
function* unmanagedProblem(
  path: string,
  document: UnmanagedDocument,
  held: AppliedFiles,
  {
    applied,
    resources,
    strict,
    defaultNamespace,
  }: Pick<Assembly, 'applied' | 'resources' | 'strict' | 'defaultNamespace'>,
): Generator<Problem> {
  const { kind, name, line } = document
  const id = kind === undefined || name === undefined ? undefined : idOf({ ...document, kind, name }, defaultNamespace)
  const was =
    id !== undefined && applied?.has(id) && !resources.has(id)
      ? id
      : held.of(path).find((resource) => resource.line === line && !resources.has(resource.id))?.id
  if (was !== undefined) {
    const message = `this document was ${was} in the applied revision, and is not Callboard's any more`
    const hint = 'restore its apiVersion: callboard/v1, or delete the document'
    yield atStart(path, { rule: 'no-longer-managed', severity: 'error', message, hint }, line)
  } else if (strict) {
    const message = 'this document is not one of Callboard: its apiVersion is not callboard/v1'
    const hint = 'name the file in .callboardignore if it belongs here'
    yield atStart(path, { rule: 'unmanaged-document', severity: 'warning', message, hint }, line)
  }
}

/** A payload that looks like documents of ours is probably a mistake: they would vanish without a word. */
function* payloadProblems({ files, payloads, readers }: Assembly): Generator<Problem> {
  for (const path of payloads) {
    const [document] = files.get(path)?.parsed.documents ?? []
    const [reader] = readers.get(path) ?? []
    if (document === undefined || reader === undefined) continue
    const message = `this file is the payload of ${reader.id} (${reader.file.path}:${reader.document.line}), so its documents are not applied`
    const hint = 'move the payload into a file of its own'
    yield atStart(path, { rule: 'payload-with-documents', severity: 'warning', message, hint }, document.line)
  }
}

function* linkProblems({ withFindings, placed, payloads, unasked }: Assembly): Generator<Problem> {
  for (const entry of withFindings) {
    if (payloads.has(entry.file.path)) continue
    // Not all it names has been asked for: what is said of it now may be wrong.
    if (unasked.size > 0 && [...entry.references.keys()].some((path) => unasked.has(path))) continue
    yield* placed.get(entry) ?? []
  }
}

function* duplicates({ claims, limits }: Assembly): Generator<Problem> {
  const locator = new Locator(limits)
  for (const id of claims.contested) {
    const [first, ...others] = claims.of(id)
    if (first === undefined) continue
    for (const { file, document } of others) {
      yield locator.problem(file, document.index, {
        rule: 'duplicate-resource',
        severity: 'error',
        pointer: '/metadata/name',
        message: `${id} is declared twice: first in ${first.file.path}:${first.document.line}`,
        hint: 'rename or remove one of the two',
      })
    }
  }
}

function* sharedValues({ values, limits }: Assembly): Generator<Problem> {
  const locator = new Locator(limits)
  for (const key of values.contested) {
    const [first, ...others] = values.of(key)
    if (first === undefined) continue
    for (const { id, file, document, unique } of others) {
      // A second document of the same name is a problem of its own.
      if (unique === undefined || id === first.id) continue
      yield locator.problem(file, document.index, {
        rule: 'duplicate-value',
        severity: 'error',
        pointer: unique.pointer,
        message: `${unique.what} belongs to ${first.id} already, declared in ${first.file.path}:${first.document.line}`,
        hint: 'give each its own, or declare one of the two only',
      })
    }
  }
}

function* refused({ refusals, readers, applied }: Assembly): Generator<Problem> {
  const held = new AppliedFiles(applied)
  for (const { path, reason } of refusals) {
    // Said where it is named.
    if (readers.has(path)) continue
    yield atStart(path, { rule: 'refused-file', severity: held.has(path) ? 'error' : 'warning', message: reason })
  }
}

/** Beyond so many, warnings point at the document instead of the field: finding the field reads the file again. */
const exactPlaces = 200

/** What can only be said of all resources together. `finder` is the one that was asked about the revision before. */
export function relationProblems(
  finder: OverlapFinder,
  resources: ResourceSet,
  claims: Claims,
  limits: Limits,
  strict: boolean,
): Problem[] {
  const mocks: LinkedMock[] = []
  for (const resource of resources.values()) {
    if (resource.kind === 'Mock' && resource.program !== undefined) mocks.push(resource as LinkedMock)
  }
  const locator = new Locator(limits)
  const problems: Problem[] = []
  for (const [id, findings] of [...findIdleSelectors(resources), ...finder.find(mocks)]) {
    const [entry] = claims.of(id)
    if (entry === undefined) continue
    const { file, document } = entry
    for (const found of findings) {
      const finding = strict ? { ...found, severity: 'error' as const } : found
      if (problems.length < exactPlaces) problems.push(locator.problem(file, document.index, finding))
      else problems.push(atStart(file.path, finding, document.line))
    }
  }
  return problems.sort(byPlace)
}

/** The applied resources by file; sorted out only when somebody asks. */
class AppliedFiles {
  readonly #applied: ResourceSet | undefined
  #byFile: Map<string, { id: string; line: number }[]> | undefined

  constructor(applied: ResourceSet | undefined) {
    this.#applied = applied
  }

  has(path: string): boolean {
    return this.of(path).length > 0
  }

  of(path: string): readonly { id: string; line: number }[] {
    if (this.#applied === undefined) return []
    if (this.#byFile === undefined) {
      this.#byFile = new Map()
      for (const { id, file, line } of this.#applied.values()) {
        const known = this.#byFile.get(file)
        if (known === undefined) this.#byFile.set(file, [{ id, line }])
        else known.push({ id, line })
      }
    }
    return this.#byFile.get(path) ?? []
  }
}
