import type { Commit } from '../source/source.js'

/** Whoever writes a commit may write as much as they like. */
const longest = 250

/** What is kept of a commit. */
export function recordedCommit(commit: Commit | undefined): Commit | undefined {
  if (commit === undefined) return undefined
  const { id, author, date, subject, signer } = commit
  return {
    id,
    author: { name: cut(author.name), email: cut(author.email) },
    date,
    subject: cut(subject),
    ...(signer !== undefined && { signer: cut(signer) }),
  }
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}
