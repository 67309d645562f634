import { LosslessNumber } from 'lossless-json'
import { type Json, RawNumber } from '../expression/json.js'
import { type Resource, type ResourceId, type ResourceSet, resourceId } from '../resources/resource.js'
import { parallel } from '../source/disk.js'
import { SourceError } from '../source/source.js'
import type { ResourceSummary, ResourceView, StatusView } from '../status/views.js'
import type { ControlClient } from './control-client.js'

export interface RemoteSide {
  /** Where, and what it has applied. */
  readonly name: string
  readonly resources: ResourceSet
}

/** A controller that applies revisions faster than it can be asked is not asked for ever. */
const attempts = 3

/**
 * What a controller has applied, all of one generation. Specs are fetched only of what differs from `head` by digest or
 * is missing there; they come with secrets masked.
 */
export async function appliedResources(client: ControlClient, head: ResourceSet): Promise<RemoteSide> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const before = await generationOf(client)
    const resources = await readResources(client, head).catch(async (error: unknown) => {
      // What was listed and is gone by now was pruned in between.
      if ((await generationOf(client)) === before) throw error
      return undefined
    })
    if (resources !== undefined && (await generationOf(client)) === before) {
      return { name: `${client.url} at generation ${before}`, resources }
    }
  }
  throw new SourceError(`${client.url} keeps applying other revisions while it is asked; try again`)
}

async function generationOf(client: ControlClient): Promise<number> {
  const { generation } = await client.get<StatusView>('/api/v1/status')
  return generation
}

async function readResources(client: ControlClient, head: ResourceSet): Promise<ResourceSet> {
  const summaries = await client.list<ResourceSummary>('/api/v1/resources')
  const views = new Map<ResourceSummary, ResourceView>()
  const differing = summaries.filter((summary) => head.get(idOf(summary))?.digest !== summary.digest)
  await parallel(differing, async (summary) => {
    views.set(summary, await fetchView(client, summary))
  })
  return new Map(summaries.map((summary) => [idOf(summary), toResource(summary, views.get(summary))]))
}

function fetchView(client: ControlClient, { kind, namespace, name }: ResourceSummary): Promise<ResourceView> {
  const place = [kind, namespace === '' ? '-' : namespace, name].map(encodeURIComponent).join('/')
  return client.get<ResourceView>(`/api/v1/resources/${place}`)
}

function idOf({ kind, namespace, name }: ResourceSummary): ResourceId {
  return resourceId(kind, namespace, name)
}

function toResource(summary: ResourceSummary, view: ResourceView | undefined): Resource {
  const { kind, namespace, name, labels, digest, file, line } = summary
  return {
    id: idOf(summary),
    kind,
    namespace,
    name,
    labels,
    annotations: view?.annotations ?? {},
    spec: view === undefined ? undefined : asDeclared(view.spec),
    digest,
    file,
    line,
  }
}

/** Numbers as the declarations here have them. */
function asDeclared(value: unknown): Json {
  if (value instanceof LosslessNumber) return new RawNumber(value.toString())
  if (Array.isArray(value)) return value.map(asDeclared)
  if (value === null || typeof value !== 'object') return value as Json
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asDeclared(item)]))
}
