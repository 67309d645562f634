import { createHash } from 'node:crypto'

const bucketCount = 64

/**
 * The revision of a set of files: a hash over all pairs of path and content hash, whatever the order they came in.
 * Pairs are spread over buckets by path and hashed per bucket, so that one change among 10,000 files hashes 160 pairs
 * again and not all of them.
 */
export class RevisionHash {
  readonly #buckets: (Map<string, string> | undefined)[] = new Array(bucketCount).fill(undefined)
  readonly #digests: string[] = new Array(bucketCount).fill('')
  readonly #stale = new Set<number>()

  set(path: string, contentHash: string): void {
    const index = bucketOf(path)
    const bucket = this.#buckets[index] ?? new Map<string, string>()
    this.#buckets[index] = bucket
    bucket.set(path, contentHash)
    this.#stale.add(index)
  }

  delete(path: string): void {
    const index = bucketOf(path)
    if (this.#buckets[index]?.delete(path)) this.#stale.add(index)
  }

  /** `refused` stands for what belongs to the revision and could not be read. */
  value(refused: readonly { readonly path: string; readonly reason: string }[]): string {
    for (const index of this.#stale) this.#digests[index] = digestOf(this.#buckets[index])
    this.#stale.clear()
    const all = createHash('sha256').update(this.#digests.join('\n'))
    for (const { path, reason } of refused) all.update(`\n${path}\0${reason}\0`)
    return `sha256:${all.digest('hex')}`
  }
}

function digestOf(bucket: ReadonlyMap<string, string> | undefined): string {
  if (bucket === undefined || bucket.size === 0) return ''
  // No path holds NUL, and hashes are of one length: no two sets of pairs give the same text.
  const pairs = [...bucket].map(([path, contentHash]) => `${path}\0${contentHash}`).sort()
  return createHash('sha256').update(pairs.join('\0')).digest('hex')
}

/** FNV-1a. Part of what a revision is: another spread gives other revisions for the same files. */
function bucketOf(path: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
  return (hash >>> 16) % bucketCount
}
