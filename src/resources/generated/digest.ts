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
 * Id of an event type, or a pattern in which `*` stands for any part of it: `deploy.*`, `*.failure`, `*`.
 */
export type EventPattern = string
/**
 * `name` of a resource in this document's namespace, else of a global one; or `namespace/name`; or `-/name` for a global one.
 */
export type ResourceReference = string

/**
 * One message about many events, by the clock: the runs of a week, what happened overnight. Heard by those whose Preference switches it on under `digests`.
 */
export interface Digest {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'Digest'
  metadata: Metadata
  spec: DigestSpec
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
 * When it is sent, what it is about, and who may have it.
 */
export interface DigestSpec {
  /**
   * What people read in its title, such as `Weekly summary`. Default: the name.
   */
  displayName?: string
  /**
   * When it is sent, as five cron fields: minute, hour, day of month, month, day of week. `0 9 * * 1` is Mondays at nine. Also @hourly, @daily, @weekly, @monthly and @yearly.
   */
  schedule: string
  /**
   * Where it is that time, by its IANA name such as `Europe/Berlin`. A time that the clock skips is sent right after, one that it shows twice is sent once. Default: UTC.
   */
  timezone?: string
  /**
   * Ids or patterns of the event types that it is about.
   *
   * @minItems 1
   * @maxItems 100
   */
  events: EventPattern[]
  audience?: DigestAudience
  template?: ResourceReference
  /**
   * Where an event says what failed, for the list of what fails most: paths such as `payload.run.suite_name` or `labels.suite`, or `service`; the first that is there counts. Default: the suite, scan, name or project in the payload, else the service, else the type of event.
   *
   * @minItems 1
   * @maxItems 10
   *
   * Items: `payload.<path>`, `labels.<name>`, `service`, `customer`, `namespace` or `source`.
   */
  groupBy?: string[]
  /**
   * URL of a page with more about it. Default: the link of the last failure in it, else of its last event.
   */
  link?: string
  /**
   * true: it is sent as well when nothing has happened. Default: false.
   */
  emptyToo?: boolean
  /**
   * false: nothing is collected and nothing sent. Default: true.
   */
  enabled?: boolean
}
/**
 * Who may have it: all that is said here. Default: everybody who switches it on, on every channel that writes to people.
 */
export interface DigestAudience {
  /**
   * Names of Users: nobody else. Default: all.
   *
   * @minItems 1
   * @maxItems 1000
   */
  users?: ResourceReference[]
  /**
   * Users of these roles: nobody else. Default: all.
   *
   * @minItems 1
   * @maxItems 3
   *
   * Items: A role of users.
   */
  roles?: ('admin' | 'member' | 'customer')[]
  /**
   * Users who name one of these namespaces as theirs: nobody else. Default: all.
   *
   * @minItems 1
   * @maxItems 1000
   */
  namespaces?: NamespaceName[]
  /**
   * Names of Channels that it is sent over. One that is a recipient itself, such as a webhook of a room, gets it when it is named here, unless a Preference of the namespace or of everybody switches the digest off. Default: all that write to people.
   *
   * @minItems 1
   * @maxItems 100
   */
  channels?: ResourceReference[]
}
