/** Fewer characters of a hash may have been typed by accident. */
const shortestHash = 7

/** True when `given` is `revision`, or a beginning of it or of its hash (`sha256:3f2a91c`, `3f2a91c`) that is long enough. */
export function matchesRevision(revision: string, given: string): boolean {
  if (given === revision) return true
  const hashStart = revision.lastIndexOf(':') + 1
  // Every revision of a directory begins with `sha256:`, so that only what is given of the hash counts.
  if (given.length >= shortestHash && revision.startsWith(given, hashStart)) return true
  return given.length >= hashStart + shortestHash && revision.startsWith(given)
}
