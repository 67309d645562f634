// Which mocks stand in one another's way. Reports only what can be proved from routes, methods and conditions as they are
// declared: that two different conditions accept the same requests is not looked for.

import { type LinkedMock, lasts, OverlapTree } from './overlap-tree.js'
import type { Finding } from './problem.js'
import type { ResourceId } from './resource.js'

export type { LinkedMock } from './overlap-tree.js'

/** More changes than this at once are cheaper from the beginning. */
const manyAtOnce = 128
/** After so many, beginning again drops what removed mocks left behind in the trees. */
const manyInAll = 4096

/** A mock that is in another's way, and how. */
interface Overlap {
  readonly rule: 'equal-claim' | 'shadowed-mock'
  readonly by: LinkedMock
}

/** Remembers the mocks it was last asked about, so that asking again after a small change costs little. */
export class OverlapFinder {
  #mocks = new Map<ResourceId, LinkedMock>()
  #trees = new Map<string, OverlapTree>()
  #overlaps = new Map<ResourceId, Overlap>()
  #changes = 0

  /**
   * Warnings by mock: `equal-claim` when only the name decides between it and an earlier mock, `shadowed-mock` when another
   * mock takes every request it could answer. Pointers lead from the document. The time grows with the number of mocks
   * the first time, and with what changed after that.
   */
  find(mocks: Iterable<LinkedMock>): ReadonlyMap<ResourceId, readonly Finding[]> {
    const wanted = new Map<ResourceId, LinkedMock>()
    const added: LinkedMock[] = []
    const removed: LinkedMock[] = []
    let known = 0
    for (const mock of mocks) {
      const before = this.#mocks.get(mock.id)
      if (before !== undefined) known += 1
      if (before !== undefined && same(before, mock)) {
        // The same object stays in use, because the trees know mocks by it.
        wanted.set(mock.id, before)
        continue
      }
      wanted.set(mock.id, mock)
      added.push(mock)
      if (before !== undefined) removed.push(before)
    }
    if (known < this.#mocks.size) for (const [id, mock] of this.#mocks) if (!wanted.has(id)) removed.push(mock)
    const changes = removed.length + added.length
    this.#changes += changes
    if (changes > manyAtOnce || this.#changes > manyInAll) this.#rebuild(wanted)
    else this.#update(wanted, removed, added)
    const found = new Map<ResourceId, readonly Finding[]>()
    for (const [id, overlap] of this.#overlaps) {
      const mock = wanted.get(id)
      if (mock !== undefined) found.set(id, [toFinding(mock, overlap)])
    }
    return found
  }

  #rebuild(wanted: Map<ResourceId, LinkedMock>): void {
    this.#mocks = wanted
    this.#trees = new Map()
    this.#overlaps = new Map()
    this.#changes = 0
    for (const mock of wanted.values()) this.#treeOf(mock).add(mock)
    for (const mock of wanted.values()) this.#look(mock)
  }

  #update(wanted: Map<ResourceId, LinkedMock>, removed: readonly LinkedMock[], added: readonly LinkedMock[]): void {
    const gone = new Set(removed)
    const affected = new Set(added)
    for (const [id, { by }] of this.#overlaps) {
      const mock = wanted.get(id)
      if (gone.has(by) && mock !== undefined) affected.add(mock)
    }
    for (const mock of removed) {
      this.#treeOf(mock).remove(mock)
      this.#overlaps.delete(mock.id)
    }
    for (const mock of added) this.#treeOf(mock).add(mock)
    for (const mock of added) for (const behind of this.#treeOf(mock).maybeBehind(mock)) affected.add(behind)
    this.#mocks = wanted
    for (const mock of affected) this.#look(mock)
  }

  #look(mock: LinkedMock): void {
    const tree = this.#treeOf(mock)
    const rival = tree.rivalOf(mock)
    const winner = tree.winnerOver(mock)
    // A rival that lasts is a winner too; then the first of all that win is the one to name.
    if (winner !== undefined && winner !== rival) this.#overlaps.set(mock.id, { rule: 'shadowed-mock', by: winner })
    else if (rival !== undefined) this.#overlaps.set(mock.id, { rule: 'equal-claim', by: rival })
    else this.#overlaps.delete(mock.id)
  }

  #treeOf({ namespace }: LinkedMock): OverlapTree {
    let tree = this.#trees.get(namespace)
    if (tree === undefined) {
      tree = new OverlapTree()
      this.#trees.set(namespace, tree)
    }
    return tree
  }
}

function same(a: LinkedMock, b: LinkedMock): boolean {
  return a.program === b.program && a.file === b.file && a.line === b.line
}

function toFinding(mock: LinkedMock, { rule, by }: Overlap): Finding {
  return rule === 'equal-claim' ? equalClaim(mock, by) : shadowed(mock, by)
}

function equalClaim({ program }: LinkedMock, rival: LinkedMock): Finding {
  const outcome = lasts(rival) ? 'so this one never answers' : 'so this one answers only when that one no longer does'
  return {
    rule: 'equal-claim',
    severity: 'warning',
    pointer: program.route.segments.at(-1)?.type === 'pattern' ? '/spec/http/routePattern' : '/spec/http/route',
    message: `${named(rival)} has the same priority, route, method and conditions; its name comes first, ${outcome}`,
    hint: 'give one of them a higher priority or another condition, or remove it',
  }
}

function shadowed({ program }: LinkedMock, winner: LinkedMock): Finding {
  const higher = winner.program.priority > program.priority
  const why = higher ? `has priority ${winner.program.priority} over ${program.priority}` : 'comes first'
  return {
    rule: 'shadowed-mock',
    severity: 'warning',
    pointer: '/spec/http',
    message: `never answers: ${named(winner)} accepts every request this one does and ${why}`,
    hint: higher ? `raise the priority above ${winner.program.priority}, or remove one of them` : 'remove one of them',
  }
}

function named({ namespace, name, file, line }: LinkedMock): string {
  return `Mock "${namespace}/${name}" (${file}:${line})`
}
