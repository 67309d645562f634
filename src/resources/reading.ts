// What reading a file yields, whatever its syntax: values first; places only when somebody asks for them.

import type { Json } from '../expression/json.js'

/** Offsets into the text, the end exclusive. */
export type Span = readonly [start: number, end: number]

/** Something wrong at a place in the text. */
export interface TextFault {
  readonly rule: string
  readonly span: Span
  /** JSON pointer into the document, as far as it is known. */
  readonly pointer: string
  readonly message: string
  readonly hint?: string
}

export interface ReadDocument {
  /** Undefined when the syntax is broken. */
  readonly value: Json | undefined
  /** Offset of the first key. */
  readonly start: number
  /** What is not YAML or JSON at all: nothing more can be said about the document. */
  readonly broken: TextFault | undefined
  /** What reads, but is not accepted in a document of ours: duplicate keys, tags, bombs. */
  readonly faults: readonly TextFault[]
  /** Pointers to the values that SOPS has encrypted; decrypted where there is a key. */
  readonly encrypted?: ReadonlySet<string>
  /** Where a value is, or the key that leads to it. The nearest that exists when the pointer leads nowhere. */
  locate(pointer: string, part: 'key' | 'value'): Span
}

export interface FileReading {
  /** Without a byte order mark. */
  readonly text: string
  readonly documents: readonly ReadDocument[]
  /** What is wrong with the file as a whole. */
  readonly broken: TextFault | undefined
}

export function splitPointer(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function joinPointer(pointer: string, key: string | number): string {
  return `${pointer}/${typeof key === 'number' ? key : key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** A text in quotes for a message, short however long it is. */
export function quote(text: string): string {
  return JSON.stringify(shortened(text))
}

export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
