import { describe, expect, it } from 'vitest'
import { createEngine, type Engine } from '../../src/delivery/engine.js'
import type { StatusPayload, StatusTarget } from '../../src/forge/commit-status.js'
import { CommitStatuses } from '../../src/forge/commit-statuses.js'
import { github } from '../../src/forge/statuses/github.js'
import type { Outcome, OutcomeKind } from '../../src/reconcile/history.js'
import type { Problem } from '../../src/resources/problem.js'
import { openDeliveries } from '../../src/store/deliveries.js'
import type { Delivery } from '../../src/store/delivery.js'
import { memoryStore } from '../../src/store/memory.js'
import { type Store, StoreUnavailable } from '../../src/store/store.js'
import { Clock, settled } from '../delivery/clock.js'
import { failed, ok } from '../delivery/world.js'

const target: StatusTarget = {
  type: github,
  api: 'https://api.github.com',
  repository: 'acme/config',
  context: 'callboard/sync',
  token: { env: 'TOKEN' },
}
const id = (letter: string) => letter.repeat(40)
const revision = (letter: string) => `main@sha1:${id(letter)}`
const seen = (letter: string) => ({ revision: revision(letter), commit: id(letter) })

function outcome(kind: OutcomeKind, letter: string, changes: Partial<Outcome> = {}): Outcome {
  return {
    outcome: kind,
    generation: kind === 'applied' ? 1 : null,
    revision: revision(letter),
    commit: {
      id: id(letter),
      author: { name: 'Ann', email: 'a@example.com' },
      date: '2026-01-01T00:00:00Z',
      subject: '',
    },
    time: '2026-01-01T00:00:00Z',
    reason: 'Succeeded',
    message: '1 created',
    durationMs: 1,
    changes: [],
    problems: [],
    ...changes,
  }
}

const problem = (line: number, message: string, severity: 'error' | 'warning' = 'error'): Problem => ({
  rule: 'r',
  severity,
  file: 'mocks/a.yaml',
  line,
  column: 1,
  endLine: line,
  endColumn: 2,
  pointer: '',
  message,
})

class World {
  readonly clock = new Clock()
  readonly store = memoryStore()
  readonly warnings: string[] = []
  readonly sent: string[] = []
  answer: (delivery: Delivery) => ReturnType<typeof failed> | typeof ok = () => ok
  fault: Error | undefined
  statuses!: CommitStatuses
  #engine: Engine | undefined

  static async start(): Promise<World> {
    const world = new World()
    await world.begin()
    return world
  }

  /** A process over the same store, after the end of the one before. */
  async begin(
    changes: Partial<StatusTarget> = {},
    more: { readonly targetUrl?: string; readonly isBranch?: boolean } = {},
  ): Promise<void> {
    await this.#engine?.close(0)
    const { now, timer } = this.clock
    const store: Pick<Store, 'list' | 'transact'> = {
      list: (prefix, page) => this.store.list(prefix, page),
      transact: (scopes, work) =>
        this.fault === undefined ? this.store.transact(scopes, work) : Promise.reject(this.fault),
    }
    const engine = createEngine({
      deliveries: openDeliveries(this.store, { now, timer }),
      transports: new Map([
        [
          'commit-status',
          {
            send: async (delivery: Delivery) => {
              const { sha, state, description } = delivery.payload as unknown as StatusPayload
              this.sent.push(`${sha.slice(0, 1)} ${state}: ${description}`)
              return this.answer(delivery)
            },
          },
        ],
      ]),
      now,
      timer,
      random: () => 0.5,
      poolSize: 10,
    })
    this.#engine = engine
    await engine.start()
    this.statuses = new CommitStatuses({
      target: { ...target, ...changes },
      isBranch: true,
      ...more,
      engine,
      store,
      now,
      maxAgeMs: 3_600_000,
      onWarning: (_, message) => void this.warnings.push(message),
    })
  }

  async settle(): Promise<string[]> {
    await this.statuses.settled()
    await settled()
    return this.sent.splice(0)
  }
}

