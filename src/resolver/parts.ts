import type { Guard } from '../network/guard.js'
import type { Store } from '../store/store.js'
import type { CallbackPort } from './callback-port.js'

/** The part of a logger the resolver needs; pino satisfies it. */
export interface ResolverLog {
  /** Without it nothing is logged at debug level. */
  isLevelEnabled?(level: string): boolean
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface ResolverOptions {
  /** The namespace whose mocks also answer on bare paths. */
  readonly defaultNamespace: string
  /** Whether answers carry `Callboard-Mock` and `Callboard-Request-Id`. */
  readonly correlationHeaders: boolean
  readonly limits: {
    /** Largest request body, before and after inflation. */
    readonly bodyBytes: number
    readonly headerBytes: number
    readonly headerCount: number
    readonly urlBytes: number
    /** How long a client may take for its headers. Default: 20 s. */
    readonly headersTimeoutMs?: number
    /** How long a client may take for the whole request. Default: 5 min. */
    readonly requestTimeoutMs?: number
  }
  /** Bounds of the request journal. */
  readonly requests: {
    readonly bytes: number
    /** Where recorded bodies are cut. */
    readonly bodyBytes: number
    /** Headers shown as `***` besides Authorization, Cookie and their like. */
    readonly maskHeaders: readonly string[]
  }
  readonly stores: {
    readonly entriesPerStore: number
    readonly bytesPerStore: number
    readonly chainIdleSeconds: number
    /** Most chains of all namespaces together; the one idle longest goes first. Default: 10,000. */
    readonly chains?: number
  }
  /** Makes `$.fake`, random choices and delays repeatable; a mock's own seed comes before it. */
  readonly seed?: string
  /** PEM texts; with them the port speaks HTTPS. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer }
}

/** What a resolver is built from. Time, chance and network are given, so that tests set them. */
export interface ResolverParts {
  readonly store: Store
  readonly guard: Guard
  readonly now: () => Date
  /** Milliseconds from any fixed moment; never goes back. */
  readonly monotonic: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly log: ResolverLog
  /** Sends what answers set off. Without it nothing is sent. */
  readonly callbacks?: CallbackPort
  readonly options: ResolverOptions
}
