import { describe, expect, it } from 'vitest'
import { AuditLog, type AuditLogOptions, actionOf } from '../src/audit-log.js'
import type { Change, Outcome } from '../src/reconcile/history.js'
import { kinds } from '../src/resources/kinds/index.js'
import type { AuditEntry } from '../src/status/audit-views.js'
import { noteAnnouncement } from '../src/store/announcements.js'
import { memoryStore } from '../src/store/memory.js'
import { SimulatedDisk } from './store/simulated-disk.js'

const noon = '2026-01-31T12:00:00.000Z'

const change = (name: string, changes: Partial<Change> = {}): Change => ({
  operation: 'create',
  kind: 'Channel',
  namespace: '',
  name,
  type: 'slack',
  enabled: true,
  ...changes,
})

/** What a reconciler remembers, and where the log is kept. */
class World {
  outcomes: Outcome[] = []
  disk = new SimulatedDisk()
  store = memoryStore({ epoch: 'first' })
  warnings: string[] = []

  apply(...changes: readonly Change[]): void {
    const generation = this.#generation + 1
    this.outcomes.unshift({ ...this.#outcome, generation, revision: `sha256:${generation}`, changes })
  }

  get #generation(): number {
    return this.outcomes.find(({ generation }) => generation !== null)?.generation ?? 0
  }

  get #outcome(): Outcome {
    return {
      outcome: 'applied',
      generation: null,
      revision: null,
      time: noon,
      reason: 'Succeeded',
      message: '',
      durationMs: 1,
      changes: [],
      problems: [],
    }
  }

