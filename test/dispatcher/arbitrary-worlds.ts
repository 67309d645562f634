// Declarations of who hears what, at random, and events that meet them.

import fc from 'fast-check'
import { writeReference } from '../../src/resources/kinds/reference.js'
import { declared } from '../resources/kinds/declared.js'
import type { ChannelDeclaration, Declared, EventDeclaration, World } from './routing-reference.js'

const ids = ['run_completed', 'run_failed', 'run_aborted', 'deploy.failure'] as const
/** No two patterns have the same length: none of them claim the same. */
const patterns = [...ids, '*', 'run_*', '*failed', 'deploy.*'] as const

const namespace = fc.constantFrom('', '', '', 'shop', 'bank')
const severity = fc.constantFrom('info', 'warning', 'error', 'critical' as const)
const flags = fc.dictionary(fc.constantFrom(...patterns), fc.boolean(), { maxKeys: 3 })
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 3 })
const rarely = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const services = fc.subarray(['api', 'web'])

function named<Spec>(spec: fc.Arbitrary<Spec>, names: readonly string[]): fc.Arbitrary<Declared<Spec>> {
  return fc.record({ name: fc.constantFrom(...names), namespace, spec })
}

const channel = fc.record({
  type: fc.constantFrom('mattermost', 'telegram', 'slack', 'slack' as const),
  enabled: fc.constant(true),
  events: fc.dictionary(
    fc.constantFrom(...patterns),
    fc.oneof(fc.boolean(), fc.record({ severity }, { requiredKeys: [] })),
    { maxKeys: 3 },
  ),
})

const redirected = channel.chain((spec) =>
  spec.type === 'slack'
    ? fc
        .constantFrom(...patterns)
        .map((pattern) => ({ ...spec, events: { ...spec.events, [pattern]: { channel: '#x' } } }))
    : fc.constant(spec),
)

const disabled = channel.map((spec) => ({ ...spec, enabled: false }))

const user = fc.record({
  email: fc.constant(''),
  timezone: fc.constantFrom('UTC', 'Asia/Tokyo', 'America/Bogota'),
  role: fc.constantFrom('admin', 'member', 'customer' as const),
  services,
  namespaces: fc.subarray(['shop', 'bank']),
})

const users = ['ann', 'bob']
const channelReference = fc.constantFrom('ops', 'ops', 'ops', 'team', '-/ops', 'shop/ops', 'shop/team', 'bank/ops')

const binding = fc.record({
  user: fc.constantFrom(...users),
  channel: channelReference,
  recipient: fc.constant({}),
  enabled: fc.constantFrom(true, true, true, false),
})

const time = fc.constantFrom('00:00', '06:30', '09:00', '17:00', '22:00')
const preference = fc
  .record(
    {
      user: maybe(fc.constantFrom(...users)),
      channel: maybe(channelReference),
      events: fc.tuple(flags, rarely(flags), rarely(flags)).map(([all, telegram, slack]) => ({
        ...all,
        ...(telegram && { telegram }),
        ...(slack && { slack }),
      })),
      minSeverity: rarely(severity),
      quietHours: rarely(
        fc
          .record({
            from: time,
            to: fc.oneof(time, fc.constant('24:00')),
            timezone: maybe(fc.constantFrom('Asia/Kolkata', 'UTC')),
            days: maybe(fc.subarray(['mon', 'wed', 'thu', 'sun'], { minLength: 1 })),
            mode: fc.constantFrom('defer', 'drop' as const),
          })
          .filter(({ from, to }) => from !== to && !(from === '00:00' && to === '24:00')),
      ),
      scope: rarely(
        fc
          .record(
            { services: fc.subarray(['api', 'web'], { minLength: 1 }), customers: fc.constant(['acme']) },
            { requiredKeys: [] },
          )
          .filter((scope) => Object.keys(scope).length > 0),
      ),
    },
    { requiredKeys: ['events'] },
  )
  .map((spec) => (spec.user === undefined ? { ...spec, channel: undefined } : spec))

const silence = fc.record({
  match: fc
    .record(
      {
        event: fc.constantFrom(...patterns),
        severity,
        labels: fc.constantFrom({ team: 'a' }, { team: 'b', zone: 'x' }),
      },
      { requiredKeys: [] },
    )
    .filter((match) => Object.keys(match).length > 0),
  from: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-07T12:00:00Z'),
  until: fc.constantFrom('2026-01-07T18:00:00Z', '2026-01-20T00:00:00Z'),
})

const eventTypes = fc
  .tuple(
    fc.array(fc.record({ default: fc.boolean(), critical: fc.constantFrom(false, false, true) }), {
      minLength: 8,
      maxLength: 8,
    }),
    fc.nat(3),
  )
  .map(([said, shape]) => {
    const includes: Record<string, readonly string[]> =
      shape === 0
        ? {}
        : shape === 1
          ? { run_completed: ['run_failed', 'run_aborted'] }
          : { run_completed: ['run_failed'], run_failed: ['run_aborted'] }
    return [
      ...ids.map((id, index) => ({
        name: `type-${index}`,
        namespace: '',
        spec: { id, default: true, critical: false, ...said[index], includes: includes[id] ?? [] },
      })),
      // One of a namespace wins there.
      ...(shape === 3
        ? [
            {
              name: 'own',
              namespace: 'shop',
              spec: { id: 'run_failed', default: true, critical: false, ...said[7], includes: [] },
            },
          ]
        : []),
    ]
  })

