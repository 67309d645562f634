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
   * Ids of event types that this one ends: an incident that one of them opened is closed. Default: none.
   *
   * @maxItems 100
   */
  resolves?: EventId[]
}
