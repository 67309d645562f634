// What a digest says of one event: how it went, what it was about, and where there is more.

import { isObject, type Json } from '../../expression/json.js'
import { fieldIn } from '../../resources/kinds/event-field.js'
import { oneLine, webLink } from '../../resources/message-parts.js'
import type { RatedEvent } from '../rules.js'

export interface EventFacts {
  /** Such as `passed`; empty where the payload says none. */
  readonly status: string
  /** What it is about, such as the name of a suite; of failures these are counted. */
  readonly what: string
  readonly title: string
  readonly link: string
}

const longestStatus = 40
const longestWhat = 120
const longestLink = 1000

/** Where what failed is usually named. */
const usual: readonly string[] = [
  'labels.suite',
  'payload.run.suite_name',
  'payload.run.collection',
  'payload.suite_name',
  'payload.suite',
  'payload.name',
  'payload.target',
  'payload.test.name',
  'payload.task.name',
  'payload.crawl.name',
  'payload.project.name',
  'service',
]

/** `groupBy`: fields of which the first says what it is about; empty: as is usual. */
export function factsOf(event: RatedEvent, groupBy: readonly string[]): EventFacts {
  const fields = groupBy.length === 0 ? usual : groupBy
  let what: string | undefined
  for (const field of fields) {
    what = fieldIn(event, field)
    if (what !== undefined) break
  }
  return {
    status: cut(nestedText(event.payload, 'status') ?? '', longestStatus),
    what: cut(oneLine(what ?? ''), longestWhat),
    title: cut(oneLine(event.title ?? ''), longestWhat),
    link: linkOf(event),
  }
}

/** That of the event, else the first address in its payload that says it is one. Empty: none. */
export function linkOf({ link, payload }: Pick<RatedEvent, 'link' | 'payload'>): string {
  for (const text of [link, nestedText(payload, 'url'), nestedText(payload, 'link')]) {
    const found = text === undefined ? undefined : webLink(text)
    if (found !== undefined && found.length <= longestLink) return found
  }
  return ''
}

/** A text of this name in the payload itself, or in an object in it. */
function nestedText(payload: Json, name: string): string | undefined {
  if (!isObject(payload)) return undefined
  for (const place of [payload, ...Object.values(payload).filter(isObject)]) {
    const found = Object.hasOwn(place, name) ? place[name] : undefined
    if (typeof found === 'string' && found !== '') return found
  }
  return undefined
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${[...text.slice(0, longest - 1)].join('').replace(/[\uD800-\uDBFF]$/, '')}…`
}
