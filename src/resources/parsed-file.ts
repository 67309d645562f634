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
  readonly spec: Json
  /** SHA-256 over spec, labels and annotations. */
  readonly digest: string
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
  readonly problems: readonly FileProblem[]
  /** Why (parts of) it cannot be read at all. Whether that holds the revision depends on what the file was before. */
  readonly broken: readonly FileProblem[]
  readonly unmanaged: readonly UnmanagedDocument[]
  /** Whether the bytes hold `callboard/`. */
  readonly mentions: boolean
  /** All documents, valid or not. */
  readonly count: number
}

interface Encoded extends ParsedFile {
  /** Where numbers stand as their text. */
  readonly raw?: readonly string[]
}

export function encodeParsedFile(file: ParsedFile): string {
  const raw: string[] = []
  for (const [index, { spec }] of file.documents.entries()) findRaw(spec, `/documents/${index}/spec`, raw)
  if (raw.length === 0) return JSON.stringify(file)
  const encoded: Encoded = { ...file, raw }
  return JSON.stringify(encoded, function (this: Record<string, unknown>, key, value: unknown) {
    // Not `value`, which is what its toJSON says.
    const held = this[key]
    return held instanceof RawNumber ? held.text : value
  })
}

/** Undefined when the text is not what `encodeParsedFile` writes: a damaged cache is read past. */
export function decodeParsedFile(text: string): ParsedFile | undefined {
  let file: Encoded
  try {
    file = JSON.parse(text) as Encoded
  } catch {
    return undefined
  }
  if (!Array.isArray(file?.documents) || !Array.isArray(file.problems) || !Array.isArray(file.broken)) return undefined
  for (const pointer of file.raw ?? []) {
    const path = splitPointer(pointer)
    const key = path.pop() ?? ''
    const parent = path.reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], file) as Record<
      string,
      unknown
    >
    parent[key] = new RawNumber(String(parent[key]))
  }
  return file
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
