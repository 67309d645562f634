// What a message says of several events where no template does: how many of what, since when, and the first few of them.

import type { Json } from '../../expression/json.js'
import type { Message } from '../message.js'
import type { JoinedFacts } from '../revision-rules.js'
import type { RatedEvent, RenderedMessage } from '../rules.js'
import { wallTime } from '../zoned-time.js'
import { type Batch, maxNames } from './batch.js'
import type { Group } from './group.js'

export interface Joined {
  readonly batch: Batch
  readonly group: Pick<Group, 'by' | 'reason'>
  /** Titles as they would be by themselves, in the order of the samples. */
  readonly samples: readonly { readonly event: RatedEvent; readonly words: RenderedMessage }[]
  /** IANA name; times are written in it. */
  readonly zone: string
}

export function joinedFacts({ batch, group, samples }: Omit<Joined, 'zone'>): JoinedFacts {
  const { count, types: counts, severities: bySeverity, services, first, last, ended, withheld } = batch
  const events = samples.map(({ event, words }): Json => {
    const { id, type, time, source, severity, service, customer, namespace } = event
    const { title, link } = words.message
    const about = { ...(service && { service }), ...(customer && { customer }), ...(namespace && { namespace }) }
    return { id, type, time, source, severity, ...about, title, ...(link !== undefined && { link }) }
  })
  return { count, counts, severities: bySeverity, services, first, last, events, ended, withheld, by: group.by }
}

/** In words that are the same on all channels: each cuts what is over its limits. */
export function joinedWords(joined: Joined): Pick<Message, 'title' | 'body' | 'format'> {
  const { batch, group, samples, zone } = joined
  const types = Object.entries(batch.types)
  const what = types.length === 1 ? (types[0] as [string, number])[0] : 'events'
  const since = clockOf(batch.first, batch.last, zone)
  const places = servicesText(batch)
  const over = group.reason === 'storm' ? ' above the rate' : ''
  const title = `${batch.count} × ${what}${over} since ${since}${places === '' ? '' : `, ${places}`}`
  const more = batch.count - samples.length
  const lines = [
    ...(types.length > 1 ? types.map(([type, count]) => `${count} × ${type}`) : []),
    ...(batch.withheld > 0 ? [`${batch.withheld} more came before and were withheld`] : []),
    ...samples.map(({ event, words }) => `${clockOf(event.time, batch.last, zone)} ${words.message.title}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
  return { title, body: lines.join('\n'), format: 'rich' }
}

/** The event that stands for all of them: what they do not have in common is left out. */
export function joinedEvent({ batch, samples, group }: Omit<Joined, 'zone'>, message: string): Message['event'] {
  const [first] = samples as [Joined['samples'][number], ...Joined['samples']]
  const { id, type, time, source, namespace } = first.event
  const service = batch.services.length === 1 ? batch.services[0] : undefined
  const customer = common(samples.map(({ event }) => event.customer))
  const { events, ...facts } = joinedFacts({ batch, samples, group })
  return {
    id: batch.count === 1 ? id : message,
    type,
    time,
    source,
    ...(namespace !== undefined && { namespace }),
    ...(service !== undefined && { service }),
    ...(customer !== undefined && { customer }),
    payload: { group: { ...facts, events } } as unknown as Json,
  }
}

function servicesText({ services }: Batch): string {
  if (services.length === 0) return ''
  if (services.length === 1) return services[0] as string
  return services.length >= maxNames ? `${maxNames} services or more` : `${services.length} services`
}

function common(values: readonly (string | undefined)[]): string | undefined {
  return values.every((one) => one === values[0]) ? values[0] : undefined
}

const halfDayMs = 12 * 3_600_000

/** `10:42`, with the day where it is long ago; in UTC that is said. */
function clockOf(time: string, now: string, zone: string): string {
  const at = Date.parse(time)
  const wall = new Date(wallTime(at, zone)).toISOString()
  const day = Date.parse(now) - at > halfDayMs ? `${wall.slice(0, 10)} ` : ''
  return `${day}${wall.slice(11, 16)}${zone === 'UTC' ? ' UTC' : ''}`
}
