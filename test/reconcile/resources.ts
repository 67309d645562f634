import { type Resource, type ResourceSet, resourceId } from '../../src/resources/resource.js'

export interface Declared {
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  readonly spec?: unknown
  readonly annotations?: Readonly<Record<string, string>>
}

export function resource({ kind = 'Mock', namespace = 'shop', name, spec = {}, annotations = {} }: Declared): Resource {
  return {
    id: resourceId(kind, namespace, name),
    kind,
    namespace,
    name,
    labels: {},
    annotations,
    spec,
    digest: JSON.stringify([spec, annotations]),
    file: `${namespace}.yaml`,
    line: 1,
  }
}

export function setOf(declared: readonly Declared[]): ResourceSet {
  return new Map(declared.map(resource).map((made) => [made.id, made]))
}

export function names(count: number, prefix = 'm'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}
