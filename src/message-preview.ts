// How a message would read, made by what makes the real ones, and sent to nobody.

import type { DigestContent } from './dispatcher/digests/summary.js'
import { wordsOf } from './dispatcher/digests/words.js'
import type { EventTypeEntry } from './dispatcher/event-types.js'
import type { Message, Severity } from './dispatcher/message.js'
import { messageWriter, type Reader, readershipOf } from './dispatcher/message-writer.js'
import type { Tables } from './dispatcher/tables.js'
import type { Json } from './expression/json.js'
import { digestEvent, digestSample } from './resources/catalogues/digest-sample.js'
import type { TemplateProgram } from './resources/kinds/notification-program.js'
import { type ResourceSet, resourceId } from './resources/resource.js'
import type { Renderer } from './template/renderer.js'

/** The declarations that it is made by, and when, in milliseconds since 1970. */
export interface PreviewedBy {
  readonly tables: Pick<Tables, 'users' | 'channels'>
  readonly resources: ResourceSet
  readonly renderer: Pick<Renderer, 'render'>
  readonly now: number
}

export interface PreviewRequest {
  readonly type: EventTypeEntry
  /** Of the event; empty: none. */
  readonly namespace: string
  /** Whose template is looked for; empty: one for any. */
  readonly channelType: string
  /** Undefined: nobody in particular, as on channels that are one recipient themselves. */
  readonly reader: Reader | undefined
  /** Undefined: the sample of the event type. */
  readonly payload: Json | undefined
  /** In place of the templates that are declared. */
  readonly texts?: Pick<TemplateProgram, 'title' | 'body' | 'link' | 'format'>
}

export interface MessagePreview {
  /** Id of the Template; undefined where the words of the event type, or those of the request, are used. */
  readonly template: string | undefined
  readonly severity: Severity
  readonly title: string
  readonly body: string
  readonly link: string | null
  readonly format: Message['format']
  /** What could not be made as it is declared. */
  readonly failure: string | null
}

/** `reader` in another language; without one, somebody who reads it. */
export function readerIn(lang: string | undefined, reader?: Reader): Reader | undefined {
  return lang === undefined ? reader : { ...(reader ?? somebody), locale: lang }
}

const somebody: Reader = {
  name: 'ann',
  email: 'ann@example.com',
  displayName: 'Ann',
  locale: 'en',
  timezone: 'UTC',
}

export async function previewMessage(
  { tables, resources, renderer, now }: PreviewedBy,
  { type, namespace, channelType, reader, payload, texts }: PreviewRequest,
): Promise<MessagePreview> {
  const { id } = type.program
  const failures: string[] = []
  const readers = readershipOf(tables)
  const writer = messageWriter(
    { renderer, onWarning: (message) => failures.push(message) },
    texts === undefined ? resources : onlyTemplate({ event: id, channelType: '', lang: '', ...texts }),
    { person: () => reader, displayName: (channel) => readers.displayName(channel) },
  )
  const facts = payload ?? type.program.sample
  const words = id === digestEvent && facts === digestSample ? sampleDigest() : undefined
  const posted = {
    ...words,
    id: 'preview',
    type: id,
    time: new Date(now).toISOString(),
    source: 'callboard',
    ...(namespace !== '' && { namespace }),
    payload: facts,
  }
  const { severity: declared } = type.program
  const severity = words?.severity ?? ('fixed' in declared ? declared.fixed : await writer.severityOf(posted, type))
  const [written] = await writer.write({ ...posted, severity }, type, [
    {
      channel: { namespace: '', name: 'preview', type: channelType },
      ...(reader !== undefined && { user: { namespace: '', name: reader.name } }),
      outcome: 'send',
      because: '',
      recipient: {},
      override: {},
      severity,
    },
  ])
  if (written === undefined) throw new Error('no message was written')
  const { message, template, failure } = written
  if (failure !== undefined) failures.push(failure)
  return {
    template: texts === undefined ? template : undefined,
    severity,
    title: message.title,
    body: message.body,
    link: message.link ?? null,
    format: message.format,
    failure: failures.length === 0 ? null : failures.join('; '),
  }
}

/** What digests say of themselves, as where they are made. */
function sampleDigest() {
  const { digest } = digestSample as unknown as { readonly digest: DigestContent }
  const severity: Severity = digest.counts.failures > 0 ? 'warning' : 'info'
  return { ...wordsOf(digest), severity, ...(digest.link !== null && { link: digest.link }) }
}

function onlyTemplate(program: TemplateProgram): ResourceSet {
  const id = resourceId('Template', '', 'preview')
  const nowhere = { labels: {}, annotations: {}, spec: {}, digest: '', file: '', line: 0 }
  return new Map([[id, { id, kind: 'Template', namespace: '', name: 'preview', ...nowhere, program }]])
}
