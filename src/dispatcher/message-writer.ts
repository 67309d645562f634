// Words for what happened: by templates where there are any, and by plain code where these fail, so that nothing that
// somebody should hear of is kept back by how it is said.

import { stringifyJson } from '../expression/json.js'
import { digestRoot } from '../resources/catalogues/digest-sample.js'
import { keyIn } from '../resources/event-key.js'
import { saysGroup } from '../resources/group-sample.js'
import {
  baseName,
  baseParts,
  oneLine,
  plainTitle,
  severityName,
  severityParts,
  templateParts,
  trimmedBody,
  type Words,
  webLink,
} from '../resources/message-parts.js'
import type { ResourceSet } from '../resources/resource.js'
import type { Rendered, RenderJob } from '../template/render-job.js'
import type { Renderer } from '../template/renderer.js'
import type { Decision } from './decision.js'
import type { EventTypeEntry } from './event-types.js'
import type { PostedEvent } from './events/event.js'
import { type Message, type Severity, severities } from './message.js'
import { type DeclaredTemplate, MessageTemplates } from './message-templates.js'
import type { JoinedFacts, MessageWriter, NamedTemplate } from './revision-rules.js'
import type { RatedEvent, RenderedMessage } from './rules.js'
import type { Tables } from './tables.js'

export interface MessageWriterOptions {
  readonly renderer: Pick<Renderer, 'render'>
  readonly onWarning: (message: string) => void
}

/** Who messages are for. */
export interface Readership {
  /** Undefined for a name that is not declared. */
  person(name: string): Reader | undefined
  displayName(channel: Decision['channel']): string | undefined
}

export interface Reader {
  readonly name: string
  readonly email: string
  readonly displayName: string
  readonly locale: string
  readonly timezone: string
}

export function readershipOf({ users, channels }: Pick<Tables, 'users' | 'channels'>): Readership {
  const names = new Map(channels.map(({ channel }) => [`${channel.namespace}/${channel.name}`, channel.program]))
  return {
    person: (name) => {
      const program = users.get(name)?.user.program
      return program && { name, ...program }
    },
    displayName: ({ namespace, name }) => names.get(`${namespace}/${name}`)?.displayName,
  }
}

/** Writes the messages of one revision. Its promises reject only once the renderer is closed. */
export function messageWriter(
  { renderer, onWarning }: MessageWriterOptions,
  resources: ResourceSet,
  readers: Readership,
): MessageWriter {
  const templates = new MessageTemplates(resources)

  function channelOf({ channel }: Decision): Record<string, string> {
    const { namespace, name, type } = channel
    return { name, namespace, type, displayName: readers.displayName(channel) ?? name }
  }

  async function write(
    event: RatedEvent,
    { program: type }: EventTypeEntry,
    decisions: readonly Decision[],
    named?: NamedTemplate,
  ): Promise<readonly RenderedMessage[]> {
    const jobs = new Map<string, Promise<Rendered>>()
    return Promise.all(
      decisions.map(async (decision) => (await one(event, type, decision, jobs, { named })) as RenderedMessage),
    )
  }

  /** Undefined when it is about a group, and no text is. */
  async function one(
    event: RatedEvent,
    type: EventTypeEntry['program'],
    decision: Decision,
    jobs: Map<string, Promise<Rendered>>,
    { named, group }: { readonly named?: NamedTemplate | undefined; readonly group?: JoinedFacts },
  ): Promise<RenderedMessage | undefined> {
    const reader = decision.user && readers.person(decision.user.name)
    const wanted = {
      namespace: event.namespace ?? '',
      event: event.type,
      channelType: decision.channel.type,
      lang: reader?.locale ?? '',
    }
    const template = (named && templates.named(named.reference, named.namespace, wanted)) ?? templates.find(wanted)
    const parts = [...baseParts(type, event), ...templateParts(template?.program)]
    if (group !== undefined && !parts.some(({ text }) => saysGroup.test(text))) return undefined
    const rated = { ...event, severity: decision.severity }
    if (parts.length === 0) return messageOf(rated, type, undefined, { texts: {}, failures: {} })
    const all = parts.map(({ text }) => text).join('\n')
    const context = {
      ...contextOf(rated),
      ...digestRoot(event.type, event.payload),
      title: event.title ?? plainTitle(type),
      body: event.body ?? '',
      link: event.link ?? '',
      // Those whom a text does not name read the same: it is made once for all of them.
      ...(group !== undefined && { group }),
      ...(all.includes('channel') && { channel: channelOf(decision) }),
      ...(reader !== undefined && { user: all.includes('user') ? userOf(reader) : timesOf(reader) }),
    }
    const job: RenderJob = { parts, context: stringifyJson(context as never) }
    const key = `${template?.id} ${job.context}`
    let rendered = jobs.get(key)
    if (rendered === undefined) {
      rendered = renderer.render(job)
      jobs.set(key, rendered)
    }
    return messageOf(rated, type, template, await rendered)
  }

  async function severityOf(event: PostedEvent, { program: type }: EventTypeEntry): Promise<Severity> {
    const { texts, failures } = await renderer.render({
      parts: severityParts(type),
      context: stringifyJson(contextOf(event) as never),
    })
    const severity = severities.find((one) => one === texts[severityName]?.trim())
    if (severity !== undefined) return severity
    const why = failures[severityName] ?? `it gave ${JSON.stringify(texts[severityName]?.slice(0, 100))}`
    onWarning(`severity of ${event.type} (event ${event.id}): ${why}; taken for ${severityIfUnknown}`)
    return severityIfUnknown
  }

  const writeJoined: MessageWriter['writeJoined'] = (event, { program }, decision, group) =>
    one(event, program, decision, new Map(), { group })

  return { write, writeJoined, severityOf }
}

