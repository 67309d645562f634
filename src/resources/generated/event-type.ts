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
 * Id of an event type, such as `deploy.failure`: letters, digits, '.', '_', '-', ':' and '/', beginning and ending with a letter or digit.
 */
export type EventId = string
/**
 * JSON Schema (draft 2020-12) of the payload. Events that do not fit are refused. Default: any payload.
 */
export type PayloadSchema =
  | {
      [k: string]: unknown
    }
  | boolean
/**
 * How long, once or several times: `[7d, 30d]`. Minutes (m), hours (h), days (d) or weeks (w). Each happens once in a silence; of several that have passed meanwhile, the longest.
 *
 * @minItems 1
 * @maxItems 10
 *
 * Items: A length of time: `90m`, `12h`, `7d`, `2w`.
 */
export type InactivityAfter = string[]
/**
 * Id of an event type, or a pattern in which `*` stands for any part of it: `deploy.*`, `*.failure`, `*`.
 */
export type EventPattern = string
/**
 * Seconds, or a number with its unit: 30s, 5m, 12h, 7d.
 */
export type Duration = number | string

/**
 * A kind of thing that happens and that people may hear of. Wins over the built-in one of the same id.
 */
export interface EventType {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'EventType'
  metadata: Metadata
  spec?: EventTypeSpec
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
 * What it means, and what is said of it.
 */
export interface EventTypeSpec {
  id?: EventId
  /**
   * When it happens, for people. Default: none.
   */
  description?: string
  /**
   * Whether it is sent where nobody says otherwise. Default: true.
   */
  default?: boolean
  /**
   * info, warning, error or critical; or a nunjucks expression over `payload` and `event` that gives one of them: `'error' if payload.failed > 0 else 'info'`. Default: info.
   */
  severity?: string
  schema?: PayloadSchema
  /**
   * A payload as it may come: templates are checked against it, and tests of channels show it. Default: {}.
   */
  sample?: unknown
  /**
   * Title of messages, one line, in nunjucks: `Deployed {{ payload.version }}`. A Template may say otherwise. Default: the description, else the id.
   */
  title?: string
  /**
   * Text of messages, in nunjucks. A Template may say otherwise. Default: none.
   */
  body?: string
  /**
   * URL of more about it, in nunjucks. A Template may say otherwise. Default: none.
   */
  link?: string
  /**
   * true: preferences and quiet hours do not hold it back; a channel's own `events`, scopes and silences do. Default: false.
   */
  critical?: boolean
  /**
   * Ids of event types that are part of this one: whoever hears of this one hears of those too, once for each value of `key`. Default: none.
   *
   * @maxItems 100
   */
  includes?: EventId[]
  /**
   * Where the payload says what it is about, such as `run.id`: events with equal values are about the same matter. Default: each is about its own.
   */
  key?: string
  /**
   * Ids of event types that this one ends: an incident that one of them opened is closed, and it is sent to those alone who were sent what it ends. Default: none.
   *
   * @maxItems 100
   */
  resolves?: EventId[]
  inactivity?: Inactivity
  /**
   * For one with `resolves`: true sends it also to those who were not sent what it ends, as news of its own. Default: false.
   */
  standsAlone?: boolean
  remind?: Remind
}
/**
 * It happens by itself, when nothing was heard of a subject for so long. Its payload has `subject`, `since`, `days` and `last`, the last event: `{type, id, time, title, link, payload}`. Default: it only happens when it is posted.
 */
export interface Inactivity {
  /**
   * What is silent, as events name it: `customer`, `service`, `namespace` or `source`; or a path as `payload.account.id` or `labels.team`. Events that do not say it are about no subject; an event without a namespace is about the one that has no name.
   */
  subject: string
  after: InactivityAfter
  /**
   * Ids or patterns of the events that show that a subject is active. Default: all but those of Callboard itself.
   *
   * @minItems 1
   * @maxItems 100
   */
  events?: EventPattern[]
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
