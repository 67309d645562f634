// Whether the secrets that a resource names are there. Asked when somebody looks: a file may come and go.

import { type SecretSources, Secrets, SecretUnusable } from './delivery/secrets.js'
import type { Json } from './expression/json.js'
import type { Resource } from './resources/resource.js'
import { type SecretReferenceAt, secretReferences } from './resources/secret-references.js'

export interface SecretsFound {
  /** Why one cannot be used, with the pointer to where it is named; empty when all are there. */
  readonly missing: readonly string[]
  /** Since when as much is known to be missing, in milliseconds since 1970. */
  readonly since: number
}

interface Known {
  readonly references: readonly SecretReferenceAt[]
  isMissing: boolean | undefined
  since: number
}

export interface SecretCheckOptions extends SecretSources {
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export class SecretCheck {
  readonly #options: SecretCheckOptions
  /** A resource is another object once it is declared otherwise. */
  readonly #known = new WeakMap<Resource, Known>()

  constructor(options: SecretCheckOptions) {
    this.#options = options
  }

  /** A look at several resources, each secret once. Of a resource that names no secret it finds undefined. */
  look(): (resource: Resource) => Promise<SecretsFound | undefined> {
    const looked = new Map<string, Promise<string | undefined>>()
    const problemOf = ({ env, file }: SecretReferenceAt['place']): Promise<string | undefined> => {
      const key = env === undefined ? `file ${file}` : `env ${env}`
      let problem = looked.get(key)
      if (problem === undefined) {
        problem = this.#problemOf({ ...(env !== undefined && { env }), ...(file !== undefined && { file }) })
        looked.set(key, problem)
      }
      return problem
    }
    return async (resource) => {
      const known = this.#knownOf(resource)
      if (known.references.length === 0) return undefined
      const missing: string[] = []
      for (const { pointer, place } of known.references) {
        const problem = await problemOf(place)
        if (problem !== undefined) missing.push(`${problem} (${pointer})`)
      }
      const isMissing = missing.length > 0
      if (known.isMissing !== isMissing) {
        known.isMissing = isMissing
        known.since = this.#options.now()
      }
      return { missing, since: known.since }
    }
  }

  #knownOf(resource: Resource): Known {
    let known = this.#known.get(resource)
    if (known === undefined) {
      const references = secretReferences(resource.kind, resource.spec as Json)
      known = { references, isMissing: undefined, since: 0 }
      this.#known.set(resource, known)
    }
    return known
  }

  /** As an attempt would find it. */
  async #problemOf(place: SecretReferenceAt['place']): Promise<string | undefined> {
    try {
      await new Secrets(this.#options).resolve(place)
      return undefined
    } catch (error) {
      if (error instanceof SecretUnusable) return error.message
      throw error
    }
  }
}
