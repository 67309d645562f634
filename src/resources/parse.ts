// One file: bytes in, documents and problems out. Pure, so that the result can be kept by the content's hash.

import { createHash } from 'node:crypto'
import type { Json } from '../expression/json.js'
import type { SourceFile } from '../source/source.js'
import { canonicalJson } from './canonical.js'
import { decodeText } from './decode.js'
import { asObject, identityOf, kindOf, ownership } from './identity.js'
import { readJson } from './json-reader.js'
import { defaultLimits, type Limits } from './limits.js'
import type { FaultyDocument, FileProblem, ParsedDocument, ParsedFile, UnmanagedDocument } from './parsed-file.js'
import { Placer } from './place.js'
import type { FileReading, ReadDocument } from './reading.js'
import { sealedStart } from './sops/cipher.js'
import { concealed } from './sops/concealment.js'
import { type EncryptedFile, unsealingOf } from './sops/encrypted-files.js'
import type { Unsealing } from './sops/unsealing.js'
import { annotationWarnings, specWarnings } from './spec-warnings.js'
import { type DocumentFinding, validateShape } from './validate.js'
import { readYaml } from './yaml-reader.js'

/**
 * Raise it when the same bytes would now parse to something else, or linking would find something in what it found to be
 * settled before; schemas are counted by themselves.
 */
export const parseVersion = 5

const mention = 'callboard/'

export function isDocumentPath(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path)
}

/** Reads the text of a file: documents with values and places. Undefined with a problem when it is no text of ours. */
export function readFile(
  path: string,
  bytes: Uint8Array,
  limits: Limits = defaultLimits,
  unsealing?: Unsealing,
): FileReading | FileProblem {
  if (bytes.length > limits.fileBytes) {
    return wholeFile(
      'file-too-large',
      `this file has ${bytes.length} bytes, more than ${limits.fileBytes}`,
      'split the file',
    )
  }
  const decoded = decodeText(bytes)
  if ('rule' in decoded) return wholeFile(decoded.rule, decoded.message, decoded.hint)
  return (/\.json$/i.test(path) ? readJson : readYaml)(decoded.text, limits, unsealing)
}

function wholeFile(rule: string, message: string, hint: string): FileProblem {
  return { rule, severity: 'error', line: 1, column: 1, endLine: 1, endColumn: 2, pointer: '', message, hint }
}

/** Parses and validates one file. Never throws for anything the bytes may hold. */
export function parseFile(path: string, bytes: Uint8Array, limits: Limits = defaultLimits): ParsedFile {
  return parse(path, bytes, limits)
}

/**
 * The same for a file that SOPS has encrypted; the result holds its secrets, and is not to be kept. `guess`: without a key,
 * its values stand for anything, and that is a warning; otherwise the file is broken.
 */
export function parseEncrypted(
  { path, bytes }: Pick<SourceFile, 'path' | 'bytes'>,
  limits: Limits,
  encrypted: EncryptedFile,
  guess: boolean,
): ParsedFile {
  const { problem } = encrypted
  const unsealing = unsealingOf(encrypted)
  if (problem === undefined) return parse(path, bytes, limits, unsealing)
  const reading = readFile(path, bytes, limits)
  if ('rule' in reading) return parse(path, bytes, limits)
  const [document] = reading.documents.filter(({ value }) => asObject(value)?.sops !== undefined)
  const place = document?.locate('/sops', 'key') ?? [0, 1]
  const found = new Placer(reading).problem(place, {
    ...problem,
    severity: guess ? 'warning' : 'error',
    pointer: '/sops',
  })
  if (guess && unsealing !== undefined) {
    const parsed = parse(path, bytes, limits, unsealing, true)
    return { ...parsed, problems: [found, ...parsed.problems] }
  }
  const mentions = mentionsUs(bytes) || reading.documents.some(({ value }) => mayBeOurs(value))
  return { documents: [], faulty: [], problems: [], broken: [found], unmanaged: [], mentions, count: 0 }
}

/** Where the whole document is encrypted, nobody can say whose it is. */
function mayBeOurs(document: Json | undefined): boolean {
  const apiVersion = asObject(document)?.apiVersion
  return typeof apiVersion === 'string' && apiVersion.startsWith(sealedStart)
}

function parse(path: string, bytes: Uint8Array, limits: Limits, unsealing?: Unsealing, locked = false): ParsedFile {
  const mentions = mentionsUs(bytes)
  const reading = readFile(path, bytes, limits, unsealing)
  if ('rule' in reading) {
    return { documents: [], faulty: [], problems: [], broken: [reading], unmanaged: [], mentions, count: 0 }
  }
  const file = new FileParser(reading, limits, locked)
  for (const [index, document] of reading.documents.entries()) file.add(index, document)
  return file.result(mentions)
}

function mentionsUs(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(mention) || mentionsWide(bytes)
}

function mentionsWide(bytes: Uint8Array): boolean {
  return bytes.includes(0) && Buffer.from(bytes.filter((byte) => byte !== 0)).includes(mention)
}

