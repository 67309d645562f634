import type { Decision } from '../../src/dispatcher/decision.js'
import { type Known, type RoutedEvent, route } from '../../src/dispatcher/routing.js'
import { buildTables, type TableOptions, type Tables } from '../../src/dispatcher/tables.js'
import { type CatalogueName, catalogues } from '../../src/resources/catalogues/index.js'
import { writeReference } from '../../src/resources/kinds/reference.js'
import { documents, loadAll } from '../resources/kinds/declared.js'

export const everyCatalogue = Object.keys(catalogues) as CatalogueName[]

/** Tables of documents that stand in one file `a.yaml`, the first in line 1, each two lines below the last. */
export async function tablesOf(texts: readonly string[], options: Partial<TableOptions> = {}): Promise<Tables> {
  const all = { catalogues: everyCatalogue, customersEnabled: false, ...options }
  const { resources, problems } = await loadAll({ 'a.yaml': documents(...texts) }, { catalogues: all.catalogues })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 1))
  return buildTables(resources, all)
}

export function occurrence(more: Partial<RoutedEvent> & Pick<RoutedEvent, 'type'>): RoutedEvent {
  return { id: 'e-1', time: '2026-03-10T12:00:00Z', source: 'test', severity: 'error', payload: {}, ...more }
}

export const noon = Date.UTC(2026, 2, 10, 12)

/** `ops: send`, `ops ann: suppress preference`, in order. */
export function short(decisions: readonly Decision[]): string[] {
  return decisions.map(({ channel, user, outcome, reason }) =>
    `${writeReference(channel)}${user === undefined ? '' : ` ${user.name}`}: ${outcome} ${reason ?? ''}`.trim(),
  )
}

export async function routed(
  texts: readonly string[],
  event: Partial<RoutedEvent> & Pick<RoutedEvent, 'type'>,
  { now = noon, known, ...options }: Partial<TableOptions> & { readonly now?: number; readonly known?: Known } = {},
): Promise<readonly Decision[]> {
  return route(occurrence(event), await tablesOf(texts, options), now, known)
}
