// Where requests go: what is the same for all with one URL is found out once.

/** A URL, in the parts that a request is made of. */
export interface HttpTarget {
  readonly url: URL
  readonly origin: string
  readonly path: string
  /** The user and password of the URL, as the header they mean. */
  readonly credentials: string | undefined
}

/** Of a mock with an id in its URL there may be any number. */
const maxKnown = 1000

/** Those used last. A URL that is a secret is not for it: it would be kept in memory. */
export class Targets {
  #known = new Map<string, HttpTarget>()
  #knownBefore = new Map<string, HttpTarget>()

  /** `undefined` for what is no URL. */
  get(text: string): HttpTarget | undefined {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const target = this.#knownBefore.get(text) ?? parseTarget(text)
    if (target === undefined) return undefined
    if (this.#known.size >= maxKnown) {
      this.#knownBefore = this.#known
      this.#known = new Map()
    }
    this.#known.set(text, target)
    return target
  }
}

/** `undefined` for what is no URL. */
export function parseTarget(text: string): HttpTarget | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return { url, origin: url.origin, path: url.pathname + url.search, credentials: credentialsOf(url) }
}

function credentialsOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`
}

/** A lone percent sign stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
