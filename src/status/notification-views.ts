// What the control port shows of notifications at the paths where people who come from other products look for them.
import type { Json } from '../expression/json.js'
import type { ConditionView } from './condition-view.js'
import {
  anyJson,
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  record,
  ref,
  type Schemas,
  text,
  time,
} from './json-schema.js'

/** A kind of channel that can be declared. */
export interface ChannelTypeView {
  readonly type: string
  readonly title: string
  /** What to do in the vendor's product. */
  readonly setup: string
  readonly recipients: {
    /** Fields of the configuration that make the channel one recipient itself; true: it always is. */
    readonly shared: true | readonly string[]
    /** What a binding may say otherwise. */
    readonly fields: readonly string[]
  }
  /** What an entry of `events` may say besides `severity`. */
  readonly overrides: readonly string[]
  readonly limits: { readonly title: number; readonly body: number; readonly unit: string }
  readonly rate: { readonly count: number; readonly perMs: number } | null
  /** The credential can be tried without posting anything. */
  readonly check: boolean
  /** JSON Schema of `config`. */
  readonly schema: Json
}

export interface CatalogEntry {
  readonly id: string
  readonly description: string
  /** Whether it is sent where nobody says otherwise. */
  readonly default: boolean
  /** A severity, or the expression that gives one. */
  readonly severity: string
  readonly critical: boolean
  readonly includes: readonly string[]
  readonly resolves: readonly string[]
  readonly sample: Json
  /** Built-in; null for what is declared. */
  readonly catalogue: string | null
  /** Null for what all namespaces have. */
  readonly namespace: string | null
  readonly file: string | null
  readonly line: number | null
}

export interface SnippetView {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly field: string
  readonly template: string
  readonly payload: Json
  readonly result: string
}

/** Without any of the texts: the Template that is applied for it. */
export interface PreviewWish {
  readonly event: string
  readonly channelType?: string
  readonly lang?: string
  readonly namespace?: string
  /** Name of a User, who would read it. */
  readonly user?: string
  readonly title?: string
  readonly body?: string
  readonly link?: string
  readonly format?: 'rich' | 'plain' | 'native'
  readonly payload?: Json
}

export interface PreviewProblem {
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly pointer: string
  readonly message: string
  readonly hint: string | null
}

export interface TemplatePreview {
  readonly event: string
  /** Id of the Template that was used; null where the event type's words or those of the call were. */
  readonly template: string | null
  readonly severity: string
  readonly title: string
  readonly body: string
  readonly link: string | null
  readonly format: string
  /** Why it is not what the template says: the built-in words are used. */
  readonly failure: string | null
  readonly problems: readonly PreviewProblem[]
}

export type PreviewOutcome =
  | { readonly outcome: 'rendered'; readonly preview: TemplatePreview }
  | { readonly outcome: 'refused'; readonly field: string; readonly message: string }

export interface NotificationsView {
  /** By name. */
  types(): readonly ChannelTypeView[]
  /** By id, then namespace. */
  catalog(): readonly CatalogEntry[]
  snippets(): readonly SnippetView[]
  preview(wish: PreviewWish): Promise<PreviewOutcome>
}

interface Placed {
  /** `name` when global, `namespace~name` otherwise. */
  readonly id: string
  readonly namespace: string | null
  readonly name: string
  readonly file: string
  readonly line: number
}

interface AvailableFields extends Placed {
  readonly displayName: string
  readonly type: string
  readonly enabled: boolean
  /** `channel`: it is one recipient itself, and nobody has to connect. `user`: it writes to people. */
  readonly recipients: 'channel' | 'user'
}

/** A channel as users see it. */
export interface AvailableChannel extends AvailableFields {
  /** Whether the person asked for is; null without one, or when nobody has to be. */
  readonly connected: boolean | null
}

/** A channel as those who run it see it. */
export interface ChannelRow extends AvailableFields {
  readonly suspend: boolean
  /** As declared, secrets masked. */
  readonly config: Json
  readonly events: Json
  readonly spec: Json
  readonly labels: Readonly<Record<string, string>>
  readonly conditions: readonly ConditionView[]
}

