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
 * How bad it is, from the least to the most: info, warning, error, critical.
 */
export type EventSeverity = 'info' | 'warning' | 'error' | 'critical'

/**
 * Nobody is told of events that match, for a time: while something is being mended, say. Critical ones too.
 */
export interface Silence {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'Silence'
  metadata: Metadata
  spec: SilenceSpec
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
 * Which events, and how long.
 */
export interface SilenceSpec {
  match: SilenceMatch
  /**
   * When it begins: a time with its offset, `2026-03-29T14:30:00Z`. Default: it has begun.
   */
  from?: string
  /**
   * When it ends: a time with its offset, `2026-03-29T16:30:00+02:00`.
   */
  until: string
  /**
   * Why, for people. Default: none.
   */
  comment?: string
}
/**
 * What an event has to be: all of these. To silence everything write `event: "*"`.
 */
export interface SilenceMatch {
  /**
   * Ids or patterns of event types: one, or a list. Default: all.
   */
  event?: EventPattern | EventPattern[]
  /**
   * Severities: one, or a list. Default: all.
   */
  severity?: EventSeverity | EventSeverity[]
  labels?: SilencedLabels
}
/**
 * Labels the event has to have, with these values. Default: any.
 */
export interface SilencedLabels {
  /**
   * Value of the label.
   */
  [k: string]: string
}
