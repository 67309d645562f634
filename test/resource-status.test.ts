// What is observed of resources that send, over a real engine.

import { expect, it } from 'vitest'
import { DeliveryOutcomes } from '../src/delivery-outcomes.js'
import type { Json } from '../src/expression/json.js'
import { ResourceStatuses } from '../src/resource-status.js'
import { type Resource, resourceId } from '../src/resources/resource.js'
import { SecretCheck } from '../src/secret-check.js'
import type { Delivery } from '../src/store/delivery.js'
import { type Behaviour, delivery, failed, ok, World } from './delivery/world.js'

function resource(kind: string, name: string, spec: Json = { url: 'https://a.example/hook' }): Resource {
  const where = { namespace: 'shop', name, file: 'a.yaml', line: 1 }
  return { id: resourceId(kind, 'shop', name), kind, labels: {}, annotations: {}, digest: '', spec, ...where }
}

const notify = resource('Callback', 'notify')
const pay = resource('Mock', 'pay', { webhooks: [{ url: 'https://a.example' }, { name: 'tell' }] })
const about = { namespace: 'shop', mock: 'pay', request: 'r1', generation: 2 }
const fromNotify = { ...about, callback: 'notify', declared: 'Callback' }

async function open({ env = {} }: { env?: Record<string, string> } = {}) {
  const suspended = new Set<string>()
  const parts: { outcomes?: DeliveryOutcomes } = {}
  const world = await World.start({
    breaker: { failures: 2, openMs: 30_000 },
    observer: {
      attempted: (one, attempt) => parts.outcomes?.attempted(one, attempt),
      changed: (one, state) => parts.outcomes?.changed(one, state),
    },
  })
  const { now } = world.clock
  const outcomes = new DeliveryOutcomes({ now })
  parts.outcomes = outcomes
  const statuses = new ResourceStatuses({
    observed: () => [],
    engine: world.engine,
    outcomes,
    secrets: new SecretCheck({ env, now }),
    isSuspended: (namespace) => suspended.has(namespace),
    generation: () => 7,
  })
  return {
    world,
    suspended,
    statuses,
    iso: (time = now()) => new Date(time).toISOString(),
    conditions: async (one: Resource) => (await statuses.conditions())(one),
    send: async (answer: Behaviour, fields: Partial<Delivery> = {}): Promise<Delivery> => {
      const one = delivery({ about: fromNotify, created: now(), ...fields })
      world.behaviours.set(one.target, answer)
      await world.accept(one)
      return one
    },
  }
}

it('knows nothing of what has not been sent, and says since when', async () => {
  const { conditions, statuses, iso } = await open()
  expect(await conditions(notify)).toEqual([
    {
      type: 'Delivering',
      status: 'Unknown',
      reason: 'NothingSent',
      message: `nothing has been sent since ${iso()}`,
      observedGeneration: 7,
      lastTransitionTime: iso(),
    },
  ])
  expect(await statuses.status(notify)).toEqual({
    since: iso(),
    callbacks: [
      { name: 'notify', lastSuccess: null, lastError: null, failuresInARow: 0, targets: [], moreTargets: false },
    ],
  })
})

it('has nothing to say of a resource that sends nothing', async () => {
  const { conditions, statuses } = await open()
  for (const one of [resource('Namespace', 'shop', {}), resource('Mock', 'quiet', { response: {} })]) {
    expect([await conditions(one), await statuses.status(one)]).toEqual([[], null])
  }
})

it('shows what went wrong, and what holds the target', async () => {
  const { world, conditions, statuses, send, iso } = await open()
  const start = iso()
  await send(() => ok)
  await world.clock.pass(1000)
  const failing = iso()
  const refused = failed({ class: 'network', message: 'connect ECONNREFUSED' })
  await send(() => refused)
  await world.clock.pass(1000)
  const last = await send(() => refused)
  expect(await conditions(notify)).toEqual([
    {
      type: 'Delivering',
      status: 'False',
      reason: 'Network',
      message: `the last 2 attempts failed, to https://a.example: connect ECONNREFUSED (delivery ${last.id}); the last success was at ${start}`,
      observedGeneration: 2,
      lastTransitionTime: failing,
    },
  ])
  expect(await statuses.status(notify)).toEqual({
    since: start,
    callbacks: [
      {
        name: 'notify',
        lastSuccess: start,
        lastError: {
          time: iso(),
          class: 'network',
          message: 'connect ECONNREFUSED',
          status: null,
          delivery: last.id,
        },
        failuresInARow: 2,
        targets: [
          {
            target: 'https://a.example',
            lastAttempt: iso(),
            gate: 'held',
            reason: 'breaker',
            until: iso(world.clock.now() + 30_000),
            breaker: 'open',
            rateUntil: null,
            inFlight: 0,
          },
        ],
        moreTargets: false,
      },
    ],
  })
  await world.clock.pass(30_000)
  const [{ targets: [probing] = [] } = {}] = (await statuses.status(notify))?.callbacks ?? []
  expect(probing).toMatchObject({ gate: 'open', breaker: 'half_open', reason: null, until: null })
  await send(() => ok)
  const [condition] = await conditions(notify)
  expect(condition).toMatchObject({ status: 'True', reason: 'Delivered', lastTransitionTime: iso() })
})

