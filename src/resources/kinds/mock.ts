import { type Condition, type ConditionSubject, compileCondition } from '../../expression/condition.js'
import type { Json } from '../../expression/json.js'
import type { MockHttp, MockSpec } from '../generated/mock.js'
import type { Finding } from '../problem.js'
import { compileWebhooks } from './callback.js'
import type { LinkContext, Linked, LinkInput } from './kind.js'
import { Linking } from './linking.js'
import { compileExtraction, compileStore } from './mock-extract.js'
import { orderOf } from './mock-order.js'
import type { FaultProgram, MockProgram, ResponseProgram } from './mock-program.js'
import { compileResponse } from './mock-response.js'
import { parseRoute } from './mock-route.js'

export interface LinkedProgram extends Linked {
  readonly program: MockProgram | undefined
}

/** Compiles a Mock that passed validation. Files it names are read here; everything else is worked out already. */
export function linkMock(
  { namespace, name, annotations, spec: declared }: Pick<LinkInput, 'namespace' | 'name' | 'annotations' | 'spec'>,
  context: LinkContext,
): LinkedProgram {
  // The schema has been held against it, and the type is made from the schema.
  const spec = declared as unknown as MockSpec
  const linking = new Linking(context)

  const { route, findings } = parseRoute(spec.http.route, spec.http.routePattern)
  linking.add('', findings)
  warnHiddenRoute(spec.http, namespace, context.defaultNamespace, linking)
  const conditions = compileConditions(spec.http, linking)
  const responses = compileResponses(spec, linking)
  const proxy = compileProxy(spec, linking)
  const extract = compileExtraction(spec, linking)
  const mStore = spec.mStore === undefined ? undefined : compileStore(spec.mStore as Json, '/spec/mStore', linking)
  const chainId = spec.chainId === undefined ? undefined : linking.text('/spec/chainId', spec.chainId)
  const choice = spec.oneOf === undefined ? 'single' : (spec.oneOf.order ?? 'order')
  const useLimiter = positive(spec.useLimiter)
  const priority = spec.priority ?? 0
  const method = spec.http.httpMethod
  const stored = linking.uses.has('cS') || linking.uses.has('gS') || extract.some(({ store }) => store !== 'mS')
  const webhooks = compileWebhooks(spec.webhooks ?? [], linking)
  warnLostChain(spec, extract, linking)

  const program: MockProgram = {
    route,
    method,
    priority,
    conditions,
    order: orderOf({ priority, route, method, conditions: conditions.length, name }),
    responses,
    choice,
    weights: compileWeights(spec, linking),
    ...(proxy === undefined ? {} : { proxy }),
    faults: compileFaults(spec),
    extract,
    webhooks,
    mStore,
    chainId,
    useLimiter,
    ttl: positive(spec.ttl),
    tags: spec.tags ?? [],
    seed: annotations['callboard/faker-seed'],
    stateful: useLimiter !== undefined || stored || (choice === 'order' && responses.length > 1),
  }
  return { program: linking.failed ? undefined : program, findings: linking.findings, references: linking.references }
}

const subjects: readonly (readonly [field: keyof MockHttp, subject: ConditionSubject])[] = [
  ['conditions', 'body'],
  ['queryParams', 'query'],
  ['header', 'header'],
  ['cookies', 'cookie'],
  ['form', 'form'],
]

function compileConditions(http: MockHttp, linking: Linking): Condition[] {
  return subjects.flatMap(([field, subject]) => {
    const list = http[field] as MockHttp['conditions']
    return (list ?? []).flatMap((declared, index) => {
      const pointer = `/spec/http/${field}/${index}`
      const { path = '$', assertAction = 'equals', decode, sortArray = http.sortArray } = declared
      const { condition, findings } = compileCondition(
        {
          ...declared,
          path,
          assertAction,
          value: declared.value as Json | undefined,
          decode: decode || undefined,
          sortArray,
        },
        subject,
        (file) => linking.readFile(`${pointer}/valueFromFile`, file),
      )
      linking.add(pointer, findings satisfies readonly Finding[])
      return condition === undefined ? [] : [condition]
    })
  })
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
    const hint = 'write http:// or https://, a host, and a path when there is one'
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

function warnHiddenRoute({ route }: MockHttp, namespace: string, defaultNamespace: string, linking: Linking): void {
  if (namespace !== defaultNamespace || route === undefined || !/^\/stubs\/./.test(route)) return
  linking.warning(
    '/spec/http/route',
    'route-hidden',
    `a path that begins /stubs/ is read as a namespace, so this mock answers only at /stubs/${namespace}${route}`,
    'leave "/stubs/<namespace>" out of the route; it is put before it anyway',
  )
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

/** 0 stands for no limit. */
function positive(value: number | undefined): number | undefined {
  return value === undefined || value === 0 ? undefined : value
}
