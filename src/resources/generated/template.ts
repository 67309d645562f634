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
 * How messages about an event read. The one that fits best is used: event, channel type and language; event and channel type; event and language; event; each first in the event's namespace, then everywhere.
 */
export interface Template {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'Template'
  metadata: Metadata
  spec: TemplateSpec
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
 * Which messages it is for, and how they read. Texts are nunjucks with `payload`, `title`, `body`, `link` (as the event type has them), `event`, `channel` and `user`.
 */
export interface TemplateSpec {
  event: EventId
  /**
   * Type of channel it is for, such as `slack`. Default: all.
   */
  channelType?: string
  /**
   * Language it is in, as a BCP 47 tag such as `de` or `de-AT`; users hear it by their `locale`. Default: any.
   */
  lang?: string
  /**
   * Title of the message, one line. Default: the event type's.
   */
  title?: string
  /**
   * Text of the message. Default: the event type's.
   */
  body?: string
  /**
   * URL of more about it. Default: the event type's.
   */
  link?: string
  /**
   * `rich`: the channel shows title, text, colour and link as it does best, and everything is escaped. `plain`: text and nothing else. `native`: the body is written in the channel's own markup. Default: rich.
   */
  format?: 'rich' | 'plain' | 'native'
  /**
   * true: it is used only where a Digest names it as its `template`, so that there may be several for `callboard.digest`. Default: false, it is used for its event wherever no more special one is.
   */
  named?: boolean
}
