import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Snapshot, SourceFile } from '../source/source.js'
import { kinds } from './kinds/index.js'
import { ReferenceRefused } from './kinds/kind.js'
import type { ParsedDocument, ParsedFile } from './parsed-file.js'
import type { Finding } from './problem.js'
import { type Resource, type ResourceId, resourceId } from './resource.js'

export interface LinkSettings {
  readonly defaultNamespace: string
  readonly env: Readonly<Record<string, string>>
}

/** One document of ours, and what came of it. */
export interface Entry {
  readonly file: SourceFile
  readonly document: ParsedDocument
  readonly id: string
  readonly namespace: string
  /** Undefined when linking found errors. */
  readonly resource: Resource | undefined
  readonly findings: readonly Finding[]
  /** Files it names, by their path below the root, and the content each had; undefined for one that was not there. */
  readonly references: ReadonlyMap<string, SourceFile | undefined>
}

/** A file of documents as it was last loaded. */
export interface LoadedFile {
  readonly source: SourceFile
  readonly parsed: ParsedFile
  entries: Entry[]
}

/** The namespace a document belongs to, declared or by default; empty for global kinds. */
export function namespaceOf(
  { kind, namespace }: { kind: string; namespace?: string },
  defaultNamespace: string,
): string {
  return kinds.get(kind)?.global ? '' : (namespace ?? defaultNamespace)
}

export function idOf(
  document: { kind: string; namespace?: string; name: string },
  defaultNamespace: string,
): ResourceId {
  return resourceId(document.kind, namespaceOf(document, defaultNamespace), document.name)
}

type Files = Pick<Snapshot, 'files' | 'refusals'>

/** Compiles a document. `earlier`: the same document as linked before, whose program is kept when nothing has changed. */
export function linkDocument(
  file: SourceFile,
  document: ParsedDocument,
  snapshot: Files,
  settings: LinkSettings,
  earlier?: Entry,
): Entry {
  const kind = kinds.get(document.kind)
  if (kind === undefined) throw new Error(`no kind ${document.kind}`)
  const id = idOf(document, settings.defaultNamespace)
  const namespace = namespaceOf(document, settings.defaultNamespace)
  const { name, labels, annotations, spec } = document
  if (earlier !== undefined && isCurrent(earlier, id, document, snapshot)) {
    if (earlier.document.line === document.line && earlier.resource?.file === file.path)
      return { ...earlier, file, document }
    const resource = earlier.resource && { ...earlier.resource, line: document.line, file: file.path }
    return { ...earlier, file, document, resource }
  }

  const references = new Map<string, SourceFile | undefined>()
  const readFile = (path: string): Uint8Array | undefined => {
    const resolved = resolveReference(file.path, path)
    const found = snapshot.files.get(resolved)
    references.set(resolved, found)
    const refusal = found === undefined ? snapshot.refusals.find((each) => each.path === resolved) : undefined
    if (refusal !== undefined) throw new ReferenceRefused(`"${path}" is not read: ${refusal.reason}`)
    return found?.bytes
  }
  const input = { namespace, name, labels, annotations, spec }
  const linked = kind.link?.(input, { readFile, ...settings })
  const findings = linked?.findings ?? []
  const failed = findings.some(({ severity }) => severity === 'error')
  const resource: Resource | undefined = failed
    ? undefined
    : {
        id,
        kind: document.kind,
        namespace,
        name,
        labels,
        annotations,
        spec,
        digest: digestWith(document.digest, references),
        file: file.path,
        line: document.line,
        ...(linked?.program === undefined ? {} : { program: linked.program }),
      }
  return { file, document, id, namespace, resource, findings, references }
}

/** Whether linking again would give the same. */
function isCurrent(earlier: Entry, id: string, document: ParsedDocument, { files }: Files): boolean {
  if (earlier.id !== id || earlier.document.digest !== document.digest) return false
  for (const [path, file] of earlier.references) if (files.get(path)?.hash !== file?.hash) return false
  // A path that was refused may be read by now.
  return earlier.findings.every(({ rule }) => rule !== 'refused-file')
}

function digestWith(digest: string, references: ReadonlyMap<string, SourceFile | undefined>): string {
  if (references.size === 0) return digest
  const hash = createHash('sha256').update(digest)
  for (const file of references.values()) hash.update(`\n${file?.hash ?? '-'}`)
  return hash.digest('hex')
}

function resolveReference(from: string, path: string): string {
  if (path.includes('\\')) throw new ReferenceRefused(`"${path}" has a backslash: write "/" between folders`)
  if (path.startsWith('/'))
    throw new ReferenceRefused(`"${path}" is absolute: name it from the folder of this document`)
  if (path.includes('\0')) throw new ReferenceRefused('a path cannot hold a NUL')
  const resolved = posix.normalize(posix.join(posix.dirname(from), path))
  if (resolved === '..' || resolved.startsWith('../')) {
    throw new ReferenceRefused(`"${path}" leaves the root of the source`)
  }
  return resolved
}