  reject(): void {
    this.outcomes.unshift({ ...this.#outcome, outcome: 'rejected', changes: [change('never')] })
  }

  open(options: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
    return AuditLog.open({
      stateDir: 'state',
      disk: this.disk,
      store: this.store,
      history: {
        outcomes: ({ limit, before = 0 }) => {
          const items = this.outcomes.slice(before, before + limit)
          return { items, ...(before + limit < this.outcomes.length && { next: before + limit }) }
        },
        applied: () => {
          const generation = this.#generation
          return generation === 0 ? undefined : { generation, revision: `sha256:${generation}` }
        },
      },
      now: () => new Date(noon),
      onWarning: (message) => this.warnings.push(message),
      ...options,
    })
  }
}

/** Oldest first. */
async function written(log: AuditLog): Promise<AuditEntry[]> {
  const all: AuditEntry[] = []
  for (let after: string | undefined; ; ) {
    const page = await log.list({}, { limit: 3, ...(after !== undefined && { after }) })
    all.push(...page.items)
    if (page.next === undefined) return all.reverse()
    after = page.next
  }
}

const told = async (log: AuditLog) =>
  (await written(log)).map(({ action, name, generation }) => `${generation} ${action} ${name ?? '-'}`)

const operator = { address: '127.0.0.1', outcome: 'done' } as const

describe('the audit log', () => {
  it('says of each change who did what to which thing under which revision', async () => {
    const world = new World()
    const log = await world.open()
    world.apply(
      change('ops'),
      change('alerts', { operation: 'update', namespace: 'shop', enabled: false }),
      change('old', { operation: 'prune', type: 'telegram' }),
    )
    await log.catchUp()
    const [created, ...others] = await written(log)
    expect(created).toEqual({
      id: '1',
      time: noon,
      action: 'create_notification_channel',
      kind: 'Channel',
      namespace: '',
      name: 'ops',
      type: 'slack',
      enabled: true,
      from: null,
      actor: { name: 'source', address: null },
      revision: 'sha256:1',
      commit: null,
      generation: 1,
      outcome: 'done',
      details: {},
    })
    expect(others).toMatchObject([
      { id: '2', action: 'update_notification_channel', namespace: 'shop', name: 'alerts', enabled: false },
      { id: '3', action: 'delete_notification_channel', name: 'old', type: 'telegram' },
    ])
  })

  it.each([
    ['create', 'Channel', 'create_notification_channel'],
    ['restore', 'Channel', 'create_notification_channel'],
    ['update', 'Channel', 'update_notification_channel'],
    ['move', 'UserBinding', 'update_user_binding'],
    ['prune', 'EventType', 'delete_event_type'],
    ['create', 'Mock', 'create_mock'],
    ['update', 'NamespaceWebhook', 'update_namespace_webhook'],
  ] as const)('calls a %s of a %s %s', (operation, kind, action) => {
    expect(actionOf(operation, kind)).toBe(action)
  })

  it('has an action of its own for every kind', () => {
    const actions = [...kinds.keys()].map((kind) => actionOf('create', kind))
    expect(new Set(actions).size).toBe(kinds.size)
    for (const action of actions) expect(action).toMatch(/^create_[a-z]+(_[a-z]+)*$/)
  })

  it('has what was applied, not what was looked at, nor what only returns to service', async () => {
    const world = new World()
    const log = await world.open()
    world.apply(change('a'))
    world.reject()
    world.apply(change('b', { again: true }), change('c'))
    world.apply(change('d', { again: true }))
    await log.catchUp()
    await log.catchUp()
    expect(await told(log)).toEqual(['1 create_notification_channel a', '2 create_notification_channel c'])
  })

  it('begins with what the history remembers, and after each start goes on where it was', async () => {
    const world = new World()
    world.apply(change('a'))
    world.apply(change('b'))
    const first = await world.open()
    expect(await told(first)).toHaveLength(2)
    world.apply(change('c'), change('d'))
    const second = await world.open()
    await second.catchUp()
    expect((await told(second)).map((text) => text.at(-1))).toEqual(['a', 'b', 'c', 'd'])
    expect(await told(await world.open())).toHaveLength(4)
  })

  it.each(['kill', 'power'] as const)('has every change once, after a %s at any step', async (kind) => {
    for (let at = 0; ; at += 1) {
      const world = new World()
      world.disk.crashAfter = at
      const work = (async () => {
        const log = await world.open({ fileBytes: 500 })
        for (const name of ['a', 'b', 'c']) {
          world.apply(change(`${name}1`), change(`${name}2`))
          await log.catchUp()
          await log.record({ action: 'suspend', ...operator })
        }
        return true
      })()
      const done = await Promise.race([work, new Promise<false>((resolve) => setImmediate(resolve, false))])
      world.disk = world.disk.afterCrash(kind)
      const log = await world.open({ fileBytes: 500 })
      const names = (await written(log)).flatMap(({ name }) => (name === null ? [] : [name]))
      expect(names, `step ${at}`).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2'].slice(0, world.outcomes.length * 2))
      if (done) return
    }
  })

  it('writes what it could not write once it can', async () => {
    const world = new World()
    const log = await world.open()
    world.disk.fault = (step) => (step === 'sync' ? 'ENOSPC' : undefined)
    world.apply(change('a'))
    await log.catchUp()
    await log.record({ action: 'reset', ...operator })
    expect(await told(log)).toEqual([])
    expect(world.warnings.at(-1)).toContain('ENOSPC')
    world.disk.fault = () => undefined
    world.apply(change('b'))
    await log.catchUp()
    await log.record({ action: 'suspend', ...operator })
    expect(await told(log)).toEqual([
      '1 create_notification_channel a',
      '2 create_notification_channel b',
      '1 reset -',
      '2 suspend -',
    ])
  })

  it('has the operations, who asked for them from where, and what came of them', async () => {
    const world = new World()
    const log = await world.open()
    await log.record({ action: 'suspend', ...operator })
    world.apply(change('a'))
    await log.record({
      action: 'requeue_delivery',
      kind: 'Delivery',
      name: 'd1',
      details: { round: 2 },
      address: '10.0.0.7',
      outcome: 'refused',
    })
    expect(await written(log)).toMatchObject([
      { action: 'suspend', kind: null, name: null, revision: null, actor: { name: 'operator', address: '127.0.0.1' } },
      { action: 'create_notification_channel' },
      {
        action: 'requeue_delivery',
        kind: 'Delivery',
        name: 'd1',
        revision: 'sha256:1',
        generation: 1,
        actor: { name: 'operator', address: '10.0.0.7' },
        outcome: 'refused',
        details: { round: 2 },
      },
    ])
  })

  it('has backups and restores that were made while nothing ran, once', async () => {
    const world = new World()
    const note = (id: string, operation: string) =>
      noteAnnouncement(world.store, id, { operation, time: Date.parse(noon), details: { file: 'b.gz' } })
    await note('one', 'backup.create')
    expect(await told(await world.open())).toEqual(['null create_backup -'])
    await note('two', 'backup.restore')
    expect(await told(await world.open())).toEqual(['null create_backup -', 'null restore_backup -'])
    const [entry] = await written(await world.open())
    expect(entry).toMatchObject({ details: { file: 'b.gz' }, actor: { name: 'system' } })
  })

  it.each([true, false])('goes on with what a restored backup had applied (restore on record: %s)', async (isNoted) => {
    const world = new World()
    for (const name of ['a', 'b', 'c']) world.apply(change(name))
    await world.open()
    // The journal in the backup is a revision older than the log.
    world.outcomes.shift()
    world.store = memoryStore({ epoch: 'second' })
    if (isNoted) {
      const details = { file: 'b.gz' }
      await noteAnnouncement(world.store, 'one', { operation: 'backup.restore', time: Date.parse(noon), details })
    }
    await world.open()
    world.apply(change('d'))
    expect((await told(await world.open())).slice(3)).toEqual(['2 restore_backup -', '3 create_notification_channel d'])
    expect(await told(await world.open())).toHaveLength(5)
  })

  it('tells whoever listens of each entry, as it is written', async () => {
    const world = new World()
    const log = await world.open()
    const heard: string[] = []
    const stop = log.watch(({ id, action }) => heard.push(`${id} ${action}`))
    world.apply(change('a'))
    await log.catchUp()
    await log.record({ action: 'suspend', ...operator })
    stop()
    await log.record({ action: 'resume', ...operator })
    expect(heard).toEqual(['1 create_notification_channel', '2 suspend'])
  })

  it.each([
    [{ action: 'suspend' }, ['4']],
    [{ kind: 'Channel' }, ['3', '1']],
    [{ kind: 'Channel', namespace: 'shop' }, ['3']],
    [{ namespace: '' }, ['4', '2', '1']],
    [{ name: 'a' }, ['2', '1']],
    [{ actor: 'operator' }, ['4']],
    [{ actor: '127.0.0.1' }, ['4']],
    [{ revision: '1' }, ['2', '1']],
    [{ revision: 'sha256:2' }, ['4', '3']],
    [{ since: new Date(noon) }, ['4', '3', '2', '1']],
    [{ until: new Date(noon) }, []],
  ])('finds %j', async (filter, ids) => {
    const world = new World()
    world.apply(change('a'), change('a', { kind: 'User' }))
    world.apply(change('b', { namespace: 'shop' }))
    const log = await world.open()
    await log.record({ action: 'suspend', ...operator })
    expect((await log.list(filter, { limit: 10 })).items.map(({ id }) => id)).toEqual(ids)
  })
})
