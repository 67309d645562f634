import type { Entry } from './link.js'
import type { ResourceId } from './resource.js'

/** Which documents claim to be which resource. The first by file and line is it; the others are duplicates. */
export class Claims {
  readonly #keyOf: (entry: Entry) => string
  readonly #byId = new Map<ResourceId, Entry | Entry[]>()
  /** Ids with more than one claim. */
  readonly #contested = new Set<ResourceId>()

  /** `keyOf`: what may be claimed once. */
  constructor(keyOf: (entry: Entry) => string = ({ id }) => id) {
    this.#keyOf = keyOf
  }

  get contested(): ReadonlySet<ResourceId> {
    return this.#contested
  }

  add(entry: Entry): void {
    const id = this.#keyOf(entry)
    const held = this.#byId.get(id)
    if (held === undefined) {
      this.#byId.set(id, entry)
      return
    }
    const all = [...(Array.isArray(held) ? held : [held]), entry].sort(byPlace)
    this.#byId.set(id, all)
    this.#contested.add(id)
  }

  remove(entry: Entry): void {
    const id = this.#keyOf(entry)
    const held = this.#byId.get(id)
    const rest = (Array.isArray(held) ? held : held === undefined ? [] : [held]).filter((each) => each !== entry)
    const [first] = rest
    if (first === undefined) this.#byId.delete(id)
    else this.#byId.set(id, rest.length === 1 ? first : rest)
    if (rest.length < 2) this.#contested.delete(id)
  }

  /** All claims, the valid one first. */
  of(id: ResourceId): readonly Entry[] {
    const held = this.#byId.get(id)
    return held === undefined ? [] : Array.isArray(held) ? held : [held]
  }
}

function byPlace(a: Entry, b: Entry): number {
  if (a.file.path !== b.file.path) return a.file.path < b.file.path ? -1 : 1
  return a.document.index - b.document.index
}
