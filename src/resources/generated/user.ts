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
 * A person: who they are, what they may hear of, and in which language.
 */
export interface User {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'User'
  metadata: UserMetadata
  spec: UserSpec
}
/**
 * What the user is called in references. A User is global: it has no namespace itself.
 */
export interface UserMetadata {
  name: ResourceName
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
 * Who it is.
 */
export interface UserSpec {
  /**
   * E-mail address, `name@host`. No two users have the same, whatever its case.
   */
  email: string
  /**
   * What people call them. Default: the e-mail address.
   */
  displayName?: string
  /**
   * Language of messages to them, as a BCP 47 tag such as `en` or `de-AT`. Default: en.
   */
  locale?: string
  /**
   * Time zone of their day, by its IANA name such as `Europe/Berlin`. Default: UTC.
   */
  timezone?: string
  /**
   * `admin`: hears of everything. `member`: of all services of their namespaces. `customer`: of the services named for them. Default: member.
   */
  role?: 'admin' | 'member' | 'customer'
  /**
   * Services that are named for them. Default: none.
   *
   * @maxItems 1000
   *
   * Items: Name of a service.
   */
  services?: string[]
  /**
   * Namespaces they belong to. Default: none.
   *
   * @maxItems 1000
   */
  namespaces?: NamespaceName[]
}
