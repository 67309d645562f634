import type { Condition } from '../../expression/condition.js'
import type { Template } from '../../expression/template.js'

/** Where a secret is, and what stands before it. */
export interface SecretPlace {
  readonly env?: string
  readonly file?: string
  readonly prefix?: string
}

/** A text to send. Secrets are not put in before that. */
export type TextProgram =
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'secret'; readonly place: SecretPlace }
  /** A secret that stands in the declaration as it is. */
  | { readonly kind: 'literal'; readonly text: string }

export interface HeaderProgram {
  readonly name: string
  readonly value: TextProgram
}

export interface BodyProgram {
  readonly template: Template
  /**
   * How it is rendered: `json` as JSON, `text` as text, `value` as what the one expression that it is finds, which is text
   * when that is a text.
   */
  readonly form: 'json' | 'text' | 'value'
  /** Undefined when the headers declare it, and for `value`. */
  readonly contentType: string | undefined
}

interface Message {
  readonly headers: readonly HeaderProgram[]
  readonly body: BodyProgram | undefined
  /** One of the headers is the content type. */
  readonly isTyped: boolean
}

export interface HttpCallback extends Message {
  readonly type: 'http'
  readonly method: string
  readonly url: TextProgram
  /** Undefined when nothing is to be signed. */
  readonly sign: SignatureProgram | undefined
}

/** A signature over the body, made at each attempt. */
export interface SignatureProgram {
  readonly form: SignatureForm
  /** The key; after it the one before, while rotating and where there is room for two signatures. */
  readonly secrets: readonly Exclude<TextProgram, { kind: 'template' }>[]
}

/** How a signature looks on the wire. */
export type SignatureForm =
  | { readonly scheme: 'stripe' | 'github' | 'slack' | 'standard-webhooks' }
  | {
      readonly scheme: 'hmac'
      readonly header: string
      readonly prefix: string
      readonly algorithm: 'sha1' | 'sha256' | 'sha512'
      readonly encoding: 'hex' | 'base64'
    }

export interface KafkaLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: TextProgram
}

export interface KafkaCallback extends Message {
  readonly type: 'kafka'
  /** As `host:port`, in the order declared. */
  readonly brokers: readonly string[]
  readonly topic: Template
  readonly key: Template | undefined
  readonly login: KafkaLogin | undefined
  /** Undefined without TLS. `ca`: path of a PEM file on the machine that sends. */
  readonly tls: { readonly ca?: string } | undefined
}

export interface RabbitCallback extends Message {
  readonly type: 'rabbitmq'
  readonly url: TextProgram
  /** Path of a PEM file on the machine that sends. */
  readonly ca: string | undefined
  readonly exchange: Template
  readonly routingKey: Template
  /** The routing key where it and the exchange come out empty. */
  readonly queue: Template
  /** That it reaches no queue is a failure. */
  readonly mandatory: boolean
}

/** What is sent, by how it is sent. */
export type MessageProgram = HttpCallback | KafkaCallback | RabbitCallback

export type Trigger = 'on_success' | 'on_error' | 'always'

/** An entry of a mock's `webhooks`, or a Callback's spec, compiled. Times are milliseconds. */
export interface CallbackProgram {
  readonly name: string
  readonly trigger: Trigger
  /** On the request; all have to hold. */
  readonly conditions: readonly Condition[]
  /** The answer waits for its outcome. */
  readonly sync: boolean
  readonly delayMs: number
  readonly timeoutMs: number
  readonly retry: {
    readonly retries: number
    readonly delayMs: number
    readonly growth: 'fixed' | 'exponential'
  }
  readonly durability: 'write' | 'sync'
  readonly breaker: boolean
  readonly message: MessageProgram
}

/** Which mocks of its namespace a Callback is attached to: those that fit everything given. */
export interface CallbackSelector {
  readonly mocks?: ReadonlySet<string>
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly tags: readonly string[]
}

/** A resource of kind Callback, compiled. */
export interface AttachedCallback extends CallbackProgram {
  readonly selector: CallbackSelector
}

/** What a selector looks at. */
export interface Selectable {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The mock's spec as declared. */
  readonly spec: unknown
}

export function isSelected(selector: CallbackSelector, { name, labels, spec }: Selectable): boolean {
  if (selector.mocks !== undefined && !selector.mocks.has(name)) return false
  if (!selector.labels.every(([label, value]) => Object.hasOwn(labels, label) && labels[label] === value)) return false
  if (selector.tags.length === 0) return true
  const { tags = [] } = spec as { readonly tags?: readonly string[] }
  return selector.tags.every((tag) => tags.includes(tag))
}
