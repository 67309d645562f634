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
 * Connects a person to a channel, and says under which address they are reached there. Channels that are one recipient themselves, such as a webhook, need none.
 */
export interface UserBinding {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'UserBinding'
  metadata: Metadata
  spec: UserBindingSpec
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
 * Who is reached where.
 */
export interface UserBindingSpec {
  user: ResourceReference
  channel: ResourceReference
  recipient?: BindingRecipient
  /**
   * false: nothing is sent to them here. Default: true.
   */
  enabled?: boolean
}
/**
 * Their address there. Default: for email, slack and webex, the user's e-mail address; for telegram, the chat that opens when they press Start.
 */
export interface BindingRecipient {
  /**
   * email: where mail goes. slack, webex: the address their account has there.
   */
  email?: string
  /**
   * telegram: number of the chat, in quotes, or `@channelname`.
   */
  chatId?: string
  /**
   * slack, webex: id of the person, such as `U012AB3CD`.
   */
  userId?: string
  /**
   * webex: id of a room. slack: id of a channel.
   */
  roomId?: string
}
