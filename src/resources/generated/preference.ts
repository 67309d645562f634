// Generated from schemas/ by `npm run generate`. Do not edit.

/**
 * Marks the document as one of Callboard's. Documents without it are left alone.
 */
export type ApiVersion = 'callboard/v1'
/**
 * Lower-case letters, digits, '-' and '.', at most 253 characters, beginning and ending with a letter or digit.
 */
export type ResourceName = string
/**
 * Lower-case letters, digits and '-', at most 63 characters, beginning and ending with a letter or digit.
 */
export type NamespaceName = string
/**
 * `name` of a resource in this document's namespace, else of a global one; or `namespace/name`; or `-/name` for a global one.
 */
export type ResourceReference = string
/**
 * true: wanted. false: not wanted. A mapping below the name of a channel type: which events are wanted there.
 */
export type PreferenceEvent =
  | boolean
  | {
      /**
       * true: wanted on channels of this type. false: not wanted there.
       */
      [k: string]: boolean
    }
/**
 * How bad it is, from the least to the most: info, warning, error, critical.
 */
export type EventSeverity = 'info' | 'warning' | 'error' | 'critical'
/**
 * Days on which they begin. Default: all.
 *
 * @minItems 1
 * @maxItems 7
 *
 * Items: A day of the week.
 */
export type QuietDays = ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[]

/**
 * What somebody wants to hear of, and when. With `user` and `channel`: that person on that channel. With `user`: that person. With neither: everybody, or everybody in the namespace.
 */
export interface Preference {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'Preference'
  metadata: Metadata
  spec: PreferenceSpec
}
/**
 * What the resource is called and where it belongs.
 */
export interface Metadata {
  name?: ResourceName
  namespace?: NamespaceName
  labels?: Labels
  annotations?: Annotations
}
/**
 * Names and values for selecting resources. Values are text.
 */
export interface Labels {
  [k: string]: string
}
/**
 * Notes for people and tools. Read by Callboard: `callboard/renamed-from` (`[namespace/]name` this resource had before, so that its state is kept) and `callboard/faker-seed` (makes `$.fake` and random choices repeatable).
 */
export interface Annotations {
  /**
   * `name` or `namespace/name` that this resource had before. Its counters and stores are kept.
   */
  'callboard/renamed-from'?: string
  /**
   * Any text. The same seed gives the same `$.fake` values and random choices in every run.
   */
  'callboard/faker-seed'?: string
  [k: string]: string | undefined
}
/**
 * Whose it is, and what they want. What is not said is left to the next: user and channel, the channel's own `events`, user, namespace, everybody, event type.
 */
export interface PreferenceSpec {
  user?: ResourceReference
  channel?: ResourceReference
  events?: PreferenceEvents
  digests?: PreferenceDigests
  minSeverity?: EventSeverity
  quietHours?: QuietHours
  scope?: PreferenceScope
}
/**
 * Which events are wanted, by id or pattern, also as `notify_<id>`. An id wins over patterns, a longer pattern over a shorter one. What holds for one type of channel alone is written below the name of the type: `slack: {run_failed: true}`. Default: none.
 */
export interface PreferenceEvents {
  [k: string]: PreferenceEvent
}
/**
 * Which digests are wanted, by the name of the Digest or a pattern with `*`. A name wins over patterns, a longer pattern over a shorter one. Default: none is.
 */
export interface PreferenceDigests {
  /**
   * true: wanted. false: not wanted.
   */
  [k: string]: boolean
}
/**
 * When nothing is sent but what is critical. Default: never.
 */
export interface QuietHours {
  /**
   * When they begin, as `HH:MM`.
   */
  from: string
  /**
   * When they end, as `HH:MM`, up to 24:00. When that is not later than `from`, on the next day.
   */
  to: string
  /**
   * Where it is that time, by its IANA name such as `Europe/Berlin`. Default: the user's, else UTC.
   */
  timezone?: string
  days?: QuietDays
  /**
   * `defer`: what comes meanwhile is sent when they end. `drop`: it is not sent. Default: defer.
   */
  mode?: 'defer' | 'drop'
}
/**
 * Nothing about other services and customers is sent. Events that name none pass. Default: all that the user may hear of.
 */
export interface PreferenceScope {
  /**
   * Only events of these services, and those that name no service. Default: all.
   *
   * @minItems 1
   * @maxItems 1000
   *
   * Items: Name of a service.
   */
  services?: string[]
  /**
   * Only events of these customers, and those that name no customer. Default: all.
   *
   * @minItems 1
   * @maxItems 1000
   *
   * Items: Name of a customer.
   */
  customers?: string[]
}