describe('commit statuses', () => {
  it('are pending once a commit is seen, then say how it ended', async () => {
    const { statuses, settle } = bound(await World.start())
    statuses.seen(seen('a'), false)
    statuses.ended(outcome('applied', 'a'))
    statuses.seen(seen('b'), false)
    statuses.ended(
      outcome('rejected', 'b', { problems: [problem(3, 'a hint', 'warning'), problem(12, 'unknown field "x"')] }),
    )
    expect(await settle()).toEqual([
      'a pending: looking at it',
      'a success: applied: 1 created',
      'b pending: looking at it',
      'b failure: mocks/a.yaml:12 unknown field "x"',
    ])
  })

  const failures: [name: string, outcome: Outcome, description: string][] = [
    ['one error', outcome('rejected', 'a', { problems: [problem(3, 'no')] }), 'mocks/a.yaml:3 no'],
    [
      'several',
      outcome('rejected', 'a', { problems: [problem(3, 'no'), problem(4, 'nor')] }),
      '2 errors: mocks/a.yaml:3 no',
    ],
    [
      'warnings in strict mode',
      outcome('rejected', 'a', { problems: [problem(3, 'hm', 'warning')] }),
      'mocks/a.yaml:3 hm',
    ],
    [
      'a prune budget',
      outcome('rejected', 'a', { reason: 'DeletionBudgetExceeded', message: '9 of 12 would be pruned' }),
      '9 of 12 would be pruned',
    ],
    [
      'a signature',
      outcome('rejected', 'a', { reason: 'Unverified', message: 'commit aaaa is not signed' }),
      'commit aaaa is not signed',
    ],
    [
      'a failure of our own',
      outcome('failed', 'a', { message: 'the resolver cannot take it' }),
      'the resolver cannot take it',
    ],
  ]
  it.each(failures)('name the reason: %s', async (_, ended, description) => {
    const { statuses, settle } = bound(await World.start())
    statuses.ended(ended)
    expect(await settle()).toEqual([`a failure: ${description}`])
  })

  it('are not told where there is no commit, or nothing was looked at', async () => {
    const { statuses, settle } = bound(await World.start())
    const { commit: _, ...folder } = outcome('applied', 'a')
    statuses.ended(folder)
    statuses.ended({ ...folder, outcome: 'failed', revision: null })
    statuses.ended(outcome('suspended', 'a'))
    expect(await settle()).toEqual([])
  })

  it('are told once, however often it is looked, and after a restart', async () => {
    const world = await World.start()
    for (let look = 0; look < 3; look += 1) {
      world.statuses.seen(seen('a'), false)
      world.statuses.ended(outcome('rejected', 'a', { problems: [problem(1, 'no')] }))
    }
    expect(await world.settle()).toEqual(['a pending: looking at it', 'a failure: mocks/a.yaml:1 no'])
    await world.begin()
    world.statuses.seen(seen('a'), false)
    world.statuses.ended(outcome('rejected', 'a', { problems: [problem(1, 'no')] }))
    expect(await world.settle()).toEqual([])
    world.statuses.ended(outcome('applied', 'a'))
    world.statuses.ended(outcome('unchanged', 'a'))
    expect(await world.settle()).toEqual(['a success: applied: 1 created'])
    await world.begin()
    world.statuses.ended(outcome('unchanged', 'a'))
    expect(await world.settle()).toEqual([])
  })

  it('tell the outcome after a restart when the process ended before it could', async () => {
    const world = await World.start()
    world.statuses.seen(seen('a'), false)
    await world.settle()
    await world.begin()
    world.statuses.ended(outcome('unchanged', 'a'))
    expect(await world.settle()).toEqual(['a success: applied'])
  })

  it('of one commit keep their order while the host is away, so that pending is never the last word', async () => {
    const world = await World.start()
    let isAway = true
    world.answer = () => (isAway ? failed() : ok)
    world.statuses.seen(seen('a'), false)
    world.statuses.ended(outcome('applied', 'a'))
    await world.settle()
    await world.clock.pass(60_000)
    expect(new Set(world.sent.splice(0))).toEqual(new Set(['a pending: looking at it']))
    isAway = false
    await world.clock.pass(3_600_000)
    expect(world.sent).toEqual(['a pending: looking at it', 'a success: applied: 1 created'])
  })

  it('say while nothing is applied that a commit was seen, and what became of it once it goes on', async () => {
    const { statuses, settle } = bound(await World.start())
    statuses.seen(seen('a'), true)
    expect(await settle()).toEqual(['a pending: seen; applying is suspended, until `callboard resume`'])
    statuses.seen(seen('a'), false)
    statuses.ended(outcome('applied', 'a'))
    expect(await settle()).toEqual(['a success: applied: 1 created'])
  })

  it('of another context or repository are others', async () => {
    const world = await World.start()
    world.statuses.ended(outcome('applied', 'a'))
    await world.settle()
    for (const changes of [{ context: 'callboard/eu' }, { repository: 'acme/other' }]) {
      await world.begin(changes)
      world.statuses.ended(outcome('unchanged', 'a'))
      expect(await world.settle()).toEqual(['a success: applied'])
    }
    // Names of contexts are the same in any case, at GitHub.
    await world.begin({ context: 'Callboard/Sync' })
    world.statuses.ended(outcome('unchanged', 'a'))
    expect(await world.settle()).toEqual([])
  })

  it('that cannot be recorded are told of, and said at the next look', async () => {
    const world = await World.start()
    world.fault = new StoreUnavailable('no space left on device')
    world.statuses.ended(outcome('applied', 'a'))
    expect(await world.settle()).toEqual([])
    expect(world.warnings).toEqual([`the success status of ${revision('a')} is not told`])
    world.fault = undefined
    world.statuses.ended(outcome('unchanged', 'a'))
    expect(await world.settle()).toEqual(['a success: applied'])
  })

  it('are remembered of the last hundred commits', async () => {
    const world = await World.start()
    for (let number = 0; number < 150; number += 1) {
      const commit = number.toString(16).padStart(40, '0')
      world.statuses.seen({ revision: `main@sha1:${commit}`, commit }, false)
    }
    await world.settle()
    expect(world.store.list('forge/status/')).toHaveLength(100)
    expect(world.statuses.newest((149).toString(16).padStart(40, '0'))).toBe(1)
    expect(world.statuses.newest((0).toString(16).padStart(40, '0'))).toBeUndefined()
  })

  it('link to where the settings say, and name the branch where there is one', async () => {
    const world = await World.start()
    const payloads: StatusPayload[] = []
    world.answer = ({ payload }) => {
      payloads.push(payload as unknown as StatusPayload)
      return ok
    }
    await world.begin({}, { targetUrl: 'https://callboard.example/api/v1/revisions/{revision}?c={commit}' })
    world.statuses.seen(seen('a'), false)
    await world.settle()
    await world.begin({}, { isBranch: false })
    world.statuses.seen({ revision: `v1.2@sha1:${id('b')}`, commit: id('b') }, false)
    await world.settle()
    expect(payloads[0]).toMatchObject({
      targetUrl: `https://callboard.example/api/v1/revisions/main%40sha1%3A${id('a')}?c=${id('a')}`,
      ref: 'main',
    })
    expect(payloads[1]).not.toHaveProperty('ref')
    expect(payloads[1]).not.toHaveProperty('targetUrl')
  })
})

function bound(world: World) {
  return { statuses: world.statuses, settle: () => world.settle() }
}
