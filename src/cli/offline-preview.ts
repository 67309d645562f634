// How a message would read by the declarations in a folder, and what its texts ask for that is not there.

import type { EventTypeEntry } from '../dispatcher/event-types.js'
import { unknownType } from '../dispatcher/events/event-check.js'
import { switchedOff } from '../dispatcher/revision-rules.js'
import { buildTables } from '../dispatcher/tables.js'
import type { Json } from '../expression/json.js'
import {
  type MessagePreview,
  type PreviewedBy,
  type PreviewRequest,
  previewMessage,
  readerIn,
} from '../message-preview.js'
import type { Resource, ResourceSet } from '../resources/resource.js'
import type { Settings } from '../settings.js'
import { type RenderJob, renderJob, TemplateCache } from '../template/render-job.js'

export interface OfflinePreviewRequest {
  /** Id of the event type. */
  readonly event: string
  readonly namespace: string
  readonly channelType: string
  /** As in BCP 47; undefined: of nobody in particular. */
  readonly lang: string | undefined
  /** Undefined: the sample of the event type. */
  readonly payload: Json | undefined
  /** In place of the templates that are declared. */
  readonly texts?: NonNullable<PreviewRequest['texts']>
}

export interface OfflinePreview extends Omit<MessagePreview, 'template'> {
  readonly event: string
  /** Id and place of the EventType, or the built-in catalogue that has it. */
  readonly eventType: string
  /** Id and place of the Template; null where the words of the event type are used. */
  readonly template: string | null
  /** What the texts ask for, and the payload does not have. */
  readonly missing: readonly string[]
}

/** There is no such event type; the message says what was meant. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType'
}

export async function previewOffline(
  resources: ResourceSet,
  settings: Pick<Settings, 'catalogues'>,
  { event, ...request }: OfflinePreviewRequest,
): Promise<OfflinePreview> {
  const tables = buildTables(resources, { catalogues: settings.catalogues, customersEnabled: false })
  const type = tables.eventTypes.get(event, request.namespace)
  if (type === undefined) {
    const rules = { eventTypes: tables.eventTypes, switchedOff: (id: string) => switchedOff(id, settings.catalogues) }
    throw new UnknownEventType(unknownType(event, request.namespace, rules))
  }
  return offlinePreviewer(resources, tables)(type, request)
}

export type OfflinePreviewer = (
  type: EventTypeEntry,
  request: Omit<OfflinePreviewRequest, 'event'>,
) => Promise<OfflinePreview>

/** For several messages of the same declarations: each text is compiled once. */
export function offlinePreviewer(resources: ResourceSet, tables: PreviewedBy['tables']): OfflinePreviewer {
  const cache = new TemplateCache()
  return async (type, { lang, ...request }) => {
    const missing = new Set<string>()
    const renderer = {
      render: async (job: RenderJob) =>
        renderJob(job, cache, {
          missing: (_part, all) => {
            for (const { path } of all) missing.add(path)
          },
        }),
    }
    const by = { tables, resources, renderer, now: Date.UTC(2026, 0, 31, 12) }
    const preview = await previewMessage(by, { type, ...request, reader: readerIn(lang) })
    return {
      event: type.program.id,
      eventType: typeof type.by === 'string' ? `catalogue ${type.by}` : placeOf(type.by),
      ...preview,
      template: preview.template === undefined ? null : placeOf(resources.get(preview.template)),
      missing: [...missing],
    }
  }
}

function placeOf(resource: Resource | undefined): string {
  return resource === undefined ? '' : `${resource.id} (${resource.file}:${resource.line})`
}
