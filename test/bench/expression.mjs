// Cost of compiling and rendering templates: `npm run build && node test/bench/expression.mjs`.
import { compilePath } from '../../dist/expression/path.js'
import { compileTemplate } from '../../dist/expression/template.js'

const empty = { get: () => undefined, entries: () => ({}) }
const scope = {
  req: { amount: 2500, currency: 'usd', customer: { id: 'c-1' }, items: [{ price: 1 }, { price: 200 }] },
  reqHeader: { 'x-env': ['test'] },
  queryParams: {},
  pathParam: { id: '42' },
  mS: empty,
  cS: empty,
  gS: empty,
  namespace: 'payments',
  now: () => new Date(0),
  random: Math.random,
}
const options = { env: {} }
const five = {
  id: 'pi_1',
  amount: '$.req.amount',
  currency: '$.req.currency',
  customer: '$.req.customer.id',
  order: 'order-$.pathParam.id',
}
const withId = { ...five, id: 'pi_$.fake.UUID' }

function measure(name, work) {
  for (let i = 0; i < 20_000; i += 1) work()
  const rounds = []
  for (let round = 0; round < 9; round += 1) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < 50_000; i += 1) work()
    rounds.push(Number(process.hrtime.bigint() - start) / 50_000)
  }
  rounds.sort((a, b) => a - b)
  console.log(`${name.padEnd(44)} ${(rounds[4] / 1000).toFixed(3)} µs`)
}

const template = compileTemplate(five, options).template
const identified = compileTemplate(withId, options).template
const filter = compilePath('$.items[?(@.price > 100)]')
const plain = compilePath('$.customer.id')
const hand = () =>
  JSON.stringify({
    id: 'pi_1',
    amount: scope.req.amount,
    currency: scope.req.currency,
    customer: scope.req.customer.id,
    order: `order-${scope.pathParam.id}`,
  })
measure('hand-written JSON.stringify, 5 fields', hand)
measure('renderJson, 5 fields', () => template.renderJson(scope))
measure('render + JSON.stringify, 5 fields', () => JSON.stringify(template.render(scope)))
measure('renderJson, 5 fields with a UUID', () => identified.renderJson(scope))
measure('plain path', () => plain.get(scope.req))
measure('filter path', () => filter.get(scope.req))
measure('compile, 5 fields', () => compileTemplate(five, options))
