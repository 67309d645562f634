import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Snapshot, SourceFile } from '../source/source.js'
import { kinds } from './kinds/index.js'
import { type LinkContext, type LinkInput, ReferenceRefused, type UniqueValue } from './kinds/kind.js'
import type { ParsedDocument, ParsedFile } from './parsed-file.js'
import type { Finding } from './problem.js'
import { type Resource, type ResourceId, resourceId } from './resource.js'
import { concealed } from './sops/concealment.js'

export interface LinkSettings {
  readonly defaultNamespace: string
  readonly env: Readonly<Record<string, string>>
  /** What a file that documents name holds once it is decrypted. Its own bytes by default. */
  readonly open?: (file: SourceFile) => Opened
}

/** Content of a named file, or why there is none; with `warning`, it is not decrypted. */
export type Opened = { readonly bytes: Uint8Array; readonly warning?: string } | { readonly refusal: string }

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
  readonly references: References
  /** Nothing was found, and nothing can be whatever settings and files there are. */
  readonly settled: boolean
  readonly unique?: UniqueValue
}

type References = ReadonlyMap<string, SourceFile | undefined>

/** A file of documents as it was last loaded. */
export interface LoadedFile {
  readonly source: SourceFile
  readonly parsed: ParsedFile
  entries: Entry[]
}

/** The namespace a document belongs to, declared or by default; empty for global resources. */
export function namespaceOf(
  { kind, namespace }: { kind: string; namespace?: string },
  defaultNamespace: string,
): string {
  const scope = kinds.get(kind)?.scope
  return scope === 'global' ? '' : (namespace ?? (scope === 'optional' ? '' : defaultNamespace))
}

export function idOf(
  document: { kind: string; namespace?: string; name: string },
  defaultNamespace: string,
): ResourceId {
  return resourceId(document.kind, namespaceOf(document, defaultNamespace), document.name)
}

type Files = Pick<Snapshot, 'files' | 'refusals'>

export interface LinkOptions {
  /** The same document as linked before, whose program is kept when nothing has changed. */
  readonly earlier?: Entry | undefined
  /** It was linked in an earlier run, and settled then. */
  readonly settled?: boolean
}

/** Compiles a document. */
export function linkDocument(
  file: SourceFile,
  document: ParsedDocument,
  snapshot: Files,
  settings: LinkSettings,
  { earlier, settled = false }: LinkOptions = {},
): Entry {
  const kind = kinds.get(document.kind)
  if (kind === undefined) throw new Error(`no kind ${document.kind}`)
  const id = idOf(document, settings.defaultNamespace)
  const namespace = namespaceOf(document, settings.defaultNamespace)
  if (earlier !== undefined && isCurrent(earlier, id, document, snapshot)) {
    if (earlier.document.line === document.line && earlier.resource?.file === file.path)
      return { ...earlier, file, document }
    const { resource } = earlier
    const moved = resource && new LinkedResource(resource, document, file.path, resource.digest, resource.program)
    return { ...earlier, file, document, resource: moved }
  }
  const files = new NamedFiles(file.path, snapshot, settings, document.encrypted)
  const input = new Declaration(document, namespace, settled)
  const linked = kind.link?.(input, files)
  const references = files.named()
  const found = [...(linked?.findings ?? []), ...files.warnings.map(lockedFile)]
  const findings = found.length > 0 ? shownFindings(found, document) : noFindings
  const failed = findings.some(({ severity }) => severity === 'error')
  const resource = failed
    ? undefined
    : new LinkedResource(
        { id, namespace },
        document,
        file.path,
        digestWith(document.digest, references),
        linked?.program,
      )
  const entry = { file, document, id, namespace, resource, findings, references, settled: linked?.settled ?? true }
  return linked?.unique === undefined ? entry : { ...entry, unique: linked.unique }
}

function lockedFile(message: string): Finding {
  return { rule: 'sops-no-key', severity: 'warning', pointer: '/spec', message }
}

/** Of encrypted values nothing is shown, and nothing is held against those that cannot be read here. */
function shownFindings(findings: readonly Finding[], document: ParsedDocument): readonly Finding[] {
  if (document.encrypted === undefined) return findings
  return concealed(findings, document, { spec: document.spec })
}

