// How much a namespace may have and send. What it has is counted when a revision is looked at, what it sends while it runs.

import { nearest } from '../../expression/suggest.js'
import { channelTypeNames } from '../channel-types.js'
import type { NamespaceQuota } from '../generated/namespace.js'
import type { Finding } from '../problem.js'
import { joinPointer } from '../reading.js'
import type { Resource } from '../resource.js'
import { eventFindings } from './event-references.js'
import type { Surroundings } from './kind.js'
import type { Linking } from './linking.js'
import type { ChannelProgram } from './notification-program.js'
import { quotaPresets } from './quota-presets.js'
import { writeReference } from './reference.js'

export type QuotaPeriod = 'hour' | 'day' | 'month'

/** How many of something there may be. `pointer`: what of the document says so. */
interface Limit {
  readonly limit: number
  readonly pointer: string
}

export interface QuotaProgram {
  /** Of these types together. */
  readonly channels: readonly (Limit & { readonly types: readonly string[] })[]
  readonly mocks: Limit | undefined
  readonly deliveriesPerHour: number | undefined
  /** Events that are counted and warned of, by type. */
  readonly events: ReadonlyMap<string, { readonly limit: number; readonly per: QuotaPeriod }>
}

const unlimited = 'unlimited'

export function compileQuota(quota: NamespaceQuota, linking: Linking): QuotaProgram {
  const { preset, channels = {}, mocks, deliveriesPerHour, events = {} } = quota
  const declared = Object.entries(channels).map(([key, limit]) => {
    const pointer = joinPointer('/spec/quota/channels', key)
    const types = key.split('+')
    for (const type of types) checkType(type, pointer, linking)
    return { types, pointer, limit }
  })
  const said = new Set(declared.flatMap(({ types }) => types))
  const inherited = Object.entries(preset === undefined ? {} : quotaPresets[preset])
    .map(([key, limit]) => ({ types: key.split('+'), limit, pointer: '/spec/quota/preset' }))
    .filter(({ types }) => !types.some((type) => said.has(type)))
  const limits = declared.flatMap(({ limit, ...one }) =>
    limit === unlimited ? [] : [{ ...one, limit: Number(limit) }],
  )
  return {
    channels: [...limits, ...inherited],
    mocks: mocks === undefined ? undefined : { limit: mocks, pointer: '/spec/quota/mocks' },
    deliveriesPerHour,
    events: new Map(Object.entries(events).map(([type, { limit, per = 'month' }]) => [type, { limit, per }])),
  }
}

function checkType(type: string, pointer: string, linking: Linking): void {
  const types = channelTypeNames()
  if (types.includes(type)) return
  const meant = nearest(type, types)
  const hint = meant === undefined ? `there are ${types.join(', ')}` : `did you mean "${meant}"?`
  linking.error(pointer, 'unknown-channel-type', `there is no type of channel "${type}"`, hint)
}

/** What the namespace has beyond its quota, and events that there are not. */
export function quotaFindings(quota: QuotaProgram, name: string, around: Surroundings): readonly Finding[] {
  const findings: Finding[] = []
  for (const { types, limit, pointer } of quota.channels) {
    const channels = around
      .within('Channel', name)
      .filter((one) => types.includes((one.program as ChannelProgram | undefined)?.type ?? ''))
    findings.push(...excess(`channels of type ${types.join(', ')}`, channels, { limit, pointer }, name))
  }
  if (quota.mocks !== undefined) findings.push(...excess('mocks', around.within('Mock', name), quota.mocks, name))
  for (const type of quota.events.keys()) {
    findings.push(...eventFindings(type, joinPointer('/spec/quota/events', type), name, around))
  }
  return findings
}

/** `found`: in order of file and line. */
function excess(what: string, found: readonly Resource[], { limit, pointer }: Limit, namespace: string): Finding[] {
  const first = found[limit]
  if (first === undefined) return []
  const place = `${first.kind} "${writeReference(first)}" (${first.file}:${first.line})`
  return [
    {
      rule: 'quota-exceeded',
      severity: 'error',
      pointer,
      message: `the quota of namespace ${namespace} for ${what} is ${limit}, and it has ${found.length}; the first beyond it is ${place}`,
      hint: 'remove what is too much, or raise the quota',
    },
  ]
}
