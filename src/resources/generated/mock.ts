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
 * How the value found is compared. `any`: always true. `notEmpty`, `empty`: null, "", [] and {} are empty. `contains`: substring, element or part of an object. `matches`: regular expression (RE2), unanchored. `gt gte lt lte`: as numbers, else as ISO dates. `jsonSchema`: draft 2020-12. Default: equals.
 */
export type AssertAction =
  | 'equals'
  | 'not_equals'
  | 'contains'
  | 'not_contains'
  | 'any'
  | 'notEmpty'
  | 'empty'
  | 'matches'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'jsonSchema'
/**
 * One value, or a list that repeats the header.
 */
export type HeaderValue = string | number | boolean | (string | number | boolean)[]
/**
 * Milliseconds to wait before answering, or `{min, max}` to draw from. Default: 0.
 */
export type Delay =
  | number
  | {
      /**
       * Shortest delay in milliseconds.
       */
      min: number
      /**
       * Longest delay in milliseconds.
       */
      max: number
    }
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
 * Answers HTTP requests.
 */
export interface Mock {
  apiVersion: ApiVersion
  /**
   * The kind of resource.
   */
  kind: 'Mock'
  metadata?: Metadata
  spec: MockSpec
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
 * What the mock answers, and to which requests. Mocks of Mockarty can be pasted here unchanged.
 */
export interface MockSpec {
  /**
   * Name of the mock when `metadata.name` is absent; otherwise it must be the same.
   */
  id?: string
  /**
   * Namespace of the mock when `metadata.namespace` is absent; otherwise it must be the same.
   */
  namespace?: string
  http: MockHttp
  response?: MockResponse
  oneOf?: MockOneOf
  proxy?: MockProxy
  /**
   * Callbacks sent when the mock has answered.
   *
   * @maxItems 64
   */
  webhooks?: Callback[]
  extract?: MockExtract
  /**
   * The older form of `extract`.
   *
   * @maxItems 256
   */
  extractors?: Extractor[]
  mStore?: MockStore
  /**
   * Mocks with the same chain id share `$.cS`. May be an expression, such as `$.reqHeader.X-Session[0]`.
   */
  chainId?: string
  /**
   * Of several mocks that match, the one with the higher number answers. Default: 0.
   */
  priority?: number
  /**
   * Seconds the mock lives, counted from the first time it was applied. 0 or absent: for ever.
   */
  ttl?: number
  /**
   * How many requests it answers before it stops matching. 0 or absent: no limit.
   */
  useLimiter?: number
  /**
   * Words for grouping mocks; callbacks can select by them.
   *
   * @maxItems 256
   *
   * Items: A tag.
   */
  tags?: string[]
  /**
   * Things that go wrong on purpose: one, or a list of which the first that is drawn happens.
   */
  faults?: Fault | Fault[]
  /**
   * @deprecated
   * Time of creation, kept by Mockarty. Accepted, without meaning here.
   */
  createdAt?: unknown
  /**
   * @deprecated
   * Time of the last change, kept by Mockarty. Accepted, without meaning here.
   */
  updatedAt?: unknown
  /**
   * @deprecated
   * Time of the last use, kept by Mockarty; see the status API. Accepted, without meaning here.
   */
  lastUse?: unknown
  /**
   * @deprecated
   * Time of expiry, kept by Mockarty; use `ttl`. Accepted, without meaning here.
   */
  expireAt?: unknown
  /**
   * @deprecated
   * Time of deletion, kept by Mockarty. Accepted, without meaning here.
   */
  closedAt?: unknown
  /**
   * @deprecated
   * Folder in Mockarty; use labels. Accepted, without meaning here.
   */
  folderId?: unknown
  /**
   * @deprecated
   * Number of uses, kept by Mockarty; see the status API. Accepted, without meaning here.
   */
  useCounter?: unknown
  /**
   * @deprecated
   * Path prefix of Mockarty; write it into the route. Accepted, without meaning here.
   */
  pathPrefix?: unknown
  /**
   * @deprecated
   * Name of a generated server of Mockarty. Accepted, without meaning here.
   */
  serverName?: unknown
  /**
   * @deprecated
   * gRPC mock. Accepted, without meaning here.
   */
  grpc?: unknown
  /**
   * @deprecated
   * MCP mock. Accepted, without meaning here.
   */
  mcp?: unknown
  /**
   * @deprecated
   * Socket mock. Accepted, without meaning here.
   */
  socket?: unknown
  /**
   * @deprecated
   * SOAP mock. Accepted, without meaning here.
   */
  soap?: unknown
  /**
   * @deprecated
   * GraphQL mock. Accepted, without meaning here.
   */
  graphql?: unknown
  /**
   * @deprecated
   * Server-sent events mock. Accepted, without meaning here.
   */
  sse?: unknown
  /**
   * @deprecated
   * Kafka mock. Accepted, without meaning here.
   */
  kafka?: unknown
  /**
   * @deprecated
   * RabbitMQ mock. Accepted, without meaning here.
   */
  rabbitmq?: unknown
  /**
   * @deprecated
   * SMTP mock. Accepted, without meaning here.
   */
  smtp?: unknown
  /**
   * @deprecated
   * S3 mock. Accepted, without meaning here.
   */
  s3?: unknown
}
/**
 * Which requests the mock answers. All conditions must hold.
 */
export interface MockHttp {
  /**
   * Path that begins with `/`. `:name` stands for one segment, `*` at the end for any rest.
   */
  route?: string
  /**
   * Regular expression (RE2 syntax) that the whole decoded path must match. With `route`, both must.
   */
  routePattern?: string
  /**
   * HTTP method, in capitals. Default: any method.
   */
  httpMethod?:
    | 'GET'
    | 'HEAD'
    | 'POST'
    | 'PUT'
    | 'PATCH'
    | 'DELETE'
    | 'OPTIONS'
    | 'TRACE'
    | 'PROPFIND'
    | 'PROPPATCH'
    | 'MKCOL'
    | 'COPY'
    | 'MOVE'
    | 'LOCK'
    | 'UNLOCK'
    | 'REPORT'
    | 'SEARCH'
    | 'PURGE'
  /**
   * What the body must be. Paths begin at `$`, the body itself.
   *
   * @maxItems 256
   */
  conditions?: Condition[]
  /**
   * What query parameters must be.
   *
   * @maxItems 256
   */
  queryParams?: Condition[]
  /**
   * What request headers must be. Names ignore case.
   *
   * @maxItems 256
   */
  header?: Condition[]
  /**
   * What cookies must be.
   *
   * @maxItems 256
   */
  cookies?: Condition[]
  /**
   * What form fields (urlencoded or multipart) must be.
   *
   * @maxItems 256
   */
  form?: Condition[]
  /**
   * Compare lists in all conditions without regard to order. Default: false.
   */
  sortArray?: boolean
}
/**
 * One thing the request must be.
 */
export interface Condition {
  /**
   * Where to look. Body: a JSONPath from `$`, the body itself (default `$`). Header, query parameter, cookie, form field: its name, with or without a leading `$.`.
   */
  path?: string
  assertAction?: AssertAction
  /**
   * What to compare with: any JSON; a regular expression for `matches`, a schema for `jsonSchema`. Not needed for `any`, `notEmpty` and `empty`.
   */
  value?: unknown
  /**
   * File that holds the value, relative to this document. Instead of `value`.
   */
  valueFromFile?: string
  /**
   * `base64`: decode the value found before comparing. Default: as it is.
   */
  decode?: 'base64' | ''
  /**
   * Compare lists without regard to order. Default: `sortArray` of `http`, else false.
   */
  sortArray?: boolean
}
/**
 * An answer.
 */
export interface MockResponse {
  /**
   * HTTP status. Default: 200.
   */
  statusCode?: number
  headers?: ResponseHeaders
  /**
   * The body: any JSON (sent as JSON) or text, expressions allowed. Default: empty.
   */
  payload?: unknown
  /**
   * File that holds the body, relative to the folder of this document. Expressions in it are evaluated as in `payload`, instead of which it stands.
   */
  payloadTemplatePath?: string
  /**
   * `base64`: the body is base64 and is decoded before it is sent. Default: as it is.
   */
  decode?: 'base64' | ''
  delay?: Delay
  /**
   * Text of an error: answered as `{"error": text}` with status 500 unless payload and statusCode say otherwise. Expressions allowed.
   */
  error?: string
  /**
   * @deprecated
   * gRPC error details. Accepted, without meaning here.
   */
  errorDetails?: unknown
  /**
   * @deprecated
   * Server-sent events. Accepted, without meaning here.
   */
  sseEventChain?: unknown
  /**
   * @deprecated
   * GraphQL errors. Accepted, without meaning here.
   */
  graphqlErrors?: unknown
  /**
   * @deprecated
   * SOAP fault. Accepted, without meaning here.
   */
  soapFault?: unknown
  /**
   * @deprecated
   * MCP error mark. Accepted, without meaning here.
   */
  mcpIsError?: unknown
}
/**
 * Header names and their values (one, or a list). Values may hold expressions.
 */
export interface ResponseHeaders {
  [k: string]: HeaderValue
}
/**
 * Several answers, one of which is given each time.
 */
export interface MockOneOf {
  /**
   * `order`: one after the other, again from the first after the last. `random`: drawn each time. Default: order.
   */
  order?: 'order' | 'random'
  /**
   * `random`: how often each response is drawn in relation to the others, one number for each. Default: all alike.
   *
   * @minItems 1
   * @maxItems 1024
   *
   * Items: A weight.
   */
  weights?: number[]
  /**
   * The answers.
   *
   * @minItems 1
   * @maxItems 1024
   */
  responses: MockResponse[]
  /**
   * @deprecated
   * Position in the list, kept by Mockarty. Accepted, without meaning here.
   */
  offset?: unknown
}
/**
 * Pass the request on to a real server and its answer back. The network guard applies.
 */
export interface MockProxy {
  /**
   * Base URL of the server, `http://` or `https://`. The path and query of the request are appended.
   */
  target: string
}
/**
 * Something sent out after the mock has answered: an HTTP request, a Kafka message or a RabbitMQ message.
 */
export interface Callback {
  /**
   * Name of this callback within the mock, for the delivery log. Default: its number.
   */
  name?: string
  /**
   * How it is sent. Default: http.
   */
  type?: 'http' | 'kafka' | 'rabbitmq'
  /**
   * When it is sent, by the status the mock answered with: `on_success` (200 to 299), `on_error` (400 and up), `always`. Default: always.
   */
  trigger?: 'on_success' | 'on_error' | 'always' | ''
  /**
   * Conditions on the request body that must hold as well.
   *
   * @maxItems 256
   */
  conditions?: Condition[]
  /**
   * Seconds between the answer and the first attempt. Kept over a restart. Default: 0.
   */
  delay?: number
  /**
   * true: the answer does not wait, and the callback survives a restart. false: the answer waits for the outcome. Default: true.
   */
  async?: boolean
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
   * `write`: survives a killed process. `sync`: the answer waits until it is on disk, survives power loss too. Default: write.
   */
  durability?: 'write' | 'sync'
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
/**
 * Values to keep before the answer is made, so that the answer can use them: key and expression.
 */
export interface MockExtract {
  mStore?: ExtractMockStore
  cStore?: ExtractChainStore
  gStore?: ExtractGlobalStore
}
/**
 * Into `$.mS`, which lives for this request.
 */
export interface ExtractMockStore {
  [k: string]: unknown
}
/**
 * Into `$.cS`, shared by the mocks of one `chainId`.
 */
export interface ExtractChainStore {
  [k: string]: unknown
}
/**
 * Into `$.gS`, shared by the namespace.
 */
export interface ExtractGlobalStore {
  [k: string]: unknown
}
/**
 * One value to keep.
 */
export interface Extractor {
  /**
   * Part of the request to take it from. Default: body.
   */
  from?: 'body' | 'header' | 'query' | 'path'
  /**
   * Where in that part: a JSONPath for a body, else a name. Default: all of it.
   */
  jsonPath?: string
  /**
   * The store to put it into.
   */
  toStore: 'mock' | 'chain' | 'global'
  /**
   * The key in the store.
   */
  key: string
}
/**
 * What `$.mS` holds when a request begins. Expressions allowed.
 */
export interface MockStore {
  [k: string]: unknown
}
/**
 * Something that goes wrong on purpose.
 */
export interface Fault {
  /**
   * `status`: answer with `statusCode` and no body. `reset`: cut the connection. `empty`: close it without an answer. `malformed`: send what is no valid answer. `slow`: send the body in pieces over `duration`.
   */
  kind: 'status' | 'reset' | 'empty' | 'malformed' | 'slow'
  /**
   * Share of requests it happens to, 0 to 1. Default: 1.
   */
  rate?: number
  /**
   * `status`: the HTTP status. Default: 503.
   */
  statusCode?: number
  /**
   * `slow`: milliseconds over which the body is sent. Default: 1000.
   */
  duration?: number
  /**
   * Makes the choice of requests repeatable. Default: random.
   */
  seed?: number
}
