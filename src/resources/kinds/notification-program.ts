// What linking makes of the kinds that say who hears what, and how. References stay as written: what they lead to depends
// on the other documents, and is looked up (`namespacesOf`) when tables are made of all of them.

import type { Json } from '../../expression/json.js'
import type { InactivityProgram } from './inactivity-program.js'

export type Severity = 'info' | 'warning' | 'error' | 'critical'

/** A resource, by its namespace (empty: global) and name. */
export interface Reference {
  readonly namespace: string
  readonly name: string
}

/** As a document names a resource. Without a namespace: in the document's own, else among the global ones. */
export interface WrittenReference {
  readonly namespace: string | undefined
  readonly name: string
}

/** Says something of the events whose id fits the pattern: an id, or one with `*` for any part of it. */
export interface EventRule<Value> {
  readonly pattern: string
  readonly value: Value
}

/**
 * In the order in which they are asked: an exact id, then the longer pattern, then the shorter. The first that fits an
 * event decides; no two that are alike can fit the same event.
 */
export type EventRules<Value> = readonly EventRule<Value>[]

/** What a channel's filter says of an event it wants. */
export interface EventOverride {
  readonly to?: string
  readonly severity?: Severity
  readonly channel?: string
}

/** What keeps a channel from flooding people. */
export interface FloodProgram {
  readonly group:
    | {
        /** `event`, `severity`, `service`, `customer`, `namespace`, `source`, `labels.…` or `payload.…`. */
        readonly by: readonly string[]
        readonly waitMs: number
        readonly intervalMs: number
      }
    | undefined
  readonly threshold: { readonly count: number; readonly withinMs: number } | undefined
  readonly storm: { readonly count: number; readonly perMs: number } | undefined
  readonly remind: RemindProgram | undefined
}

export interface RemindProgram {
  readonly everyMs: number
  readonly atMost: number
}

export interface ChannelProgram {
  readonly type: string
  readonly displayName: string
  /** As declared: secrets are places to look in. */
  readonly config: Readonly<Record<string, Json>>
  readonly enabled: boolean
  readonly suspend: boolean
  readonly events: EventRules<false | EventOverride>
  readonly retry: { readonly maxRetries: number; readonly baseDelayMs: number; readonly maxDelayMs: number }
  readonly rateLimit: { readonly count: number; readonly perMs: number } | undefined
  readonly timeoutMs: number
  readonly flood: FloodProgram
}

export interface BindingRecipient {
  readonly email?: string
  readonly chatId?: string
  readonly userId?: string
  readonly roomId?: string
}

export interface BindingProgram {
  readonly user: WrittenReference
  readonly channel: WrittenReference
  readonly recipient: BindingRecipient
  readonly enabled: boolean
}

export interface QuietHours {
  /** Minutes after midnight, `to` up to 1440; when it is not later than `from`, on the next day. */
  readonly fromMinute: number
  readonly toMinute: number
  /** IANA name; undefined: the user's, else UTC. */
  readonly timezone: string | undefined
  /** 0 is Sunday; the day on which they begin. Empty: every day. */
  readonly days: readonly number[]
  readonly mode: 'defer' | 'drop'
}

export interface PreferenceProgram {
  /** Undefined: the flags of the namespace, or of everybody. */
  readonly user: WrittenReference | undefined
  readonly channel: WrittenReference | undefined
  readonly events: EventRules<boolean>
  /** What holds for channels of one type alone: asked before `events`. */
  readonly eventsByType: ReadonlyMap<string, EventRules<boolean>>
  /** Which digests are wanted, by their names. */
  readonly digests: EventRules<boolean>
  readonly minSeverity: Severity | undefined
  readonly quietHours: QuietHours | undefined
  readonly scope: { readonly services: readonly string[]; readonly customers: readonly string[] } | undefined
}

export interface EventTypeProgram {
  /** Its id: `test.run.failed`. */
  readonly id: string
  readonly description: string
  /** Whether it is sent where nobody says otherwise. */
  readonly default: boolean
  /** A severity, or a nunjucks expression over the payload that gives one. */
  readonly severity: { readonly fixed: Severity } | { readonly expression: string }
  /** JSON Schema of the payload. */
  readonly schema: Json | undefined
  readonly sample: Json
  /** Nunjucks; what a Template does not say. */
  readonly title: string | undefined
  readonly body: string | undefined
  readonly link: string | undefined
  /** Passes preferences and quiet hours. */
  readonly critical: boolean
  /** Ids of events that are part of this one. */
  readonly includes: readonly string[]
  /** Path into the payload of what identifies the matter, such as `run.id`. */
  readonly key: string | undefined
  /** Ids of the events that it ends: an incident that they opened is resolved. */
  readonly resolves: readonly string[]
  /** It happens by itself when something is silent for so long. */
  readonly inactivity?: InactivityProgram
  /** Sent also to those who were not sent what it ends. */
  readonly standsAlone: boolean
  /** How often it is said again, while nothing has ended it. */
  readonly remind: RemindProgram | undefined
}

export interface TemplateProgram {
  readonly event: string
  /** Empty: any. */
  readonly channelType: string
  /** Empty: any. */
  readonly lang: string
  readonly title: string | undefined
  readonly body: string | undefined
  readonly link: string | undefined
  readonly format: 'rich' | 'plain' | 'native'
  /** Used only where it is named. */
  readonly named?: boolean
}

export interface SilenceProgram {
  readonly events: readonly string[]
  readonly severities: readonly Severity[]
  readonly labels: Readonly<Record<string, string>>
  /** Milliseconds since 1970; 0 when it has begun whenever that was. */
  readonly from: number
  readonly until: number
  readonly comment: string
}

/** Of kind User. */
export interface UserProgram {
  readonly email: string
  readonly displayName: string
  /** A canonical BCP 47 tag. */
  readonly locale: string
  /** By its IANA name. */
  readonly timezone: string
  readonly role: 'admin' | 'member' | 'customer'
  readonly services: readonly string[]
  readonly namespaces: readonly string[]
}
