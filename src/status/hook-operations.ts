// What the control port knows of those who hear that something was pushed.
import type { IncomingHttpHeaders } from 'node:http'
import { object, oneOf, type Schemas, text } from './json-schema.js'
import type { Awaitable } from './page.js'

const results = ['accepted', 'ignored', 'duplicate', 'ping'] as const

/** What became of a hook that is to be believed. */
export interface HookAnswer {
  readonly receiver: string
  readonly result: (typeof results)[number]
  readonly message: string
}

/** Why one is not taken. */
export interface HookRefusal {
  readonly refused: 'signature' | 'rate' | 'secret' | 'content_type' | 'too_large' | 'unreadable'
  readonly message: string
}

export interface HookOperations {
  has(receiver: string): boolean
  /** What is said before a body is read; undefined when it may be. */
  refusalBefore(
    receiver: string,
    incoming: { readonly address: string | null; readonly headers: IncomingHttpHeaders },
  ): HookRefusal | undefined
  /** A body that was to be read was not. */
  unread(receiver: string, why: 'too_large' | 'unreadable'): void
  /** What it sets off begins after the answer. */
  receive(
    receiver: string,
    hook: { readonly headers: IncomingHttpHeaders; readonly bytes: Uint8Array },
    address: string | null,
  ): Awaitable<HookAnswer | HookRefusal>
}

export const hookSchemas: Schemas = {
  HookAnswer: object<HookAnswer>('What became of a hook', {
    receiver: text('Name of the receiver'),
    result: oneOf('accepted: the source is looked at after this answer', results),
    message: text('In words'),
  }),
}
