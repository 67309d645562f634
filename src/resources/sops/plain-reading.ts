import type { SourceFile } from '../../source/source.js'
import { decodeText } from '../decode.js'
import { readJson } from '../json-reader.js'
import type { Limits } from '../limits.js'
import type { ReadDocument } from '../reading.js'
import { readYaml } from '../yaml-reader.js'

/** The documents of a file as they stand there; none of what does not read. A file of another kind may be JSON. */
export function readPlain({ path, bytes }: SourceFile, limits: Limits): readonly ReadDocument[] {
  const decoded = decodeText(bytes)
  if ('rule' in decoded) return []
  const reading = /\.ya?ml$/i.test(path) ? readYaml(decoded.text, limits) : readJson(decoded.text, limits)
  return reading.documents
}
