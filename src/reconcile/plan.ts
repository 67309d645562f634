import type { Resource, ResourceId, ResourceSet } from '../resources/resource.js'

export interface Move {
  readonly from: Resource
  readonly to: Resource
}

/** What has to change for `applied` to become `desired`. */
export interface Plan {
  readonly create: readonly Resource[]
  readonly update: readonly { readonly before: Resource; readonly after: Resource }[]
  readonly prune: readonly Resource[]
  /** Same resource under another id: by `callboard/renamed-from`, or a prune and a create with equal spec. */
  readonly move: readonly Move[]
  readonly unchanged: number
}

export type { ResourceId, ResourceSet }
