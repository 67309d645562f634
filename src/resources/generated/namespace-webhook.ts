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
 * One of the operations that a NamespaceWebhook hears of.
 */
export type NamespaceWebhookOperation =
  'mock.create' | 'mock.update' | 'mock.delete' | 'mock.restore' | 'user.add_to_namespace'
/**
 * A secret: `{env: NAME}` or `{file: path}`, read when it is used. A literal is accepted with a warning (an error with --strict).
 */
export type Secret =
  | string
  | {
      /**
       * Name of the environment variable that holds the secret.
       */
      env?: string
      /**
       * Path of the file that holds the secret. A line break at its end is dropped.
       */
      file?: string
      /**
       * Text put before the secret, such as `"Bearer "`. Default: none.
       */
      prefix?: string
    }
/**
 * Text (expressions allowed), or `{env|file, prefix}` for a secret.
 */
export type RequestHeaderValue =
  | string
  | number
  | boolean
  | {
      /**
       * Name of the environment variable that holds the secret.
       */
      env?: string
      /**
       * Path of the file that holds the secret.
       */
      file?: string
      /**
       * Text put before the secret, such as `"Bearer "`. Default: none.
       */
      prefix?: string
    }
/**
 * http: where to send it, expressions allowed; or a secret when the URL itself is the credential.
 */
export type TargetUrl =
  | string
  | {
      /**
       * Name of the environment variable that holds the URL.
       */
      env?: string
      /**
       * Path of the file that holds the URL.
       */
      file?: string
      /**
       * Text put before the value. Default: none.
       */
      prefix?: string
    }
/**
 * rabbitmq: AMQP address, `amqp://user:password@host:5672/vhost` or `amqps://`, expressions allowed; best as a secret when it has a password. Without a user it is guest, whom brokers accept from their own machine only.
 */
export type RabbitUrl =
  | string
  | {
      /**
       * Name of the environment variable that holds the URL.
       */
      env?: string
      /**
       * Path of the file that holds the URL.
       */
      file?: string
      /**
       * Text put before the value. Default: none.
       */
      prefix?: string
    }

/**
 * Something sent out when what is declared in a namespace changes. Each change fires once, also over a restart.
 */
export interface NamespaceWebhook {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'NamespaceWebhook'
  metadata: Metadata
  spec: NamespaceWebhookSpec
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
 * What is heard of, and what is sent where.
 */
export interface NamespaceWebhookSpec {
  /**
   * What it hears of: one of these, or a list. `mock.restore`: a mock that was deleted returns within 90 days; then there is no `mock.create`. A renamed or moved mock is a `mock.update`. `user.add_to_namespace`: a User names the namespace.
   */
  operation: NamespaceWebhookOperation | NamespaceWebhookOperation[]
  /**
   * false: nothing is sent. Default: true.
   */
  enabled?: boolean
  /**
   * How it is sent. Default: http.
   */
  type?: 'http' | 'kafka' | 'rabbitmq'
  /**
   * Seconds between the answer and the first attempt. Kept over a restart. Default: 0.
   */
  delay?: number
  /**
   * Seconds an attempt may take. Default: 30.
   */
  timeout?: number
  /**
   * Further attempts after the first failed one. Default: 0.
   */
  retryCount?: number
  /**
   * Seconds between two attempts. Default: 1.
   */
  retryDelay?: number
  /**
   * `fixed`: the same delay each time. `exponential`: doubled each time. Default: fixed.
   */
  retryPolicy?: 'fixed' | 'exponential'
  headers?: RequestHeaders
  /**
   * Any JSON or text, expressions allowed. Text is sent as text/plain, anything else as JSON, unless a header says otherwise. Default: empty.
   */
  body?: unknown
  sign?: Signature
  /**
   * Stop trying a target for a while after repeated network failures. Default: true.
   */
  breaker?: boolean
  url?: TargetUrl
  /**
   * http: the method. Default: POST.
   */
  method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET'
  /**
   * kafka: addresses of brokers, separated by commas: `kafka1:9092,kafka2:9092`. One that answers is enough to find the others. Default port: 9092.
   */
  kafkaBrokers?: string
  /**
   * kafka: the topic, expressions allowed.
   */
  kafkaTopic?: string
  /**
   * kafka: the message key, expressions allowed. Messages with one key go to one partition, in the order of the requests. Default: none, any partition.
   */
  kafkaKey?: string
  /**
   * kafka: log in with user name and password. Default: false.
   */
  kafkaUseSASL?: boolean
  /**
   * kafka: how to log in. Default: plain.
   */
  kafkaSaslMechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  /**
   * kafka: the user name for SASL.
   */
  kafkaUsername?: string
  kafkaPassword?: Secret
  /**
   * kafka: connect with TLS (1.2 or newer). Default: false.
   */
  kafkaUseTLS?: boolean
  /**
   * kafka: path of a PEM file, on the machine that Callboard runs on, with the authority that signed the brokers' certificates. Read whenever a connection is opened. Default: those that Node.js knows.
   */
  kafkaCa?: string
  rabbitURL?: RabbitUrl
  /**
   * rabbitmq: the exchange, expressions allowed. Default: the default exchange.
   */
  rabbitExchange?: string
  /**
   * rabbitmq: the routing key, expressions allowed. Default: none.
   */
  rabbitRoutingKey?: string
  /**
   * rabbitmq: the queue, expressions allowed; used as routing key on the default exchange when exchange and routing key are empty.
   */
  rabbitQueue?: string
  /**
   * rabbitmq: a message that reaches no queue counts as a failed attempt. Default: false.
   */
  rabbitMandatory?: boolean
  /**
   * rabbitmq: path, on the machine that sends, of the PEM file of the authority that signed the broker's certificate, for amqps. Default: the system's.
   */
  rabbitCa?: string
}
/**
 * Header names and their values. A value may hold expressions, or be a secret: `Authorization: {env: TOKEN, prefix: "Bearer "}`.
 */
export interface RequestHeaders {
  Authorization?: Secret
  Cookie?: Secret
  'Proxy-Authorization'?: Secret
  'X-Api-Key'?: Secret
  [k: string]: RequestHeaderValue | Secret | undefined
}
/**
 * http: signs the exact bytes sent, afresh at each attempt, so that the receiver's own library can verify them.
 */
export interface Signature {
  /**
   * Whose signature: `stripe` (Stripe-Signature), `github` (X-Hub-Signature-256, and X-Hub-Signature for older receivers), `slack` (X-Slack-Signature and X-Slack-Request-Timestamp), `standard-webhooks` (webhook-id, webhook-timestamp and webhook-signature), or plain `hmac` over the body in a header of your choice.
   */
  scheme: 'stripe' | 'github' | 'slack' | 'standard-webhooks' | 'hmac'
  secret: Secret
  previousSecret?: Secret
  /**
   * `hmac`: name of the header. Default: X-Signature-256.
   */
  header?: string
  /**
   * `hmac`: text before the signature, such as `sha256=`. Default: none.
   */
  prefix?: string
  /**
   * `hmac`: hash function. Default: sha256.
   */
  algorithm?: 'sha1' | 'sha256' | 'sha512'
  /**
   * `hmac`: how the signature is written. Default: hex.
   */
  encoding?: 'hex' | 'base64'
}
