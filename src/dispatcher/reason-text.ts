import { writeReference } from '../resources/kinds/reference.js'
import type { Resource } from '../resources/resource.js'

/** `Preference "shop/nights" (people/ann.yaml:12)` */
export function placed(resource: Resource): string {
  return `${resource.kind} "${writeReference(resource)}" (${resource.file}:${resource.line})`
}

export function say(resource: Resource, what: string): string {
  return `${placed(resource)} ${what}`
}
