// Kind Callback, and the entries of a mock's `webhooks`, which have the same fields.

import { type Condition, compileCondition } from '../../expression/condition.js'
import type { Json } from '../../expression/json.js'
import {
  type CompileOptions,
  compilePayloadText,
  compileTemplate,
  compileText,
  type Template,
} from '../../expression/template.js'
import type { CallbackSpec } from '../generated/callback.js'
import type { Callback } from '../generated/mock.js'
import { schemaFile } from '../schemas.js'
import type {
  AttachedCallback,
  BodyProgram,
  CallbackProgram,
  CallbackSelector,
  HeaderProgram,
  HttpCallback,
  TextProgram,
} from './callback-program.js'
import type { LinkContext, Linked, LinkInput } from './kind.js'
import { Linking } from './linking.js'
import { constantText, isOneExpression, spelled, unsendable } from './mock-response.js'

const jsonType = 'application/json'
const textType = 'text/plain; charset=utf-8'

/** Concern one connection, or follow from the body: whoever sends writes them. */
const framing: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What the schema says of single headers, it says because they hold secrets. */
const secretHeaders: ReadonlySet<string> = new Set(
  Object.keys(schemaFile('common').$defs?.requestHeaders?.properties ?? {}).map((name) => name.toLowerCase()),
)

export interface LinkedCallback extends Linked {
  readonly program: AttachedCallback | undefined
}

/** Compiles a Callback that passed validation. */
export function linkCallback({ name, spec: declared }: LinkInput, context: LinkContext): LinkedCallback {
  const { selector, ...spec } = declared as unknown as CallbackSpec
  const linking = new Linking(context)
  const program = { ...compileCallback(spec, '/spec', name, linking), selector: compileSelector(selector) }
  const { findings, references } = linking
  const settled = findings.length === 0 && references.length === 0 && !linking.uses.has('env')
  return { program: linking.failed ? undefined : program, findings, references, settled }
}

/** Compiles the entries of a mock's `webhooks`. */
export function compileWebhooks(webhooks: readonly Callback[], linking: Linking): readonly CallbackProgram[] {
  return webhooks.map((spec, index) =>
    compileCallback(spec, `/spec/webhooks/${index}`, spec.name ?? String(index + 1), linking),
  )
}

function compileSelector({ mocks, matchLabels = {}, tags = [] }: CallbackSpec['selector']): CallbackSelector {
  return { ...(mocks === undefined ? {} : { mocks: new Set(mocks) }), labels: Object.entries(matchLabels), tags }
}

/** `at`: pointer to where it is declared. What is wrong with it is among the linking's findings. */
function compileCallback(spec: Omit<Callback, 'name'>, at: string, name: string, linking: Linking): CallbackProgram {
  const { type: transport = 'http', retryCount = 0, retryDelay = 1, retryPolicy = 'fixed' } = spec
  const http = compileRequest(spec, at, linking)
  if (transport !== 'http') {
    for (const field of ['kafkaTopic', 'kafkaKey', 'rabbitRoutingKey'] as const) {
      const text = spec[field]
      if (text !== undefined) compiledText(text, `${at}/${field}`, linking)
    }
    linking.warning(
      `${at}/type`,
      'callback-type-not-sent',
      `callbacks of type ${transport} are checked and not sent: this version sends http only`,
      'use type: http with a url, or leave it for a version that sends it',
    )
  }
  if (spec.sign !== undefined) {
    const message = 'the signature is not made: this version sends callbacks unsigned'
    linking.warning(`${at}/sign`, 'callback-not-signed', message, 'declare a header with what the receiver expects')
  }
  return {
    name,
    transport,
    trigger: spec.trigger === undefined || spec.trigger === '' ? 'always' : spec.trigger,
    conditions: compileConditions(spec.conditions ?? [], `${at}/conditions`, linking),
    sync: spec.async === false,
    delayMs: milliseconds(spec.delay ?? 0),
    timeoutMs: Math.max(1, milliseconds(spec.timeout ?? 30)),
    retry: { retries: retryCount, delayMs: milliseconds(retryDelay), growth: retryPolicy },
    durability: spec.durability ?? 'write',
    breaker: spec.breaker ?? true,
    http: transport === 'http' ? http : undefined,
  }
}

