// What linking makes of a Digest.

import type { UserProgram, WrittenReference } from './notification-program.js'

export interface DigestProgram {
  /** The declared one, else its name. */
  readonly displayName: string
  /** For `scheduleOf`. */
  readonly schedule: string
  /** An IANA name. */
  readonly timezone: string
  /** Ids and patterns. */
  readonly events: readonly string[]
  /** Empty: all. */
  readonly users: readonly WrittenReference[]
  /** Empty: all. */
  readonly roles: readonly UserProgram['role'][]
  /** Empty: all. */
  readonly namespaces: readonly string[]
  /** Empty: all that write to people. */
  readonly channels: readonly WrittenReference[]
  readonly template: WrittenReference | undefined
  /** For `fieldIn`, the first that an event has says what failed; empty: as is usual. */
  readonly groupBy: readonly string[]
  readonly link: string | undefined
  readonly emptyToo: boolean
  readonly enabled: boolean
}
