// What a mock keeps of a request: `extract`, and the older `extractors`.

import type { Json } from '../../expression/json.js'
import { forbiddenKeys } from '../../expression/query.js'
import type { Template } from '../../expression/template.js'
import type { Extractor, MockSpec } from '../generated/mock.js'
import type { Linking } from './linking.js'
import type { Extraction } from './mock-program.js'

const stores = { mStore: 'mS', cStore: 'cS', gStore: 'gS' } as const
const olderStores = { mock: 'mS', chain: 'cS', global: 'gS' } as const

/** In the order in which they run: later ones see what earlier ones kept. */
export function compileExtraction({ extract = {}, extractors = [] }: MockSpec, linking: Linking): Extraction[] {
  const newer = (['mStore', 'cStore', 'gStore'] as const).flatMap((field) =>
    Object.entries(extract[field] ?? {}).flatMap(([key, value]): Extraction[] => {
      const pointer = `/spec/extract/${field}/${escaped(key)}`
      if (!isStorable(key, pointer, linking)) return []
      return [{ store: stores[field], key, value: linking.template(pointer, value as Json) }]
    }),
  )
  const older = extractors.flatMap((extractor, index): Extraction[] => {
    const pointer = `/spec/extractors/${index}`
    if (!isStorable(extractor.key, `${pointer}/key`, linking)) return []
    const at = extractor.jsonPath === undefined ? pointer : `${pointer}/jsonPath`
    const value = linking.template(at, expressionOf(extractor))
    if (value.constant) {
      const hint = 'write a JSONPath such as $.order.id for a body, else a name'
      linking.error(at, 'extractor-path', `"${extractor.jsonPath ?? ''}" leads nowhere`, hint)
    }
    return [{ store: olderStores[extractor.toStore], key: extractor.key, value }]
  })
  return [...newer, ...older]
}

/** What a store begins with; its keys are checked, its values may hold expressions. */
export function compileStore(values: Json, pointer: string, linking: Linking): Template {
  for (const key of Object.keys(values as object)) isStorable(key, `${pointer}/${escaped(key)}`, linking)
  return linking.template(pointer, values)
}

/** The expression that finds what an older extractor takes. */
function expressionOf({ from = 'body', jsonPath = '$' }: Extractor): string {
  // What stands below the part, with the `.` or `[` it begins with; empty for all of it.
  const below = jsonPath.startsWith('$') ? jsonPath.slice(1) : /^[.[]/.test(jsonPath) ? jsonPath : `.${jsonPath}`
  if (from === 'body') return `$.req${below}`
  const root = { header: '$.reqHeader', query: '$.queryParams', path: '$.pathParam' }[from]
  if (!/^\.[^.]/.test(below)) return `${root}${below}`
  const path = below.slice(1)
  const [, name = path, index] = /^(.*?)(\[-?\d+\])?$/.exec(path) ?? []
  const quoted = `['${name.replace(/[\\']/g, '\\$&')}']`
  // A header is a list; the older form meant its first value.
  return `${root}${quoted}${index ?? (from === 'header' ? '[0]' : '')}`
}

function isStorable(key: string, pointer: string, linking: Linking): boolean {
  if (!forbiddenKeys.has(key)) return true
  linking.error(pointer, 'store-key', `"${key}" is a key that is never stored`, 'choose another key')
  return false
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
