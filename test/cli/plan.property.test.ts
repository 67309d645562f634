import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recipientChanges } from '../../src/cli/plan/recipients.js'
import { type RequestAnswer, routeChanges } from '../../src/cli/plan/routes.js'
import type { TableOptions } from '../../src/dispatcher/tables.js'
import { type Plan, plan } from '../../src/reconcile/plan.js'
import type { AskedRequest } from '../../src/resolver/asked-request.js'
import { writeReference } from '../../src/resources/kinds/reference.js'
import { Loader } from '../../src/resources/load.js'
import type { Resource, ResourceSet } from '../../src/resources/resource.js'
import { loadSettings } from '../../src/settings.js'
import { filesOf, world } from '../dispatcher/arbitrary-worlds.js'
import { snapshotOf } from '../resources/snapshot.js'
import { AppliedController } from './applied-controller.js'
import { edited, edits, mockFiles, mocks, namespaces, requests } from './arbitrary-mocks.js'

type Files = Readonly<Record<string, string>>

const settings = loadSettings({ env: {} })
const { defaultNamespace } = settings
const eventNamespaces = ['', 'shop', 'bank']

/** Two trees, of which the second is an edit of the first, and people who hear of things in each. */
const trees = fc
  .record({
    mocks,
    edit: edits,
    settings: fc.tuple(namespaces, namespaces),
    worlds: fc.tuple(world, world),
    isSameWorld: fc.boolean(),
    asked: fc.array(requests, { minLength: 30, maxLength: 40 }),
  })
  .map(({ mocks: before, edit, settings: [was, is], worlds: [first, second], isSameWorld, asked }) => ({
    base: { ...mockFiles(before, was), ...filesOf(first) },
    head: { ...mockFiles(edited(before, edit), is), ...filesOf(isSameWorld ? first : second) },
    customersEnabled: first.customersEnabled,
    asked,
  }))

/** Both sides as the command reads them; undefined where one would not be applied. */
async function load(base: Files, head: Files) {
  const loader = new Loader({ defaultNamespace, catalogues: [] })
  const read = async (files: Files): Promise<ResourceSet | undefined> => {
    const { resources, problems } = await loader.load(snapshotOf(files))
    return problems.some(({ severity }) => severity === 'error') ? undefined : resources
  }
  const [before, after] = [await read(base), await read(head)]
  return before === undefined || after === undefined ? undefined : { before, after }
}

function idsOf({ create, update, prune, move }: Plan) {
  const sorted = (ids: readonly string[]) => [...ids].sort()
  return {
    create: sorted(create.map(({ id }) => id)),
    update: sorted(update.map(({ after }) => after.id)),
    prune: sorted(prune.map(({ id }) => id)),
    move: sorted(move.map(({ from, to, declared }) => `${from.id} ${to.id} ${declared}`)),
  }
}

const mockOf = ({ mock }: RequestAnswer) => (mock === undefined ? null : writeReference(mock))

/** `channel user event namespace` of everybody who is told. */
async function toldBy(controller: AppliedController, events: readonly string[]): Promise<Set<string>> {
  const told = new Set<string>()
  for (const namespace of eventNamespaces) {
    for (const event of events) {
      for (const who of await controller.tells(event, namespace)) told.add(`${who} ${event} ${namespace}`)
    }
  }
  return told
}

/** What happened in all runs of a test. */
const nothingSeen = { requests: 0, changed: 0, recipients: 0, moves: 0, missed: 0 }

interface Case {
  readonly base: Files
  readonly head: Files
  readonly customersEnabled: boolean
  readonly asked: readonly AskedRequest[]
}

