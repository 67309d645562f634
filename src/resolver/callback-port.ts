import type { Subjects } from '../expression/condition.js'
import type { Scope } from '../expression/scope.js'
import type { CallbackProgram } from '../resources/kinds/callback-program.js'
import type { Transaction } from '../store/store.js'

/** What the resolver knows of callbacks. */
export interface CallbackPort {
  /** For the transaction in which `fire` is called. */
  readonly scopes: readonly string[]
  /**
   * Renders what a request sets off, and makes it part of the transaction. Undefined when that is nothing. Throws
   * `StoreUnavailable` when no more can be taken.
   */
  fire(tx: Transaction, firing: Firing): Fired | undefined
}

/** A request that has its answer, which has not left yet. */
export interface Firing {
  readonly callbacks: readonly CallbackProgram[]
  /** With `response` and `statusCode`. */
  readonly scope: Scope
  readonly subjects: Subjects
  /** The status that is sent; undefined when the connection ends without one. */
  readonly status: number | undefined
  readonly about: {
    readonly namespace: string
    readonly mock: string
    readonly request: string
    readonly chain: string | undefined
    readonly generation: number
  }
  /** Headers of the request that make sense once, by lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** What was set off. */
export interface Fired {
  /** After the transaction has resolved. */
  commit(): void
  /** After it has rejected. */
  abandon(): void
  /** True when the answer has to wait for `run`. */
  readonly waits: boolean
  /** Sends what the answer waits for, one after the other. Never rejects; `signal` calls off the rest. */
  run(signal: AbortSignal): Promise<void>
  /** The answer has left, or never will: what does not hold it up is due. */
  release(): void
}

/** For a resolver that sends nothing. */
export const noCallbacks: CallbackPort = { scopes: [], fire: () => undefined }
