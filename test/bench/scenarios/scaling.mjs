// What a request costs among few mocks and among many.
import { join } from 'node:path'
import { writeJsonFiles } from '../corpus/files.mjs'
import { padded, routePath, routePayload } from '../corpus/routes.mjs'
import { startCallboard } from '../harness/callboard.mjs'
import { Child, pathOf } from '../harness/child.mjs'
import { comparison } from '../harness/comparison.mjs'
import { alternate } from '../harness/rounds.mjs'

const few = 10
const many = 10_000
const target = 1.1

export const title = 'Scaling: CPU per request among many mocks'

export async function run(context) {
  return [...(await distinctRoutes(context)), ...(await oneRoute(context))]
}

async function distinctRoutes(context) {
  const servers = {}
  try {
    for (const count of [few, 1_000, many])
      servers[count] = await serve(context, `routes-${count}`, numbers(count).map(routeMock))
    const answered = await measure(context, servers, (count) => ({
      requests: numbers(count).map(routeRequest),
      status: 200,
    }))
    const koa = await koaWithMap(context)
    const nothing = () => ({ requests: [{ path: '/v1/unheard-of/00001' }], status: 404 })
    const unmatched = await measure(context, pick(servers, [few, many]), nothing)
    return [
      ratio('1,000 distinct routes over 10', answered, 1_000),
      ratio('10,000 distinct routes over 10', answered, many),
      comparison({
        scenario: 'scaling',
        name: 'the same for Koa with a Map: what cold memory costs',
        measured: koa,
        of: String(many),
        over: String(few),
      }),
      ratio('404 among 10,000 routes over among 10', unmatched, many),
    ]
  } finally {
    for (const server of Object.values(servers)) await server.stop()
  }
}

/** The same answers from a `Map` in Koa: no server can look up ten thousand things for less. */
async function koaWithMap({ effort }) {
  const servers = {}
  try {
    for (const count of [few, many]) {
      const child = new Child('koa', pathOf('../baselines/koa-map.mjs', import.meta.url), [String(count)])
      servers[count] = { child, ...(await child.message(({ url }) => url !== undefined)) }
    }
    return await measure({ effort }, servers, (count) => ({ requests: numbers(count).map(routeRequest), status: 200 }))
  } finally {
    for (const { child } of Object.values(servers)) await child.stop()
  }
}

async function oneRoute(context) {
  const servers = {}
  try {
    for (const count of [few, many])
      servers[count] = await serve(context, `one-route-${count}`, numbers(count).map(conditionMock))
    const findings = []
    for (const [kind, { asks }] of Object.entries(conditionKinds)) {
      const own = (count) => numbers(count).filter((number) => conditionKindOf(number) === kind)
      const measured = await measure(context, servers, (count) => ({ requests: own(count).map(asks), status: 200 }))
      findings.push(ratio(`one route, told apart by ${kind}: 10,000 over 10`, measured, many))
    }
    const nothing = () => ({ requests: [conditionRequest({})], status: 404 })
    findings.push(ratio('404 on one route with 10,000 mocks over 10', await measure(context, servers, nothing), many))
    return findings
  } finally {
    for (const server of Object.values(servers)) await server.stop()
  }
}

function serve({ workspace, profile }, name, resources) {
  const directory = join(workspace, name)
  writeJsonFiles(directory, resources)
  return startCallboard({ directory, workspace, profile })
}

async function measure({ effort }, servers, plan) {
  const contenders = Object.entries(servers).map(([name, { child, url }]) => {
    const { requests, status } = plan(Number(name))
    return { name, child, url, requests: shuffled(requests), expect: { status } }
  })
  const measured = await alternate(contenders, effort.scaling)
  for (const [name, { first }] of Object.entries(measured)) {
    const { status } = plan(Number(name))
    if (first.status !== status) throw new Error(`${name} mocks: ${first.status} instead of ${status}: ${first.body}`)
  }
  return measured
}

function ratio(name, measured, of) {
  return comparison({ scenario: 'scaling', name, measured, of: String(of), over: String(few), target })
}

const numbers = (count) => Array.from({ length: count }, (_, index) => index)
const pick = (object, keys) => Object.fromEntries(keys.map((key) => [key, object[key]]))

function routeMock(number) {
  return mock(`route-${padded(number)}`, { route: routePath(number), httpMethod: 'GET' }, number)
}

function routeRequest(number) {
  return { path: routePath(number) }
}

/** Mocks on one route, a third each told apart by a body field, a header and a query parameter. */
const conditionKinds = {
  body: {
    declares: (key) => ({ conditions: [{ path: '$.order', assertAction: 'equals', value: key }] }),
    asks: (number) => conditionRequest({ body: padded(number) }),
  },
  header: {
    declares: (key) => ({ header: [{ path: 'X-Tenant', assertAction: 'equals', value: key }] }),
    asks: (number) => conditionRequest({ header: padded(number) }),
  },
  query: {
    declares: (key) => ({ queryParams: [{ path: 'region', assertAction: 'equals', value: key }] }),
    asks: (number) => conditionRequest({ query: padded(number) }),
  },
}

function conditionKindOf(number) {
  return Object.keys(conditionKinds)[number % 3]
}

function conditionMock(number) {
  const conditions = conditionKinds[conditionKindOf(number)].declares(padded(number))
  return mock(`condition-${padded(number)}`, { route: '/v1/orders', httpMethod: 'POST', ...conditions }, number)
}

function conditionRequest({ body = 'none!', header = 'none!', query = 'none!' }) {
  return {
    method: 'POST',
    path: `/v1/orders?region=${query}`,
    headers: { 'content-type': 'application/json', 'x-tenant': header },
    body: JSON.stringify({ order: body, amount: 12950, currency: 'eur' }),
  }
}

function mock(name, http, number) {
  const spec = { http, response: { payload: routePayload(number) } }
  return { apiVersion: 'callboard/v1', kind: 'Mock', metadata: { name }, spec }
}

/** The same order each time, and not the one in which mocks were declared. */
function shuffled(list) {
  const result = [...list]
  let state = 42
  for (let at = result.length - 1; at > 0; at -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const other = state % (at + 1)
    ;[result[at], result[other]] = [result[other], result[at]]
  }
  return result
}