async function compare({ base, head, customersEnabled, asked }: Case, seen = { ...nothingSeen }): Promise<void> {
  const sides = await load(base, head)
  fc.pre(sides !== undefined)
  const { before, after } = sides
  const tables: TableOptions = { catalogues: [], customersEnabled }
  const difference = plan(after, before)
  const routes = await routeChanges(difference, before, after, defaultNamespace)
  const { recipients, notComputed } = await recipientChanges(difference, before, after, tables)
  expect(notComputed).toEqual([])

  const controller = new AppliedController(settings, tables)
  try {
    const events = [...new Set([...before.values(), ...after.values()])]
      .filter(({ kind }) => kind === 'EventType')
      .map(({ spec }) => (spec as { readonly id: string }).id)
    const all = [...asked, ...routes.requests.map(({ request }) => unmasked(request))]
    expect(await controller.start(base)).toBe('applied')
    const answeredBefore = await Promise.all(all.map((one) => controller.asks(one)))
    const sentBefore = await sendAll(
      controller,
      routes.requests.map(({ request }) => unmasked(request)),
    )
    const toldBefore = await toldBy(controller, events)

    const outcome = await controller.apply(head)
    expect(outcome === 'applied' || outcome === 'unchanged').toBe(true)
    if (outcome === 'applied') expect(idsOf(controller.plan as Plan)).toEqual(idsOf(difference))
    expect(controller.mocks().sort()).toEqual(namesOf(after))

    // Each request that was predicted went, and goes, where it was said to.
    const sentAfter = await sendAll(
      controller,
      routes.requests.map(({ request }) => unmasked(request)),
    )
    for (const [at, change] of routes.requests.entries()) {
      for (const [answer, sent] of [[change.before, sentBefore[at]] as const, [change.after, sentAfter[at]] as const]) {
        expect(sent?.mock ?? null, JSON.stringify(change.request)).toBe(mockOf(answer))
        expect(answer.statuses).toContain(sent?.status)
      }
      seen.requests += 1
    }

    // A request at random that goes elsewhere goes a way that was predicted, mostly.
    const ways = new Set(routes.requests.map((change) => `${mockOf(change.before)} → ${mockOf(change.after)}`))
    const moved = new Map(difference.move.map(({ from, to }) => [writeReference(from), writeReference(to)]))
    for (const [at, one] of asked.entries()) {
      const was = answeredBefore[at] ?? null
      const is = await controller.asks(one)
      if (is === (was === null ? null : (moved.get(was) ?? was))) continue
      seen.changed += 1
      if (!ways.has(`${was} → ${is}`)) seen.missed += 1
    }

    const toldAfter = await toldBy(controller, events)
    const said = { newly: new Set<string>(), noLonger: new Set<string>() }
    const spokenOf = new Set(['', ...[...before.values(), ...after.values()].flatMap(placeOfRule)])
    for (const { channel, user = '', newly, noLonger } of recipients) {
      for (const [events_, into] of [[newly, said.newly] as const, [noLonger, said.noLonger] as const]) {
        for (const { event, namespace } of events_) into.add(`${channel} ${user} ${event} ${namespace}`)
      }
    }
    const inSpokenOf = (key: string) => spokenOf.has(key.split(' ')[3] ?? '')
    const without = (one: Set<string>, other: Set<string>) =>
      [...one].filter((key) => !other.has(key) && inSpokenOf(key))
    expect([...said.newly].sort()).toEqual(without(toldAfter, toldBefore).sort())
    expect([...said.noLonger].sort()).toEqual(without(toldBefore, toldAfter).sort())
    seen.recipients += said.newly.size + said.noLonger.size
    seen.moves += difference.move.length
  } finally {
    await controller.close()
  }
}

const ruling = new Set(['Channel', 'UserBinding', 'Preference', 'EventType'])

/** In all other namespaces the same is decided as in none. */
function placeOfRule({ kind, namespace }: Resource): string[] {
  return ruling.has(kind) ? [namespace] : []
}

/** What is not shown of a request is what the mocks here ask for. */
function unmasked(asked: AskedRequest): AskedRequest {
  return { ...asked, headers: asked.headers.map(([name, value]) => [name, value === '******' ? 'Bearer' : value]) }
}

async function sendAll(controller: AppliedController, all: readonly AskedRequest[]) {
  return Promise.all(all.map((one) => controller.send(one)))
}

function namesOf(resources: ResourceSet): string[] {
  return [...resources.values()]
    .filter(({ kind }) => kind === 'Mock')
    .map(writeReference)
    .sort()
}

describe('what a plan predicts', () => {
  it('is what applying does: documents, answers to requests, and who hears of what', async () => {
    await fc.assert(
      fc.asyncProperty(trees, (trees) => compare(trees)),
      { numRuns: 200 },
    )
  }, 120_000)

  it('is nearly all that happens to requests which nobody had thought of', async () => {
    // Always the same trees: what no request was made for is rare, and comes in clusters.
    const seen = { ...nothingSeen }
    await fc.assert(
      fc.asyncProperty(trees, (trees) => compare(trees, seen)),
      { numRuns: 100, seed: 11 },
    )
    expect(Math.min(seen.requests, seen.changed, seen.recipients, seen.moves)).toBeGreaterThan(20)
    expect(seen.missed).toBeLessThan(seen.changed * 0.03)
  }, 120_000)
})
