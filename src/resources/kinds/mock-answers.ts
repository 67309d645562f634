// What a Mock answers with, and what it does besides: everything that is of no use before a request has chosen it.

import type { Json } from '../../expression/json.js'
import type { MockSpec } from '../generated/mock.js'
import { compileWebhooks } from './callback.js'
import type { Linking } from './linking.js'
import { compileExtraction, compileStore } from './mock-extract.js'
import type { FaultProgram, MockProgram, ResponseProgram } from './mock-program.js'
import { compileResponse } from './mock-response.js'
import { impossiblePort } from './port.js'

export type Answers = Pick<
  MockProgram,
  | 'responses'
  | 'choice'
  | 'weights'
  | 'proxy'
  | 'faults'
  | 'extract'
  | 'webhooks'
  | 'mStore'
  | 'chainId'
  | 'tags'
  | 'stateful'
>

/** What is wrong is among the linking's findings. */
export function compileAnswers(spec: MockSpec, linking: Linking): Answers {
  const responses = compileResponses(spec, linking)
  const proxy = compileProxy(spec, linking)
  const extract = compileExtraction(spec, linking)
  const mStore = spec.mStore === undefined ? undefined : compileStore(spec.mStore as Json, '/spec/mStore', linking)
  const chainId = spec.chainId === undefined ? undefined : linking.text('/spec/chainId', spec.chainId)
  const choice = spec.oneOf === undefined ? 'single' : (spec.oneOf.order ?? 'order')
  const stored = linking.uses.has('cS') || linking.uses.has('gS') || extract.some(({ store }) => store !== 'mS')
  const counted = positive(spec.useLimiter) !== undefined
  const webhooks = compileWebhooks(spec.webhooks ?? [], linking)
  warnLostChain(spec, extract, linking)
  return {
    responses,
    choice,
    weights: compileWeights(spec, linking),
    proxy,
    faults: compileFaults(spec),
    extract,
    webhooks,
    mStore,
    chainId,
    tags: spec.tags ?? [],
    stateful: counted || stored || (choice === 'order' && responses.length > 1),
  }
}

/** 0 stands for no limit. */
export function positive(value: number | undefined): number | undefined {
  return value === undefined || value === 0 ? undefined : value
}

function compileResponses({ response, oneOf }: MockSpec, linking: Linking): ResponseProgram[] {
  if (response !== undefined) return [compileResponse(response, '/spec/response', linking)]
  return (oneOf?.responses ?? []).map((spec, index) => compileResponse(spec, `/spec/oneOf/responses/${index}`, linking))
}

function compileWeights({ oneOf }: MockSpec, linking: Linking): readonly number[] | undefined {
  const weights = oneOf?.weights
  if (oneOf === undefined || weights === undefined) return undefined
  const pointer = '/spec/oneOf/weights'
  if (oneOf.order !== 'random') {
    linking.warning(pointer, 'oneof-weights', 'weights count only when responses are drawn', 'add: order: random')
    return undefined
  }
  const { length } = oneOf.responses
  if (weights.length !== length) {
    const message = `${weights.length} weights for ${length} responses`
    linking.error(pointer, 'oneof-weights', message, 'give one weight for each response, in the same order')
  }
  if (weights.every((weight) => weight === 0)) {
    linking.error(pointer, 'oneof-weights', 'all weights are 0, so no response can be drawn', 'make one of them larger')
  }
  return weights
}

function compileProxy({ proxy }: MockSpec, linking: Linking): MockProgram['proxy'] {
  if (proxy === undefined) return undefined
  const pointer = '/spec/proxy/target'
  const target = URL.canParse(proxy.target) ? new URL(proxy.target) : undefined
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    const hint = impossiblePort(proxy.target) ?? 'write http:// or https://, a host, and a path when there is one'
    linking.error(pointer, 'proxy-target', `"${proxy.target}" is not a URL that can be proxied to`, hint)
    return undefined
  }
  if (target.search !== '' || target.hash !== '') {
    const hint = 'end the URL with its path'
    linking.error(pointer, 'proxy-target', 'path and query of the request are appended to the target', hint)
  }
  if (target.username !== '' || target.password !== '') {
    const hint = 'use a host that needs none, or let the client send its own Authorization header, which is passed on'
    linking.error(pointer, 'proxy-target', 'the target holds credentials, which would be readable in Git', hint)
  }
  return { target }
}

function compileFaults({ faults = [] }: MockSpec): FaultProgram[] {
  return [faults].flat().map(({ kind, rate = 1, statusCode = 503, duration = 1000, seed }) => ({
    kind,
    rate,
    statusCode,
    duration,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  }))
}

function warnLostChain(spec: MockSpec, extract: MockProgram['extract'], linking: Linking): void {
  if (spec.chainId !== undefined || !extract.some(({ store }) => store === 'cS')) return
  const hint = 'add a chainId that the mocks of one flow share'
  linking.warning(
    '/spec',
    'chain-missing',
    'without a chainId, what is put into the chain store is gone after the request',
    hint,
  )
}