export interface BindingRow extends Placed {
  readonly user: string
  /** Id of the channel, or as written when there is none. */
  readonly channel: string
  readonly channelType: string | null
  readonly recipient: Json
  readonly enabled: boolean
  readonly conditions: readonly ConditionView[]
}

export interface PreferenceRow extends Placed {
  /** Null for what holds for everybody. */
  readonly user: string | null
  readonly channel: string | null
  readonly events: Json
  readonly minSeverity: string | null
  readonly quietHours: Json
  readonly scope: Json
}

export interface TemplateRow extends Placed {
  readonly event: string
  /** Empty: any. */
  readonly channelType: string
  /** Empty: any. */
  readonly lang: string
  readonly title: string | null
  readonly body: string | null
  readonly link: string | null
  readonly format: string
}

/** Named as rows of `channel_delivery_log` are. */
export interface ChannelDeliveryRow {
  readonly id: string
  readonly status: string
  readonly retry_count: number
  readonly max_retries: number
  readonly next_retry_at: string | null
  readonly channel: string
  readonly channel_type: string
  readonly namespace: string | null
  readonly user: string | null
  readonly event_type: string
  readonly event_id: string | null
  readonly last_error: string | null
  readonly error_class: string | null
  readonly revision: string | null
  readonly created_at: string
  readonly updated_at: string
}

const placed = {
  id: text('`name` when global, `namespace~name` otherwise'),
  namespace: nullable(text('Null for what is global')),
  name: text('metadata.name'),
  file: text("Path below the source's root"),
  line: integer("One-based line of the document's first key"),
}
const available = {
  ...placed,
  displayName: text('What people call it'),
  type: text('slack, telegram, email, …'),
  enabled: flag('False: nothing is sent'),
  recipients: oneOf('Whether it is one recipient itself, or writes to people who are bound to it', ['channel', 'user']),
}

