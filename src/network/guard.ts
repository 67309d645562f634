import type { Dispatcher } from 'undici'

/** Decides which addresses may be dialled, and dials only those. Everything that leaves the process goes through it. */
export interface Guard {
  /** Throws `GuardError` when the URL's host is a literal address (in any spelling) or name that may never be dialled. */
  check(url: URL): void
  /** For undici: connects only to an address that was checked, whatever a name resolves to. Redirects are not followed. */
  readonly dispatcher: Dispatcher
  close(): Promise<void>
}

/** Refused; the message names the address and prints the line to add to settings. */
export class GuardError extends Error {
  override readonly name = 'GuardError'
}
