import { type Json, RawNumber } from '../expression/json.js'
import type { Problem } from './problem.js'
import { splitPointer } from './reading.js'

/** A document of ours that passed validation. */
export interface ParsedDocument {
  /** Its number among the file's documents, also those that are not ours. */
  readonly index: number
  /** One-based line of its first key. */
  readonly line: number
  readonly kind: string
  /** Undefined when none is declared: the default applies, or none for global kinds. */
  readonly namespace?: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Of a document that was decoded it is made anew each time: hold on to it while working with it. */
  readonly spec: Json
  /** SHA-256 over spec, labels and annotations. */
  readonly digest: string
  /** Pointers to the values that are encrypted in its file; undefined when none is. */
  readonly encrypted?: readonly string[]
  /** They are not decrypted here: they stand for anything. */
  readonly locked?: true
}

/** A document of ours that has errors, as far as it says who it is. */
export interface FaultyDocument {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** A document without our apiVersion, and what it would be with it. */
export interface UnmanagedDocument {
  readonly line: number
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
}

/** A problem in a file whose path is known to the one who asked. */
export type FileProblem = Omit<Problem, 'file'>

/** All that a file's bytes alone say: the same bytes always give the same value. */
export interface ParsedFile {
  readonly documents: readonly ParsedDocument[]
  readonly faulty: readonly FaultyDocument[]
  readonly problems: readonly FileProblem[]
  /** Why (parts of) it cannot be read at all. Whether that holds the revision depends on what the file was before. */
  readonly broken: readonly FileProblem[]
  readonly unmanaged: readonly UnmanagedDocument[]
  /** Whether the bytes hold `callboard/`. */
  readonly mentions: boolean
  /** All documents, valid or not. */
  readonly count: number
}

/** In place of its spec, how many bytes of JSON text that has. */
interface EncodedDocument extends Omit<ParsedDocument, 'spec'> {
  readonly spec: number
  /** Where in the spec numbers stand as their text. */
  readonly raw?: readonly string[]
}

interface Encoded extends Omit<ParsedFile, 'documents'> {
  readonly documents: readonly EncodedDocument[]
}

/** Of what `encodeParsedFile` gives, the first byte belongs to whoever keeps it. */
const headAt = 1
const newline = 0x0a

/**
 * A byte for whoever keeps it, a line of JSON, then the JSON texts of the specs, one after the other. A spec stays text:
 * as one string it takes a fifth of the memory, and few specs are ever looked at again.
 */
export function encodeParsedFile(file: ParsedFile): Buffer {
  const specs = file.documents.map(({ spec }) => encodeSpec(spec))
  const documents = file.documents.map((document, index): EncodedDocument => {
    const { text = '', raw } = specs[index] ?? {}
    return { ...document, spec: Buffer.byteLength(text), ...(raw === undefined ? {} : { raw }) }
  })
  const head = JSON.stringify({ ...file, documents } satisfies Encoded)
  return Buffer.from(`-${head}\n${specs.map(({ text }) => text).join('')}`)
}

/** Undefined when the bytes are not what `encodeParsedFile` gives: a damaged cache is read past. */
export function decodeParsedFile(encoded: Uint8Array): ParsedFile | undefined {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const headEnd = bytes.indexOf(newline)
  let file: Encoded
  try {
    file = JSON.parse(bytes.toString('utf8', headAt, headEnd)) as Encoded
  } catch {
    return undefined
  }
  const { documents, faulty, problems, broken, unmanaged, mentions, count } = file ?? {}
  if (![documents, faulty, problems, broken, unmanaged].every(Array.isArray)) return undefined
  let end = headEnd + 1
  const decoded: DecodedDocument[] = []
  for (const document of documents) {
    const start = end
    end += document?.spec
    if (!(end <= bytes.length)) return undefined
    decoded.push(new DecodedDocument(document, bytes.toString('utf8', start, end)))
  }
  return {
    documents: decoded,
    faulty: compact(faulty),
    problems: compact(problems),
    broken: compact(broken),
    unmanaged: compact(unmanaged),
    mentions,
    count,
  }
}

/** The same in the form in which others are kept: compact, and without the file's text. */
export function recoded(file: ParsedFile): ParsedFile {
  return decodeParsedFile(encodeParsedFile(file)) ?? file
}

class DecodedDocument implements ParsedDocument {
  readonly index: number
  readonly line: number
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly digest: string
  readonly encrypted?: readonly string[]
  readonly locked?: true
  readonly #spec: string
  readonly #raw: readonly string[] | undefined

  constructor(document: EncodedDocument, spec: string) {
    const { index, line, kind, namespace, name, labels, annotations, digest, raw, encrypted, locked } = document
    this.index = index
    this.line = line
    this.kind = kind
    if (namespace !== undefined) this.namespace = namespace
    this.name = name
    this.labels = filled(labels)
    this.annotations = filled(annotations)
    this.digest = digest
    if (encrypted !== undefined) this.encrypted = encrypted
    if (locked) this.locked = true
    this.#spec = spec
    this.#raw = raw
  }

  get spec(): Json {
    const spec = JSON.parse(this.#spec) as Json
    for (const pointer of this.#raw ?? []) {
      const path = splitPointer(pointer)
      const key = path.pop() ?? ''
      const parent = path.reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], spec)
      const numbers = parent as Record<string, Json>
      numbers[key] = new RawNumber(String(numbers[key]))
    }
    return spec
  }
}

/** One for all that are empty, which are most. */
const nothing: readonly never[] = Object.freeze([])
const noFields: Readonly<Record<string, string>> = Object.freeze({})

function compact<Item>(items: readonly Item[]): readonly Item[] {
  return items.length === 0 ? nothing : items
}

function filled(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const _name in fields) return fields
  return noFields
}

function encodeSpec(spec: Json): { text: string; raw?: string[] } {
  const raw: string[] = []
  findRaw(spec, '', raw)
  if (raw.length === 0) return { text: JSON.stringify(spec) }
  const text = JSON.stringify(spec, function (this: Record<string, unknown>, key, value: unknown) {
    // Not `value`, which is what its toJSON says.
    const held = this[key]
    return held instanceof RawNumber ? held.text : value
  })
  return { text, raw }
}

function findRaw(value: Json, pointer: string, raw: string[]): void {
  if (value === null || typeof value !== 'object') return
  if (value instanceof RawNumber) {
    raw.push(pointer)
    return
  }
  for (const key of Object.keys(value)) {
    const child = (value as Record<string, Json>)[key]
    if (child !== null && typeof child === 'object')
      findRaw(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, raw)
  }
}