const noFindings: readonly Finding[] = Object.freeze([])
const noReferences: References = new Map()

class LinkedResource implements Resource {
  readonly id: ResourceId
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly labels: Resource['labels']
  readonly annotations: Resource['annotations']
  readonly digest: string
  readonly encrypted?: readonly string[]
  readonly file: string
  readonly line: number
  readonly program?: unknown
  readonly #document: ParsedDocument

  constructor(
    { id, namespace }: Pick<Resource, 'id' | 'namespace'>,
    document: ParsedDocument,
    file: string,
    digest: string,
    program: unknown,
  ) {
    this.id = id
    this.kind = document.kind
    this.namespace = namespace
    this.name = document.name
    this.labels = document.labels
    this.annotations = document.annotations
    this.digest = digest
    if (document.encrypted !== undefined) this.encrypted = document.encrypted
    this.file = file
    this.line = document.line
    if (program !== undefined) this.program = program
    this.#document = document
  }

  get spec(): unknown {
    return this.#document.spec
  }
}

/** What is linked; its spec is read again by whoever compiles the rest of it later. */
class Declaration implements LinkInput {
  readonly namespace: string
  readonly settled: boolean
  readonly #document: ParsedDocument

  constructor(document: ParsedDocument, namespace: string, settled: boolean) {
    this.namespace = namespace
    this.settled = settled
    this.#document = document
  }

  get name(): string {
    return this.#document.name
  }

  get labels(): LinkInput['labels'] {
    return this.#document.labels
  }

  get annotations(): LinkInput['annotations'] {
    return this.#document.annotations
  }

  get spec(): LinkInput['spec'] {
    return this.#document.spec
  }
}

/** The files that one document names, as they are in one snapshot, also when it is asked again after that. */
class NamedFiles implements LinkContext {
  /** About files that were read, and not as they were meant. */
  readonly warnings: string[] = []
  readonly #from: string
  readonly #settings: LinkSettings
  readonly #encrypted: readonly string[]
  #snapshot: Files | undefined
  #references: Map<string, SourceFile | undefined> | undefined

  constructor(from: string, snapshot: Files, settings: LinkSettings, encrypted: readonly string[] = []) {
    this.#from = from
    this.#snapshot = snapshot
    this.#settings = settings
    this.#encrypted = encrypted
  }

  isEncrypted(pointer: string): boolean {
    return this.#encrypted.includes(pointer)
  }

  get env(): LinkContext['env'] {
    return this.#settings.env
  }

  get defaultNamespace(): string {
    return this.#settings.defaultNamespace
  }

  readFile(path: string): Uint8Array | undefined {
    const resolved = resolveReference(this.#from, path)
    if (this.#snapshot === undefined) return this.#open(this.#references?.get(resolved), path)
    const found = this.#snapshot.files.get(resolved)
    this.#references ??= new Map()
    this.#references.set(resolved, found)
    const refusal = found === undefined ? this.#snapshot.refusals.find((each) => each.path === resolved) : undefined
    if (refusal !== undefined) throw new ReferenceRefused(`"${path}" is not read: ${refusal.reason}`)
    return this.#open(found, path)
  }

  #open(file: SourceFile | undefined, path: string): Uint8Array | undefined {
    const opened = file === undefined ? undefined : this.#settings.open?.(file)
    if (opened === undefined) return file?.bytes
    if ('refusal' in opened) throw new ReferenceRefused(`"${path}" is not read: ${opened.refusal}`)
    if (opened.warning !== undefined) this.warnings.push(`"${path}" is not decrypted: ${opened.warning}`)
    return opened.bytes
  }

  /** All that were asked for. From now on the snapshot is not held any more. */
  named(): References {
    this.#snapshot = undefined
    return this.#references ?? noReferences
  }
}

/** Whether linking again would give the same. */
function isCurrent(earlier: Entry, id: string, document: ParsedDocument, { files }: Files): boolean {
  if (earlier.id !== id || earlier.document.digest !== document.digest) return false
  for (const [path, file] of earlier.references) if (files.get(path)?.hash !== file?.hash) return false
  // A path that was refused may be read by now.
  return earlier.findings.every(({ rule }) => rule !== 'refused-file')
}

function digestWith(digest: string, references: References): string {
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
