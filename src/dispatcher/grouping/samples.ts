// The first and the last few events of a batch, kept beside its counts: rows that are written once, not with every event.

import type { Json } from '../../expression/json.js'
import { stringifyJson } from '../../expression/json.js'
import type { Transaction } from '../../store/store.js'
import type { RatedEvent } from '../rules.js'
import type { Batch } from './batch.js'

export const sampleScope = 'group-sample/'

const firstKept = 5
const lastKept = 2
/** The first may be all that there is to say: it is kept whole as far as possible. */
const longestFirst = 64 * 1024
const longestOther = 4 * 1024

/** The batch with the event as a sample, if it is one. */
export function sampled(tx: Transaction, batch: Batch, event: RatedEvent): Batch {
  const { message, sampled: at } = batch
  const place = at < firstKept ? at : firstKept + ((at - firstKept) % lastKept)
  tx.put(keyOf(message, place), [at, fitted(event, at === 0 ? longestFirst : longestOther)] as unknown as Json)
  return { ...batch, sampled: at + 1 }
}

/** In the order in which they came. */
export function samplesOf(from: { list(prefix: string): [string, Json][] }, message: string): readonly RatedEvent[] {
  const rows = from.list(`${sampleScope}${message}/`).map(([, row]) => row as unknown as [number, RatedEvent])
  return rows.sort(([a], [b]) => a - b).map(([, event]) => event)
}

export function dropSamples(tx: Transaction, message: string): void {
  for (const [key] of tx.list(`${sampleScope}${message}/`)) tx.delete(key)
}

function keyOf(message: string, place: number): string {
  return `${sampleScope}${message}/${place}`
}

function fitted(event: RatedEvent, longest: number): RatedEvent {
  const { body, ...rest } = event
  const cut = body === undefined ? rest : { ...rest, body: body.slice(0, longest) }
  return stringifyJson(event.payload).length <= longest ? cut : { ...cut, payload: {} }
}
