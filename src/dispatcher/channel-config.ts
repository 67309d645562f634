// The configuration of a channel as a vendor's code needs it: with its secrets in, and everything secret known, so that it
// can be hidden in whatever comes back.

import type { Secrets } from '../delivery/secrets.js'
import { isObject, type Json } from '../expression/json.js'
import { visitMarks } from '../resources/marks.js'
import type { Resource } from '../resources/resource.js'
import type { ResolvedConfig } from './channel-type.js'

interface SecretPlace {
  readonly path: readonly (string | number)[]
  readonly isUrl: boolean
}

/** Shorter parts of a URL are no credentials, and hiding them would hide words. */
const leastPart = 8

/** By declaration: another object once it is declared otherwise. */
const places = new WeakMap<Resource, readonly SecretPlace[]>()

/** Throws `SecretUnusable` when a secret is not there. */
export async function resolveConfig(channel: Resource, secrets: Secrets): Promise<ResolvedConfig> {
  const { config = {} } = channel.spec as { readonly config?: { [field: string]: Json } }
  const found = secretPlaces(channel)
  if (found.length === 0) return config
  const copy = structuredClone(config)
  for (const { path } of found) await resolveAt(copy, path, secrets)
  return copy
}

function secretPlaces(channel: Resource): readonly SecretPlace[] {
  let known = places.get(channel)
  if (known === undefined) {
    const found: SecretPlace[] = []
    visitMarks('channel', channel.spec as Json, (mark, [root, ...path], value) => {
      if (root !== 'config' || path.length === 0) return
      const isReference = isObject(value)
      // A field that need not be secret is so only where it says where to look.
      if (mark === 'secret' || ((mark === 'reference' || mark === 'password') && isReference)) {
        found.push({ path, isUrl: !isReference })
      }
    })
    known = found
    places.set(channel, known)
  }
  return known
}

async function resolveAt(config: { [field: string]: Json }, path: SecretPlace['path'], secrets: Secrets) {
  let parent: Json = config
  for (const step of path.slice(0, -1)) parent = (parent as { [field: string]: Json })[step] as Json
  const last = path.at(-1) as string
  const fields = parent as { [field: string]: Json }
  const given = fields[last]
  const text = isObject(given) ? await secrets.resolve(given) : given
  if (typeof text !== 'string') return
  fields[last] = text
  hide(text, secrets)
}

/** Of a URL that is a credential also the parts that may come back by themselves. */
export function hide(text: string, secrets: Secrets): void {
  secrets.hide(text)
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return
  const { pathname, search, searchParams, password } = new URL(text)
  const parts = [pathname + search, ...pathname.split('/'), ...searchParams.values(), password]
  for (const part of parts) if (part.length >= leastPart) secrets.hide(part)
}