class FileParser {
  readonly #reading: FileReading
  readonly #limits: Limits
  readonly #locked: boolean
  readonly #place: Placer
  readonly #documents: ParsedDocument[] = []
  readonly #faulty: FaultyDocument[] = []
  readonly #unmanaged: UnmanagedDocument[] = []
  readonly #problems: FileProblem[] = []
  readonly #broken: FileProblem[] = []

  constructor(reading: FileReading, limits: Limits, locked: boolean) {
    this.#reading = reading
    this.#limits = limits
    this.#locked = locked
    this.#place = new Placer(reading)
  }

  add(index: number, document: ReadDocument): void {
    if (document.broken !== undefined) {
      this.#broken.push(this.#place.problem(document.broken.span, { ...document.broken, severity: 'error' }))
      return
    }
    const value = asObject(document.value)
    const owner = ownership(value)
    if (value === undefined || owner === 'foreign') {
      this.#unmanaged.push(unmanaged(value, this.#place.line(document.start)))
      return
    }
    const findings: DocumentFinding[] = []
    const parsed = owner === 'ours' ? this.#document(index, document, value, findings) : void findings.push(owner)
    for (const fault of document.faults)
      this.#problems.push(this.#place.problem(fault.span, { ...fault, severity: 'error' }))
    this.#report(document, concealed(findings, { encrypted: document.encrypted, locked: this.#locked }, value))
    if (parsed === undefined) return
    if (isWhole(parsed) && document.faults.length === 0) this.#documents.push(parsed)
    else this.#faulty.push({ kind: parsed.kind, name: parsed.name, ...namespaceOf(parsed) })
  }

  result(mentions: boolean): ParsedFile {
    const { broken } = this.#reading
    if (broken !== undefined) this.#broken.push(this.#place.problem(broken.span, { ...broken, severity: 'error' }))
    return {
      documents: this.#documents,
      faulty: this.#faulty,
      problems: this.#problems,
      broken: this.#broken,
      unmanaged: this.#unmanaged,
      // What is ours may be encrypted in the bytes.
      mentions: mentions || this.#documents.length + this.#faulty.length > 0,
      count: this.#reading.documents.length,
    }
  }

  /** The document when nothing is wrong with it, else who it is, if it says so; what is wrong goes into `findings`. */
  #document(
    index: number,
    document: ReadDocument,
    value: { readonly [key: string]: Json },
    findings: DocumentFinding[],
  ): ParsedDocument | FaultyDocument | undefined {
    const kind = kindOf(value)
    if ('rule' in kind) {
      findings.push(kind)
      return undefined
    }
    const identity = identityOf(value, kind)
    findings.push(...identity.findings)
    // Who it is has been looked at above, in better words.
    const said = new Set(identity.findings.flatMap(({ rule, pointer }) => (rule === 'missing-field' ? [] : [pointer])))
    findings.push(...validateShape(kind, value).filter(({ pointer }) => !said.has(pointer)))
    const spec = value.spec ?? {}
    if (identity.name === undefined) return undefined
    const who = { kind: kind.kind, name: identity.name, ...namespaceOf(identity) }
    if (concealed(findings, { encrypted: document.encrypted, locked: this.#locked }, value).length > 0) return who
    const { labels = {}, annotations = {} } = (value.metadata ?? {}) as Record<string, Record<string, string>>
    findings.push(...annotationWarnings(annotations), ...specWarnings(kind.schema, spec, document.encrypted))
    return {
      index,
      line: this.#place.line(document.start),
      ...who,
      labels,
      annotations,
      spec,
      digest: createHash('sha256')
        .update(canonicalJson([spec, labels, annotations]))
        .digest('hex'),
      ...(document.encrypted?.size ? { encrypted: [...document.encrypted] } : {}),
      ...(document.encrypted?.size && this.#locked ? { locked: true } : {}),
    }
  }

  #report(document: ReadDocument, findings: readonly DocumentFinding[]): void {
    const shown = findings.slice(0, this.#limits.problemsPerDocument)
    for (const finding of shown) {
      this.#problems.push(this.#place.problem(document.locate(finding.pointer, finding.part), finding))
    }
    if (shown.length === findings.length) return
    const message = `${findings.length - shown.length} more problems in this document are not shown`
    const severity = findings.slice(shown.length).some((finding) => finding.severity === 'error') ? 'error' : 'warning'
    this.#problems.push(
      this.#place.problem([document.start, document.start + 1], {
        rule: 'more-problems',
        severity,
        pointer: '',
        message,
      }),
    )
  }
}

function isWhole(document: ParsedDocument | FaultyDocument): document is ParsedDocument {
  return 'digest' in document
}

function namespaceOf({ namespace }: { readonly namespace?: string | undefined }): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace }
}

function unmanaged(value: { readonly [key: string]: Json } | undefined, line: number): UnmanagedDocument {
  if (value === undefined) return { line }
  const metadata = asObject(value.metadata) ?? {}
  const name = metadata.name ?? asObject(value.spec)?.id
  return {
    line,
    ...(typeof value.kind === 'string' ? { kind: value.kind } : {}),
    ...(typeof metadata.namespace === 'string' ? { namespace: metadata.namespace } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  }
}
