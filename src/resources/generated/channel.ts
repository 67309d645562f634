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
 * Whose channel it is. `config` depends on it.
 */
export type ChannelTypeName =
  | 'discord'
  | 'email'
  | 'googlechat'
  | 'mattermost'
  | 'opsgenie'
  | 'pagerduty'
  | 'slack'
  | 'teams'
  | 'telegram'
  | 'webex'
  | 'webhook'
/**
 * true: it hears of these events. false: it does not. A mapping: it does, and something differs from usual.
 */
export type ChannelEvent =
  | boolean
  | {
      /**
       * Another recipient for these events: an e-mail address, or several with commas between them. For channels of type email.
       */
      to?: string
      severity?: EventSeverity
      /**
       * Another place within the channel for these events, such as a room of the workspace, where the type has such.
       */
      channel?: string
    }
/**
 * How bad it is, from the least to the most: info, warning, error, critical.
 */
export type EventSeverity = 'info' | 'warning' | 'error' | 'critical'
/**
 * Seconds, or a number with its unit: 30s, 5m, 12h, 7d.
 */
export type Duration = number | string

/**
 * A place where people hear of events: a Slack workspace, a Telegram bot, a webhook, a mail server. Without a namespace it hears the events of all.
 */
export interface Channel {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'Channel'
  metadata: Metadata
  spec: ChannelSpec
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
 * How it is reached, and what it hears of.
 */
export interface ChannelSpec {
  type: ChannelTypeName
  /**
   * How the channel is reached: what this has to say depends on `type`.
   */
  config?: {
    [k: string]: unknown
  }
  /**
   * What people call it. Default: its name.
   */
  displayName?: string
  /**
   * false: nothing is sent, and what would have been is recorded as not sent. Default: true.
   */
  enabled?: boolean
  /**
   * true: what is to be sent waits until this is false again. Default: false.
   */
  suspend?: boolean
  events?: ChannelEvents
  retry?: ChannelRetry
  rateLimit?: ChannelRateLimit
  group?: ChannelGroup
  threshold?: ChannelThreshold
  storm?: ChannelStorm
  remind?: Remind
  /**
   * Seconds an attempt may take. Default: 30.
   */
  timeout?: number
}
/**
 * Which events it hears of, by id or pattern. An id wins over patterns, a longer pattern over a shorter one. What is not named here is decided by preferences and by the event type. Default: none.
 */
export interface ChannelEvents {
  [k: string]: ChannelEvent
}
/**
 * How often and when a failed attempt is repeated.
 */
export interface ChannelRetry {
  /**
   * Further attempts after the first failed one; then it is a dead letter. Default: 5.
   */
  maxRetries?: number
  /**
   * Seconds, at most, before the first repetition; doubled each time. Default: 1.
   */
  baseDelay?: number
  /**
   * Seconds that are never exceeded between two attempts. Default: 300.
   */
  maxDelay?: number
}
/**
 * How much may be sent in a time; what exceeds it waits. Default: the vendor's own limit where one is documented.
 */
export interface ChannelRateLimit {
  /**
   * So many messages.
   */
  count: number
  /**
   * In so many seconds.
   */
  per: number
}
/**
 * Joins events that belong together into one message with counts. Default: each event is a message of its own.
 */
export interface ChannelGroup {
  /**
   * What events have in common that are joined: event (the type), severity, service, customer, namespace, source, labels.<name> or payload.<path>. Empty: all of the channel. Default: [event].
   *
   * @maxItems 10
   *
   * Items: One of event, severity, service, customer, namespace and source, or labels.<name> or payload.<path>.
   */
  by?: string[]
  wait?: Duration
  interval?: Duration
}
/**
 * Nothing is said of a group until so many of its events came within a time. What ends something, and event types with critical: true, pass. Default: none.
 */
export interface ChannelThreshold {
  /**
   * So many events; this one and those before it.
   */
  count: number
  within: Duration
}
/**
 * How many messages a recipient gets in a time; everything above it is put into one summary at its end. Default: no limit.
 */
export interface ChannelStorm {
  /**
   * So many messages to each recipient.
   */
  count: number
  per: Duration
}
/**
 * How often something is said again while it is not over.
 */
export interface Remind {
  every: Duration
  /**
   * How often it is said again. Default: 10.
   */
  atMost?: number
}
