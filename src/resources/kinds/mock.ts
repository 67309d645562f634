import { type Condition, type ConditionSubject, compileCondition } from '../../expression/condition.js'
import type { Json } from '../../expression/json.js'
import type { MockHttp, MockSpec } from '../generated/mock.js'
import type { Finding } from '../problem.js'
import type { LinkContext, Linked, LinkInput } from './kind.js'
import { LinkedMockProgram } from './linked-mock-program.js'
import { Linking } from './linking.js'
import { compileAnswers } from './mock-answers.js'
import { orderOf } from './mock-order.js'
import type { MockProgram } from './mock-program.js'
import { parseRoute } from './mock-route.js'

export interface LinkedProgram extends Linked {
  readonly program: MockProgram | undefined
}

/**
 * Links a Mock that passed validation. What tells it from other mocks is compiled here; its answers are compiled to find
 * what is wrong with them, and again when the first request asks for one: of thousands of mocks most are never called
 * between two edits.
 */
export function linkMock(
  input: Pick<LinkInput, 'namespace' | 'name' | 'annotations' | 'spec' | 'settled'>,
  context: LinkContext,
): LinkedProgram {
  const { namespace, name, settled = false } = input
  // The schema has been held against it, and the type is made from the schema.
  const spec = input.spec as unknown as MockSpec
  const linking = new Linking(context)

  const { route, findings } = parseRoute(spec.http.route, spec.http.routePattern, settled)
  linking.add('', findings)
  const hideable = spec.http.route?.startsWith(namespaced) === true
  if (hideable) warnHiddenRoute(spec.http.route ?? '', namespace, context.defaultNamespace, linking)
  const conditions = compileConditions(spec.http, linking, settled)
  if (!settled) compileAnswers(spec, linking)
  const priority = spec.priority ?? 0
  const method = spec.http.httpMethod
  const order = orderOf({ priority, route, method, conditions: conditions.length, name })
  const claim = { route, method, priority, conditions, order, useLimiter: spec.useLimiter, ttl: spec.ttl }
  return {
    program: linking.failed ? undefined : new LinkedMockProgram(claim, input, context),
    findings: linking.findings,
    references: linking.references,
    // The same would be found with whatever settings and files.
    settled:
      settled ||
      (linking.findings.length === 0 && linking.references.length === 0 && !linking.uses.has('env') && !hideable),
  }
}

const subjects: readonly (readonly [field: keyof MockHttp, subject: ConditionSubject])[] = [
  ['conditions', 'body'],
  ['queryParams', 'query'],
  ['header', 'header'],
  ['cookies', 'cookie'],
  ['form', 'form'],
]

const noConditions: readonly Condition[] = []

function compileConditions(http: MockHttp, linking: Linking, settled: boolean): readonly Condition[] {
  let compiled: Condition[] | undefined
  for (const [field, subject] of subjects) {
    const list = (http[field] ?? []) as NonNullable<MockHttp['conditions']>
    for (const [index, declared] of list.entries()) {
      const pointer = `/spec/http/${field}/${index}`
      const { path = '$', assertAction = 'equals', valueFromFile, decode, sortArray = http.sortArray } = declared
      const value = declared.value as Json | undefined
      const { condition, findings } = compileCondition(
        { path, assertAction, value, valueFromFile, decode: decode || undefined, sortArray },
        subject,
        (file) => linking.readFile(`${pointer}/valueFromFile`, file),
        settled,
      )
      linking.add(pointer, findings satisfies readonly Finding[])
      if (condition !== undefined) {
        compiled ??= []
        compiled.push(condition)
      }
    }
  }
  return compiled ?? noConditions
}

/** A path that begins so names its namespace. */
const namespaced = '/stubs/'

function warnHiddenRoute(route: string, namespace: string, defaultNamespace: string, linking: Linking): void {
  if (namespace !== defaultNamespace || !/^\/stubs\/./.test(route)) return
  linking.warning(
    '/spec/http/route',
    'route-hidden',
    `a path that begins /stubs/ is read as a namespace, so this mock answers only at /stubs/${namespace}${route}`,
    'leave "/stubs/<namespace>" out of the route; it is put before it anyway',
  )
}
