// The bytes of an encrypted file that a document names: its own text, with every encrypted value replaced where it stands
// and without the metadata.

import { type Json, RawNumber, stringifyJson } from '../../expression/json.js'
import type { SourceFile } from '../../source/source.js'
import { decodeText } from '../decode.js'
import { readJson } from '../json-reader.js'
import type { Limits } from '../limits.js'
import type { Opened } from '../link.js'
import { readYaml } from '../yaml-reader.js'
import { type EncryptedFile, type SopsProblem, unsealingOf } from './encrypted-files.js'
import type { Unsealing } from './unsealing.js'

/** What a file that documents name holds, as its readers get it; see `parseEncrypted` for `guess`. */
export function openPayload(
  file: SourceFile,
  encrypted: EncryptedFile | undefined,
  limits: Limits,
  guess: boolean,
): Opened {
  if (encrypted === undefined) return file
  const { problem } = encrypted
  if (problem !== undefined && !guess) return { refusal: problem.message }
  const payload = decryptPayload(file, encrypted, limits)
  if (!('bytes' in payload)) return { refusal: payload.message }
  return problem === undefined ? payload : { ...payload, warning: problem.message }
}

export type Payload = { readonly bytes: Uint8Array } | SopsProblem

/** Without a key, encrypted values stay as they are. */
export function decryptPayload({ path, bytes }: SourceFile, file: EncryptedFile, limits: Limits): Payload {
  const unsealing = unsealingOf(file)
  const decoded = decodeText(bytes)
  if (unsealing === undefined || 'rule' in decoded) return { bytes }
  // Documents are bounded to what people write; a payload may be as large as its file may be.
  const bounds = { ...limits, fileBytes: Number.POSITIVE_INFINITY }
  const read = /\.ya?ml$/i.test(path) ? readYaml : readJson
  const reading = read(decoded.text, bounds, unsealing)
  const fault =
    reading.documents.find(({ broken }) => broken !== undefined)?.broken ??
    reading.documents.flatMap(({ faults }) => faults)[0] ??
    reading.broken
  if (fault !== undefined) {
    const where = fault.pointer === '' ? '' : ` (at ${fault.pointer})`
    return { rule: fault.rule, message: `${fault.message}${where}`, hint: fault.hint ?? 'write the file with sops' }
  }
  if (!file.isBinary) return { bytes: Buffer.from(withoutSeals(decoded.text, unsealing)) }
  const { data } = (reading.documents[0]?.value ?? {}) as { [key: string]: Json }
  return { bytes: Buffer.from(typeof data === 'string' ? data : '') }
}

function withoutSeals(text: string, { replacements, cuts }: Unsealing): string {
  const edits = [
    ...replacements.map(({ span, value }) => ({ span, text: written(value) })),
    ...cuts.map((span) => ({ span, text: '' })),
  ]
  let result = ''
  let from = 0
  for (const { span, text: put } of edits.sort((a, b) => a.span[0] - b.span[0])) {
    result += text.slice(from, span[0]) + put
    from = span[1]
  }
  return result + text.slice(from)
}

/** Reads the same as JSON and as YAML. */
function written(value: Json): string {
  return value instanceof RawNumber ? value.text : stringifyJson(value)
}
