import { type Resource, type ResourceId, type ResourceSet, resourceId } from '../resources/resource.js'
import type { ResourceSummary, ResourceView } from '../status/views.js'
import type { ControlClient } from './control-client.js'

export interface RemoteSide {
  readonly name: string
  readonly resources: ResourceSet
  readonly problems: readonly []
}

/**
 * What a controller has applied. Specs are fetched only of what differs from `head` by digest or is missing there; they
 * come with secrets masked.
 */
export async function appliedResources(client: ControlClient, head: ResourceSet): Promise<RemoteSide> {
  const summaries = await client.list<ResourceSummary>('/api/v1/resources')
  const resources = new Map<ResourceId, Resource>()
  for (const summary of summaries) {
    const id = resourceId(summary.kind, summary.namespace, summary.name)
    const same = head.get(id)?.digest === summary.digest
    resources.set(id, toResource(id, summary, same ? undefined : await fetchView(client, summary)))
  }
  return { name: client.url, resources, problems: [] }
}

async function fetchView(client: ControlClient, { kind, namespace, name }: ResourceSummary): Promise<ResourceView> {
  const place = [kind, namespace === '' ? '-' : namespace, name].map(encodeURIComponent).join('/')
  return client.get<ResourceView>(`/api/v1/resources/${place}`)
}

function toResource(
  id: ResourceId,
  { kind, namespace, name, labels, digest, file, line }: ResourceSummary,
  view: ResourceView | undefined,
): Resource {
  return {
    id,
    kind,
    namespace,
    name,
    labels,
    annotations: view?.annotations ?? {},
    spec: view?.spec,
    digest,
    file,
    line,
  }
}