function compileConditions(
  conditions: NonNullable<Callback['conditions']>,
  at: string,
  linking: Linking,
): readonly Condition[] {
  return conditions.flatMap((declared, index) => {
    const pointer = `${at}/${index}`
    const { path = '$', assertAction = 'equals', decode } = declared
    const value = declared.value as Json | undefined
    const { condition, findings } = compileCondition(
      { ...declared, path, assertAction, value, decode: decode || undefined },
      'body',
      (file) => linking.readFile(`${pointer}/valueFromFile`, file),
    )
    linking.add(pointer, findings)
    return condition === undefined ? [] : [condition]
  })
}

function compileRequest(
  { url, method = 'POST', headers = {}, body: declared, type = 'http' }: Omit<Callback, 'name'>,
  at: string,
  linking: Linking,
): HttpCallback | undefined {
  const names = Object.keys(headers)
  const isTyped = names.some((name) => name.toLowerCase() === 'content-type')
  const compiled = names.flatMap((name): HeaderProgram[] => {
    const pointer = `${at}/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (type === 'http' && framing.has(name.toLowerCase())) {
      const message = `"${name}" belongs to the connection and is not taken from here`
      linking.warning(pointer, 'header-ignored', message, 'remove it')
      return []
    }
    return [{ name, value: compileHeader(name, headers[name], pointer, linking) }]
  })
  const body = declared === undefined ? undefined : compileBody(declared as Json, isTyped, `${at}/body`, linking)
  if (type !== 'http' || url === undefined) return undefined
  return { method, url: compileUrl(url, `${at}/url`, linking), headers: compiled, body, isTyped }
}

function compileHeader(name: string, value: unknown, pointer: string, linking: Linking): TextProgram {
  if (typeof value === 'object' && value !== null) return { kind: 'secret', place: value }
  const template = compiledText(String(value), pointer, linking)
  const constant = constantText(template)
  const refused = constant === undefined ? undefined : unsendable.exec(constant)?.[0]
  if (refused !== undefined) {
    const hint = 'header values are Latin-1 without line breaks; encode other text, for example as %-sequences'
    linking.error(pointer, 'header-value', `"${name}" holds ${spelled(refused)}, which no header can carry`, hint)
  }
  const isSecret = secretHeaders.has(name.toLowerCase()) && constant !== undefined && constant !== ''
  return isSecret ? { kind: 'literal', text: constant } : { kind: 'template', template }
}

function compileUrl(url: NonNullable<Callback['url']>, pointer: string, linking: Linking): TextProgram {
  if (typeof url === 'object') return { kind: 'secret', place: url }
  const template = compiledText(url, pointer, linking)
  const constant = constantText(template)
  if (constant === undefined) return { kind: 'template', template }
  const target = URL.canParse(constant) ? new URL(constant) : undefined
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    const hint = 'write http:// or https://, a host, and a path'
    linking.error(pointer, 'callback-url', `${JSON.stringify(constant)} is not a URL that can be sent to`, hint)
  } else if (target.password !== '') {
    const hint = 'write url: {env: NAME} or {file: path}, or send an Authorization header from a secret'
    linking.warning(pointer, 'literal-secret', '"url" holds a password as literal text', hint)
    return { kind: 'literal', text: constant }
  }
  return { kind: 'template', template }
}

function compileBody(body: Json, isTyped: boolean, pointer: string, linking: Linking): BodyProgram | undefined {
  if (body === null) return undefined
  const options = optionsOf(linking)
  if (typeof body !== 'string') {
    const template = linking.took(pointer, compileTemplate(body, options))
    return { template, form: 'json', contentType: isTyped ? undefined : jsonType }
  }
  if (isOneExpression(body, options)) {
    return { template: linking.took(pointer, compileTemplate(body, options)), form: 'value', contentType: undefined }
  }
  const compiled = compilePayloadText(body, options)
  const template = linking.took(pointer, compiled)
  return { template, form: compiled.json ? 'json' : 'text', contentType: isTyped ? undefined : textType }
}

function compiledText(text: string, pointer: string, linking: Linking): Template {
  return linking.took(pointer, compileText(text, optionsOf(linking)))
}

function optionsOf({ env }: Linking): CompileOptions {
  return { env, callback: true }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000)
}