it('shows no breaker to a callback that asked for none', async () => {
  const { statuses, send } = await open()
  const refused = failed({ class: 'network', message: 'refused' })
  for (const _ of [1, 2]) await send(() => refused)
  await send(() => refused, { breaker: false, about: { ...fromNotify, callback: 'other' } })
  const [status] = (await statuses.status(resource('Callback', 'other')))?.callbacks ?? []
  expect(status?.targets).toMatchObject([{ gate: 'open', breaker: 'off' }])
})

it('shows what a target asked for, what its rate allows, and what goes on', async () => {
  const { world, statuses, send, iso } = await open()
  const theTarget = async () => (await statuses.status(notify))?.callbacks[0]?.targets[0]
  const limited = failed({ class: 'rate_limited', message: 'answered 429', retryAfterMs: 5000 })
  await send((_, attempt) => (attempt === 1 ? limited : ok))
  expect(await theTarget()).toMatchObject({
    gate: 'held',
    reason: 'retry_after',
    until: iso(world.clock.now() + 5000),
  })
  await world.clock.pass(10_000)
  expect(await theTarget()).toMatchObject({ gate: 'open' })
  world.admit = () => ({ go: true, rate: { count: 1, perMs: 60_000 } })
  await send(() => 'hang')
  await send(() => ok)
  expect(await theTarget()).toMatchObject({
    gate: 'held',
    reason: 'rate',
    rateUntil: iso(world.clock.now() + 60_000),
    inFlight: 1,
  })
})

it('shows that a suspended namespace holds everything', async () => {
  const { suspended, statuses, send } = await open()
  await send(() => ok)
  suspended.add('shop')
  const [status] = (await statuses.status(notify))?.callbacks ?? []
  expect(status?.targets).toMatchObject([{ gate: 'held', reason: 'suspend', until: null }])
})

it('says of a mock which of its callbacks fail', async () => {
  const { conditions, statuses, send } = await open()
  await send(() => ok, { about: { ...about, callback: '1' } })
  expect(await conditions(pay)).toMatchObject([{ type: 'Delivering', status: 'True' }])
  const bad = await send(() => failed({ status: 500 }), {
    about: { ...about, callback: 'tell' },
    target: 'https://b.example',
  })
  expect(await conditions(pay)).toMatchObject([
    {
      status: 'False',
      reason: 'Server',
      message: `1 of 2 callbacks fail; "tell": the last attempt failed, to https://b.example: answered 500 (delivery ${bad.id}); none has gone well`,
    },
  ])
  const names = (await statuses.status(pay))?.callbacks.map(({ name, failuresInARow }) => [name, failuresInARow])
  expect(names).toEqual([
    ['1', 0],
    ['tell', 1],
  ])
})

it('says which secrets are missing', async () => {
  const { conditions, iso } = await open({ env: { THERE: 'yes' } })
  const sign = (env: string) => ({ url: 'https://a.example', sign: { scheme: 'slack', secret: { env } } })
  expect((await conditions(resource('Callback', 'a', sign('MISSING'))))[0]).toEqual({
    type: 'SecretMissing',
    status: 'True',
    reason: 'NotFound',
    message: 'the environment variable MISSING is not set (/spec/sign/secret)',
    observedGeneration: 7,
    lastTransitionTime: iso(),
  })
  expect((await conditions(resource('Callback', 'b', sign('THERE'))))[0]).toMatchObject({
    type: 'SecretMissing',
    status: 'False',
    reason: 'Found',
  })
})
