// How a message would read, made by what makes the real ones, and sent to nobody.

import type { Message, Severity } from './dispatcher/message.js'
import { messageWriter, type Reader } from './dispatcher/message-writer.js'
import { buildTables, type Tables } from './dispatcher/tables.js'
import type { Json } from './expression/json.js'
import { nearest } from './expression/suggest.js'
import type { Resource, ResourceSet } from './resources/resource.js'
import type { Settings } from './settings.js'
import { type Rendered, type RenderJob, renderJob, TemplateCache } from './template/render-job.js'

export interface PreviewRequest {
  /** Id of the event type. */
  readonly event: string
  /** Of the event; empty: none. */
  readonly namespace: string
  /** Whose template is looked for; empty: one for any. */
  readonly channelType: string
  /** As in BCP 47; undefined: of nobody in particular, as on channels that are one recipient themselves. */
  readonly lang: string | undefined
  /** Undefined: the sample of the event type. */
  readonly payload: Json | undefined
}

export interface MessagePreview {
  readonly event: string
  /** Id of the EventType, or the built-in catalogue that has it. */
  readonly eventType: string
  /** Id of the Template; null where the words of the event type are used. */
  readonly template: string | null
  readonly severity: Severity
  readonly title: string
  readonly body: string
  readonly link: string | null
  readonly format: Message['format']
  /** What could not be made as it is declared. */
  readonly failure: string | null
  /** What the texts ask for, and the payload does not have. */
  readonly missing: readonly string[]
}

/** There is no such event type; the message says what was meant. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType'
}

export type Previewer = (request: PreviewRequest) => Promise<MessagePreview>

export function previewMessage(
  resources: ResourceSet,
  settings: Pick<Settings, 'catalogues'>,
  request: PreviewRequest,
): Promise<MessagePreview> {
  const tables = buildTables(resources, { catalogues: settings.catalogues, customersEnabled: false })
  return createPreviewer(resources, tables)(request)
}

/** For several messages of the same declarations. Rejects with `UnknownEventType`. */
export function createPreviewer(resources: ResourceSet, { eventTypes }: Pick<Tables, 'eventTypes'>): Previewer {
  const cache = new TemplateCache()
  return async ({ event: id, namespace, channelType, lang, payload }) => {
    const type = eventTypes.get(id, namespace)
    if (type === undefined) throw new UnknownEventType(unknown(id, eventTypes.ids(namespace)))
    const missing = new Set<string>()
    const render = async (job: RenderJob): Promise<Rendered> =>
      renderJob(job, cache, {
        missing: (_part, all) => {
          for (const { path } of all) missing.add(path)
        },
      })
    const warnings: string[] = []
    const reader = lang === undefined ? undefined : { ...somebody, locale: lang }
    const writer = messageWriter({ renderer: { render }, onWarning: (message) => warnings.push(message) }, resources, {
      person: () => reader,
      displayName: () => undefined,
    })
    const posted = {
      id: 'preview',
      type: id,
      time: new Date(Date.UTC(2026, 0, 31, 12)).toISOString(),
      source: 'callboard',
      ...(namespace !== '' && { namespace }),
      payload: payload ?? type.program.sample,
    }
    const { severity: declared } = type.program
    const severity = 'fixed' in declared ? declared.fixed : await writer.severityOf(posted, type)
    const [written] = await writer.write({ ...posted, severity }, type, [
      {
        channel: { namespace: '', name: 'preview', type: channelType },
        ...(reader !== undefined && { user: { namespace: '', name: somebody.name } }),
        outcome: 'send',
        because: '',
        recipient: {},
        override: {},
        severity,
      },
    ])
    if (written === undefined) throw new Error('no message was written')
    const { title, body, link = null, format } = written.message
    const failures = [...warnings, ...(written.failure === undefined ? [] : [written.failure])]
    return {
      event: id,
      eventType: typeof type.by === 'string' ? `catalogue ${type.by}` : placeOf(type.by),
      template: written.template === undefined ? null : placeOf(resources.get(written.template)),
      severity,
      title,
      body,
      link,
      format,
      failure: failures.length === 0 ? null : failures.join('; '),
      missing: [...missing],
    }
  }
}

const somebody: Reader = {
  name: 'ann',
  email: 'ann@example.com',
  displayName: 'Ann',
  locale: 'en',
  timezone: 'UTC',
}

function placeOf(resource: Resource | undefined): string {
  return resource === undefined ? '' : `${resource.id} (${resource.file}:${resource.line})`
}

function unknown(id: string, known: Iterable<string>): string {
  const meant = nearest(id, known)
  const hint = meant === undefined ? 'declare an EventType' : `did you mean ${JSON.stringify(meant)}?`
  return `there is no event type ${JSON.stringify(id)}; ${hint}`
}
