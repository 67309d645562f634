/** Fewer characters than this could mean too many revisions. */
export const shortestPrefix = 4

/**
 * True when `reference` names the revision: its generation (`12`), the beginning of the revision as it is written
 * (`main@sha1:3f2a`), or the beginning of its hash (`3f2a`). Digits alone are a generation first; as the beginning of a
 * hash they need to be longer than any generation.
 */
export function isRevisionReference(
  reference: string,
  { generation, revision }: { readonly generation: number | null; readonly revision: string },
): boolean {
  if (/^\d{1,9}$/.test(reference)) return generation === Number(reference)
  if (reference === revision) return true
  if (reference.length < shortestPrefix) return false
  const hashStart = revision.lastIndexOf(':') + 1
  if (revision.startsWith(reference, hashStart)) return true
  // "sha256:" alone begins every revision of a directory, so what counts is how much of the hash was given.
  return reference.length >= hashStart + shortestPrefix && revision.startsWith(reference)
}
