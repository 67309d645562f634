import type { Json } from '../../expression/json.js'
import type { Finding } from '../problem.js'
import type { Resource } from '../resource.js'
import type { EventTypeProgram, WrittenReference } from './notification-program.js'

/** What linking may know besides the document itself. */
export interface LinkContext {
  /**
   * The bytes of a file the document names, or undefined when there is none (report it as `missing-file`; nothing of
   * the document's findings is shown before the source was asked for the file). `path` is as written in the document:
   * it is resolved against the document's folder here. Throws `ReferenceRefused` when it would leave the root.
   */
  readFile(path: string): Uint8Array | undefined
  /** Values that `$.env.NAME` may show. */
  readonly env: Readonly<Record<string, string>>
  readonly defaultNamespace: string
  /** Whether the value at a pointer from the document is encrypted in its file. Nothing is, by default. */
  readonly isEncrypted?: (pointer: string) => boolean
}

/** A document that passed validation. */
export interface LinkInput {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** May be made anew each time it is asked for. */
  readonly spec: Json
  /** It was linked in an earlier run, and `Linked.settled` then: it need not be checked again. */
  readonly settled?: boolean
}

export interface Linked {
  /** What runs it; undefined when errors were found. */
  readonly program: unknown
  /** Pointers lead from the document: `/spec/response/payload`. */
  readonly findings: readonly Finding[]
  /** Every file the document names, as written. */
  readonly references: readonly string[]
  /** True when nothing was found, and nothing can be whatever settings and files there are. */
  readonly settled: boolean
  /** What no other resource of the kind may have. */
  readonly unique?: UniqueValue
}

export interface UniqueValue {
  /** From the document. */
  readonly pointer: string
  /** What is compared. */
  readonly value: string
  /** For people: `the e-mail address ann@example.com`. */
  readonly what: string
}

/** A file is named that may not be read: the message says why. */
export class ReferenceRefused extends Error {
  override readonly name = 'ReferenceRefused'
}

/** All other resources, as one of them is compared with them. What is asked for here is looked at again when it changes. */
export interface Surroundings {
  /** What a document in `namespace` means by a reference. */
  find(kind: string, reference: WrittenReference, namespace: string): Resource | undefined
  /** Whether a document claims to be it that has errors of its own: that it is missing need not be said as well. */
  isFaulty(kind: string, reference: WrittenReference, namespace: string): boolean
  /** Every resource of a kind as a document in `namespace` would refer to it: for saying what was meant. */
  names(kind: string, namespace: string): readonly string[]
  /** Every resource whose kind gives it this topic, in order of file and line. */
  sharing(topic: string): readonly Resource[]
  /** Every resource of a kind in a namespace, in order of file and line. */
  within(kind: string, namespace: string): readonly Resource[]
  /** What documents in a namespace may call an event; of a global one, those of all namespaces. */
  events(namespace: string): KnownEvents
}

export interface KnownEvents {
  has(id: string): boolean
  readonly ids: Iterable<string>
  get(id: string): EventTypeProgram | undefined
  /** What the event of this id includes. */
  includes(id: string): readonly string[]
  /** Some event types have errors of their own, so that it is not known what there is. */
  readonly isUncertain: boolean
  /** The built-in catalogue that has the event and is not switched on. */
  switchedOff(id: string): string | undefined
}
