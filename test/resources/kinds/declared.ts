import { Loader, type LoaderOptions } from '../../../src/resources/load.js'
import { snapshotOf } from '../snapshot.js'

/** A document as YAML, which JSON is. `name`: `name` or `namespace/name`. */
export function declared(kind: string, name: string, spec?: object): string {
  const [last = '', namespace] = name.split('/').reverse()
  const metadata = { name: last, ...(namespace === undefined ? {} : { namespace }) }
  return `${JSON.stringify({ apiVersion: 'callboard/v1', kind, metadata, ...(spec && { spec }) })}\n`
}

/** Each a document of its own in one file, so that the line is its number, twice less one. */
export function documents(...texts: readonly string[]): string {
  return texts.join('---\n')
}

export async function loadAll(files: Readonly<Record<string, string>>, options: Partial<LoaderOptions> = {}) {
  return new Loader({ defaultNamespace: 'sandbox', ...options }).load(snapshotOf(files))
}

export const mattermost = { type: 'mattermost', config: { webhookUrl: { env: 'URL' } } }
export const slack = { type: 'slack', config: { botToken: { env: 'TOKEN' } } }
export const telegram = { type: 'telegram', config: { botToken: { env: 'TOKEN' } } }