function unique<Item extends { readonly name: string; readonly namespace: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [`${item.namespace}/${item.name}`, item])).values()]
}

/** Channels, people and what they want, of which nothing but equal claims is refused. */
export const world: fc.Arbitrary<World> = fc
  .record({
    channels: fc.array(named(fc.oneof(channel, channel, redirected, disabled), ['ops', 'team']), {
      minLength: 1,
      maxLength: 4,
    }),
    users: fc.tuple(user, user),
    bindings: fc.array(named(binding, ['one', 'two', 'three']), { maxLength: 4 }),
    preferences: fc.array(named(preference, ['a', 'b', 'c', 'd', 'e', 'f']), { maxLength: 6 }),
    eventTypes,
    silences: fc.array(named(silence, ['s']), { maxLength: 1 }),
    customersEnabled: fc.boolean(),
    learned: fc.subarray(['ops ann', 'ops bob', 'shop/ops ann', 'shop/team bob']),
  })
  .map((parts) => ({
    ...parts,
    channels: unique(parts.channels),
    bindings: unique(parts.bindings),
    preferences: unique(parts.preferences),
    users: parts.users.map((spec, index) => ({
      name: users[index] ?? '',
      namespace: '',
      spec: { ...spec, email: `${users[index]}@example.com` },
    })),
  }))
  .map(withoutLooseEnds)

/** What refers to no channel, and what says the same twice, is refused before anything is routed. */
function withoutLooseEnds(parts: World): World {
  const channelOf = ({ namespace, spec }: Declared<{ readonly channel?: string | undefined }>) => {
    const [name, stated] = (spec.channel ?? '').split('/').reverse()
    const where = stated === '-' ? '' : stated
    const candidates = where === undefined ? [namespace, ''] : [where]
    return parts.channels.find(
      (one) =>
        one.name === name &&
        candidates.includes(one.namespace) &&
        (one.namespace === candidates[0] ||
          !parts.channels.some((other) => other.name === name && other.namespace === candidates[0])),
    )
  }
  const said = new Set<string>()
  const isFirst = (key: string) => !said.has(key) && said.add(key).size > 0
  return {
    ...parts,
    bindings: parts.bindings.filter((one) => {
      const channel = channelOf(one)
      return channel !== undefined && isFirst(`binding ${one.spec.user} ${writeReference(channel)}`)
    }),
    preferences: parts.preferences
      .filter((one) => one.spec.channel === undefined || channelOf(one) !== undefined)
      .filter((one) => {
        const channel = one.spec.channel === undefined ? undefined : channelOf(one)
        return isFirst(
          `preference ${one.namespace} ${one.spec.user} ${channel && writeReference(channel)} ${one.name > 'c'}`,
        )
      }),
  }
}

export const event: fc.Arbitrary<EventDeclaration> = fc.record(
  {
    type: fc.constantFrom(...ids),
    severity,
    namespace: fc.constantFrom('shop', 'bank'),
    service: fc.constantFrom('api', 'web', 'db'),
    customer: fc.constantFrom('acme', 'other'),
    labels: fc.constantFrom({ team: 'a' }, { team: 'b' }, { team: 'b', zone: 'x' }),
  },
  { requiredKeys: ['type', 'severity'] },
)

/** A minute of a week, in milliseconds since 1970. */
export const now = fc
  .integer({ min: Date.UTC(2026, 0, 5) / 60_000, max: Date.UTC(2026, 0, 12) / 60_000 })
  .map((minute) => minute * 60_000)

function configOf({ type }: ChannelDeclaration): object {
  return type === 'mattermost' ? { webhookUrl: { env: 'URL' } } : { botToken: { env: 'TOKEN' } }
}

/** One document a file. Secrets are named and not there. */
export function filesOf(parts: World): Record<string, string> {
  const files: Record<string, string> = {}
  const add = (kind: string, all: readonly Declared<object>[]) => {
    for (const one of all) {
      const path = `${kind}-${one.namespace}-${one.name}.yaml`
      files[path] = declared(kind, one.namespace === '' ? one.name : `${one.namespace}/${one.name}`, one.spec)
    }
  }
  add(
    'Channel',
    parts.channels.map((one) => ({ ...one, spec: { ...one.spec, config: configOf(one.spec) } })),
  )
  add('User', parts.users)
  add(
    'UserBinding',
    parts.bindings.map((one) => ({ ...one, spec: { ...one.spec, recipient: undefined } })),
  )
  add('Preference', parts.preferences)
  add(
    'EventType',
    parts.eventTypes.map((one) => ({ ...one, spec: { ...one.spec, key: 'id' } })),
  )
  add('Silence', parts.silences)
  return files
}

export const occurrences = fc.array(event, { minLength: 3, maxLength: 6 })