export const notificationSchemas: Schemas = {
  ChannelType: object<ChannelTypeView>('A type of channel', {
    type: text('What a Channel has as `spec.type`'),
    title: text('Whose it is'),
    setup: text("What to do in the vendor's product"),
    recipients: {
      type: 'object',
      description: 'Who is reached',
      properties: {
        shared: { description: 'Fields of config that make it one recipient itself; true: it always is' },
        fields: list('What a binding may say otherwise', text('Field')),
      },
      required: ['shared', 'fields'],
      additionalProperties: false,
    },
    overrides: list('What an entry of `events` may say besides severity', text('Field')),
    limits: {
      type: 'object',
      description: 'The longest texts that arrive whole',
      properties: {
        title: integer('Of the title'),
        body: integer('Of the body'),
        unit: text('utf16, codepoints, bytes'),
      },
      required: ['title', 'body', 'unit'],
      additionalProperties: false,
    },
    rate: nullable({
      type: 'object',
      description: "What may be sent in a time by the vendor's rules; null when none are known",
      properties: { count: integer('Messages'), perMs: integer('Milliseconds') },
      required: ['count', 'perMs'],
      additionalProperties: false,
    }),
    check: flag('True when the credential can be tried without posting anything: POST …/test?check=true'),
    schema: anyJson('JSON Schema of `config`'),
  }),
  EventTypeEntry: object<CatalogEntry>('A type of event', {
    id: text('Its id'),
    description: text('In words'),
    default: flag('Whether it is sent where nobody says otherwise'),
    severity: text('info, warning, error or critical; or the expression over the payload that gives one'),
    critical: flag('True: it passes preferences and quiet hours'),
    includes: list('Events that are part of it', text('Id')),
    resolves: list('Events that it ends', text('Id')),
    sample: anyJson('A payload as it may come'),
    catalogue: nullable(text('Built-in catalogue; null for what is declared')),
    namespace: nullable(text('Null for what all namespaces have')),
    file: nullable(text('Null for what is built in')),
    line: nullable(integer('Null for what is built in')),
  }),
  TemplateSnippet: object<SnippetView>('A piece of a template to begin with', {
    id: text('Id'),
    title: text('What it is'),
    description: text('What it is for'),
    field: text("Which of a Template's texts it is for"),
    template: text('Nunjucks'),
    payload: anyJson('A payload'),
    result: text('What the template makes of it'),
  }),
  PreviewProblem: object<PreviewProblem>('Something in a text that does not work, or not as meant', {
    rule: text('Name of the rule'),
    severity: oneOf('How bad it is', ['error', 'warning']),
    pointer: text('Which text'),
    message: text('What was found'),
    hint: nullable(text('What to do')),
  }),
  TemplatePreview: object<TemplatePreview>('A message as it would be', {
    event: text('Event type'),
    template: nullable(text('Id of the Template that was used')),
    severity: text('info, warning, error, critical'),
    title: text('One line'),
    body: text('May be empty'),
    link: nullable(text('URL')),
    format: text('rich, plain, native'),
    failure: nullable(text('Why it is not what the template says: the built-in words are used')),
    problems: list('What is wrong with the texts of the call', ref('PreviewProblem')),
  }),
  AvailableChannel: object<AvailableChannel>('A channel as users see it', {
    ...available,
    connected: nullable(flag('Whether the person asked for is bound; null without one, or when nobody has to be')),
  }),
  Channel: object<ChannelRow>('A channel', {
    ...available,
    suspend: flag('True: what is to be sent waits'),
    config: anyJson('As declared, secrets masked'),
    events: anyJson('What it hears of, as declared'),
    spec: anyJson('All of it as declared, secrets masked'),
    labels: record('metadata.labels', text('Value')),
    conditions: list('Observed facts', ref('Condition')),
  }),
  ChannelBinding: object<BindingRow>('A person who is reached on a channel', {
    ...placed,
    user: text('Name of the User'),
    channel: text('Id of the channel, or as written when there is none'),
    channelType: nullable(text('Its type')),
    recipient: anyJson('The address as declared; empty when it is learned, or is that of the User'),
    enabled: flag('False: nothing is sent'),
    conditions: list('Observed facts', ref('Condition')),
  }),
  NotificationPreference: object<PreferenceRow>('What somebody wants to hear, or everybody', {
    ...placed,
    user: nullable(text('Name of the User; null for what holds for everybody')),
    channel: nullable(text('Only on this channel; null: on all')),
    events: anyJson('By id or pattern: whether it is wanted'),
    minSeverity: nullable(text('Nothing below it')),
    quietHours: anyJson('When nothing is to come; null: never'),
    scope: anyJson('Services and customers; null: as the role says'),
  }),
  ChannelTemplate: object<TemplateRow>('Words for an event', {
    ...placed,
    event: text('Event type'),
    channelType: text('Empty: any'),
    lang: text('Empty: any'),
    title: nullable(text('Nunjucks; null: as the event type says')),
    body: nullable(text('Nunjucks; null: as the event type says')),
    link: nullable(text('Nunjucks; null: as the event type says')),
    format: text('rich, plain, native'),
  }),
  ChannelDelivery: object<ChannelDeliveryRow>('A message to one recipient', {
    id: text('Id; also at /api/v1/deliveries/{id}'),
    status: text('pending, retrying, delivered, dead_letter, …'),
    retry_count: integer('Attempts after the first, in this round'),
    max_retries: integer('After so many it is a dead letter'),
    next_retry_at: nullable(time('Null when nothing is to come')),
    channel: text('`name`, or `namespace/name`'),
    channel_type: text('slack, telegram, …'),
    namespace: nullable(text('Of the event')),
    user: nullable(text('Name of the User; null where the channel is one recipient itself')),
    event_type: text('Event type'),
    event_id: nullable(text('Id of the event')),
    last_error: nullable(text('Why the last attempt failed')),
    error_class: nullable(text('network, timeout, rate_limited, auth, gone, …')),
    revision: nullable(text('By which it was accepted')),
    created_at: time('When it was accepted'),
    updated_at: time('When something was last known of it'),
  }),
}

export const notificationPages = {
  ChannelPage: 'Channel',
  AvailableChannelPage: 'AvailableChannel',
  ChannelTypePage: 'ChannelType',
  ChannelBindingPage: 'ChannelBinding',
  NotificationPreferencePage: 'NotificationPreference',
  ChannelTemplatePage: 'ChannelTemplate',
  TemplateSnippetPage: 'TemplateSnippet',
  EventTypeEntryPage: 'EventTypeEntry',
  ChannelDeliveryPage: 'ChannelDelivery',
} as const
