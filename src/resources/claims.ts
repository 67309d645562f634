import type { Entry } from './link.js'
import type { ResourceId } from './resource.js'

/** Which documents claim to be which resource. The first by file and line is it; the others are duplicates. */
export class Claims {
  readonly #byId = new Map<ResourceId, Entry | Entry[]>()
  /** Ids with more than one claim. */
  readonly #contested = new Set<ResourceId>()

  get contested(): ReadonlySet<ResourceId> {
    return this.#contested
  }

  add(entry: Entry): void {
    const held = this.#byId.get(entry.id)
    if (held === undefined) {
      this.#byId.set(entry.id, entry)
      return
    }
    const all = [...(Array.isArray(held) ? held : [held]), entry].sort(byPlace)
    this.#byId.set(entry.id, all)
    this.#contested.add(entry.id)
  }

  remove(entry: Entry): void {
    const held = this.#byId.get(entry.id)
    const rest = (Array.isArray(held) ? held : held === undefined ? [] : [held]).filter((each) => each !== entry)
    const [first] = rest
    if (first === undefined) this.#byId.delete(entry.id)
    else this.#byId.set(entry.id, rest.length === 1 ? first : rest)
    if (rest.length < 2) this.#contested.delete(entry.id)
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