/** What cannot be judged may be serious, and need not be. */
const severityIfUnknown: Severity = 'warning'

function userOf({ name, email, displayName, locale, timezone }: Reader): Reader {
  return { name, email, displayName, locale, timezone }
}

function timesOf({ locale, timezone }: Reader): Pick<Reader, 'locale' | 'timezone'> {
  return { locale, timezone }
}

function contextOf({ title: _, body: __, link: ___, payload, labels = {}, ...event }: PostedEvent): object {
  return { payload, event: { ...event, labels } }
}

function messageOf(
  posted: RatedEvent,
  type: EventTypeEntry['program'],
  template: DeclaredTemplate | undefined,
  rendered: Rendered,
): RenderedMessage {
  const { severity, title: _, body: __, link: ___, ...event } = posted
  const failures = Object.entries(rendered.failures).map(([name, reason]) => `${name}: ${reason}`)
  const first = (word: Words, read: (text: string) => string | undefined): string | undefined => {
    const texts = [rendered.texts[word], rendered.texts[baseName(word)], posted[word]]
    for (const text of texts) {
      if (text === undefined) continue
      const value = read(text)
      if (value !== undefined) return value
      failures.push(`${word}: ${JSON.stringify(text.slice(0, 100))} cannot be used`)
    }
    return undefined
  }
  const link = first('link', (text) => (text.trim() === '' ? '' : webLink(text)))
  const message: Message = {
    event,
    severity,
    title: first('title', (text) => oneLine(text) || undefined) ?? plainTitle(type),
    body: first('body', trimmedBody) ?? '',
    ...(link !== undefined && link !== '' && { link }),
    format: formatOf(template, rendered),
    action: type.resolves.length > 0 ? 'resolve' : 'trigger',
    key: (type.key === undefined ? undefined : keyIn(event.payload, type.key)) ?? event.id,
  }
  return {
    message,
    ...(template !== undefined && { template: template.id }),
    ...(failures.length > 0 && { failure: failures.join('; ') }),
  }
}

/** Only what the template itself says is in the channel's own markup. */
function formatOf(template: DeclaredTemplate | undefined, { texts }: Rendered): Message['format'] {
  const format = template?.program.format ?? 'rich'
  return format === 'native' && texts.body === undefined ? 'rich' : format
}
