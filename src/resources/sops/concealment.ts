// What may be said of values that were encrypted. Messages quote what they are about; of these they may not.

import type { Json } from '../../expression/json.js'
import type { Finding } from '../problem.js'
import { shortened, splitPointer } from '../reading.js'

/** The encrypted values of one document. */
export interface EncryptedPlaces {
  /** Pointers from the document. */
  readonly encrypted?: Iterable<string> | undefined
  /** They could not be decrypted: they stand for anything. */
  readonly locked?: boolean | undefined
}

/** Texts that are too short would be found in every message. */
const leastHidden = 4

/** Findings as they may be shown; those about values that nobody here can read are dropped. */
export function concealed<Found extends Finding>(
  findings: readonly Found[],
  { encrypted, locked = false }: EncryptedPlaces,
  document: Json,
): readonly Found[] {
  if (encrypted === undefined || findings.length === 0) return findings
  const places = [...encrypted]
  const about = (pointer: string): boolean =>
    places.some((place) => pointer === place || pointer.startsWith(`${place}/`))
  if (locked) return findings.filter(({ pointer }) => !about(pointer))
  const secrets = places.flatMap((place) => spellings(valueAt(document, place)))
  // What is encrypted in Git is no literal there.
  const fitting = findings.filter(({ rule, pointer }) => rule !== 'literal-secret' || !about(pointer))
  return fitting.map((found) => {
    if (!about(found.pointer)) return hide(found, secrets)
    const name = splitPointer(found.pointer).at(-1)
    const { hint: _, ...rest } = found
    const message = `the encrypted value of "${name}" is not accepted (${found.rule})`
    return { ...rest, message, hint: 'look at it with `sops edit`; it is not shown here' } as Found
  })
}

function hide<Found extends Finding>(found: Found, secrets: readonly string[]): Found {
  const shown = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, '******'), text)
  return { ...found, message: shown(found.message), ...(found.hint === undefined ? {} : { hint: shown(found.hint) }) }
}

/** As messages quote a text. */
function spellings(value: Json | undefined): string[] {
  if (typeof value !== 'string' || value.length < leastHidden) return []
  const forms = [value, shortened(value)]
  return [...forms, ...forms.map((form) => JSON.stringify(form).slice(1, -1))].sort((a, b) => b.length - a.length)
}

function valueAt(document: Json, pointer: string): Json | undefined {
  return splitPointer(pointer).reduce<Json | undefined>(
    (value, key) =>
      value !== null && typeof value === 'object' && Object.hasOwn(value, key)
        ? (value as { [key: string]: Json })[key]
        : undefined,
    document,
  )
}
