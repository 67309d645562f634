// Kind Callback, and the entries of a mock's `webhooks`, which have the same fields.

import { type Condition, compileCondition } from '../../expression/condition.js'
import type { Json } from '../../expression/json.js'
import type { CallbackSpec } from '../generated/callback.js'
import type { Callback } from '../generated/mock.js'
import { compileHttp } from './callback-http.js'
import { compileKafka } from './callback-kafka.js'
import type { DeclaredCallback } from './callback-message.js'
import type { AttachedCallback, CallbackProgram, CallbackSelector, MessageProgram } from './callback-program.js'
import { compileRabbit } from './callback-rabbitmq.js'
import { refuseSignature } from './callback-signature.js'
import type { LinkContext, Linked, LinkInput } from './kind.js'
import { Linking } from './linking.js'

type Compile = (spec: DeclaredCallback, at: string, linking: Linking) => MessageProgram

const compilers: Readonly<Record<NonNullable<Callback['type']>, Compile>> = {
  http: compileHttp,
  kafka: compileKafka,
  rabbitmq: compileRabbit,
}

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
export function compileCallback(spec: DeclaredCallback, at: string, name: string, linking: Linking): CallbackProgram {
  const { type = 'http', retryCount = 0, retryDelay = 1, retryPolicy = 'fixed' } = spec
  const message = compilers[type](spec, at, linking)
  if (type !== 'http' && spec.sign !== undefined) refuseSignature(type, at, linking)
  return {
    name,
    trigger: spec.trigger === undefined || spec.trigger === '' ? 'always' : spec.trigger,
    conditions: compileConditions(spec.conditions ?? [], `${at}/conditions`, linking),
    sync: spec.async === false,
    delayMs: milliseconds(spec.delay ?? 0),
    timeoutMs: Math.max(1, milliseconds(spec.timeout ?? 30)),
    retry: { retries: retryCount, delayMs: milliseconds(retryDelay), growth: retryPolicy },
    durability: spec.durability ?? 'write',
    breaker: spec.breaker ?? true,
    message,
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

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000)
}
