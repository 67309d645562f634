// Generated from schemas/ by `npm run generate`. Do not edit.

/**
 * Marks the document as one of Callboard's. Documents without it are left alone.
 */
export type ApiVersion = 'callboard/v1'
/**
 * Lower-case letters, digits and '-', at most 63 characters, beginning and ending with a letter or digit.
 */
export type NamespaceName = string
/**
 * Settings of the namespace.
 */
export type NamespaceSpec = {
  /**
   * What the namespace is for, for people.
   */
  description?: string
  /**
   * true: its mocks answer 503 and its deliveries are held. Default: false.
   */
  suspend?: boolean
  quota?: NamespaceQuota
  cors?: Cors
  fallback?: Fallback
} | null
/**
 * How many there may be at most, or `unlimited`, which takes a limit of the preset away.
 */
export type ChannelQuotaLimit = number | string
/**
 * Whether browsers on other origins may use its mocks. true (default): preflights are answered and the origin is reflected, without credentials, unless a mock claims OPTIONS. false: nothing is added. Or an object that says more.
 */
export type Cors =
  | boolean
  | {
      /**
       * Origins that may use its mocks, such as `https://app.example.com`; `*` for all. Default: all.
       *
       * @minItems 1
       * @maxItems 256
       *
       * Items: An origin, or `*`.
       */
      origins?: string[]
      /**
       * Whether browsers may send cookies and authorization. Default: false.
       */
      credentials?: boolean
      /**
       * Request headers a preflight allows. Default: those asked for.
       *
       * @maxItems 256
       *
       * Items: A header's name.
       */
      headers?: string[]
      /**
       * Response headers that scripts may read. Default: none beyond the safe ones.
       *
       * @maxItems 256
       *
       * Items: A header's name, or `*`.
       */
      exposeHeaders?: string[]
      /**
       * Seconds a browser may keep a preflight's answer. Default: 600.
       */
      maxAge?: number
    }

/**
 * A group of mocks with settings of their own. Need not be declared: an undeclared namespace exists while something is in it.
 */
export interface Namespace {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'Namespace'
  metadata: NamespaceMetadata
  spec?: NamespaceSpec
}
/**
 * What the namespace is called. A Namespace is global: it has no namespace itself.
 */
export interface NamespaceMetadata {
  name: NamespaceName
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
 * How much the namespace may have and send. Channels and mocks beyond it are errors of the revision; deliveries beyond it are suppressed with the reason `quota`. At 80 % of what is counted over time `quota.warning` is raised, at 100 % `quota.exceeded`, once per period. Default: no limits.
 */
export interface NamespaceQuota {
  /**
   * Limits of a plan: `free` (no channels of Slack, Discord or Teams, and no webhooks), `starter` (one channel of Slack, Discord or Teams, one webhook), `pro` (one of each of Slack, Discord and Teams, three webhooks), `business` and `enterprise` (no limits). What is declared beside it wins.
   */
  preset?: 'free' | 'starter' | 'pro' | 'business' | 'enterprise'
  channels?: ChannelQuota
  /**
   * How many mocks the namespace may have.
   */
  mocks?: number
  /**
   * How many notifications may be accepted for sending in each hour of the clock (UTC), for events of the namespace and for its channels. Callbacks of mocks do not count.
   */
  deliveriesPerHour?: number
  events?: EventQuota
}
/**
 * Channels of the namespace by type; `slack+discord+teams` counts those of several types together. Global channels count for no namespace.
 */
export interface ChannelQuota {
  [k: string]: ChannelQuotaLimit
}
/**
 * Events that are counted over a period, by type, such as the runs of a month. They are only warned of: nothing is suppressed.
 */
export interface EventQuota {
  [k: string]: EventQuotaLimit
}
/**
 * How many there may be in a period.
 */
export interface EventQuotaLimit {
  /**
   * How many.
   */
  limit: number
  /**
   * The period, by the clock and the calendar in UTC. Default: month.
   */
  per?: 'hour' | 'day' | 'month'
}
/**
 * What to do with requests that no mock matches. Default: answer 404.
 */
export interface Fallback {
  proxy: FallbackProxy
}
/**
 * Pass them on to a real server.
 */
export interface FallbackProxy {
  /**
   * Base URL of the server, `http://` or `https://`. The path of the request is appended.
   */
  target: string
}
