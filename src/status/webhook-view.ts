import type { Json } from '../expression/json.js'
import {
  anyJson,
  flag,
  integer,
  list,
  nullable,
  number,
  object,
  record,
  ref,
  type Schemas,
  text,
} from './json-schema.js'
import type { ConditionView } from './views.js'

/** A webhook on changes, with what it declares and what is left to defaults. Secrets are masked. */
export interface WebhookView {
  readonly id: string
  /** Null for one that belongs to no namespace. */
  readonly namespace: string | null
  readonly name: string
  readonly operations: readonly string[]
  readonly enabled: boolean
  readonly type: string
  /** As declared; null when it is not sent by http. */
  readonly url: Json
  readonly method: string | null
  readonly body: Json
  /** Seconds. */
  readonly timeout: number
  readonly retryCount: number
  /** Seconds. */
  readonly retryDelay: number
  readonly spec: Json
  readonly labels: Readonly<Record<string, string>>
  readonly file: string
  readonly line: number
  readonly conditions: readonly ConditionView[]
}

export const webhookSchemas: Schemas = {
  Webhook: object<WebhookView>('Something that is sent when what is declared changes', {
    id: text('`name` for those of the whole system, `namespace~name` otherwise'),
    namespace: nullable(text('The namespace it hears of; null for those of the whole system')),
    name: text('metadata.name'),
    operations: list('What it hears of', text('mock.create, user.update, …')),
    enabled: flag('False: nothing is sent'),
    type: text('How it is sent: http, kafka, rabbitmq'),
    url: anyJson('http: where to, as declared; a secret is named and not shown. Null otherwise'),
    method: nullable(text('http: the method')),
    body: anyJson('As declared; null: all that is known of the change'),
    timeout: number('Seconds an attempt may take'),
    retryCount: integer('Attempts after the first'),
    retryDelay: number('Seconds between two attempts'),
    spec: anyJson('All of it as declared, secrets masked'),
    labels: record('metadata.labels', text('Value')),
    file: text("Path below the source's root"),
    line: integer("One-based line of the document's first key"),
    conditions: list('Observed facts', ref('Condition')),
  }),
}
