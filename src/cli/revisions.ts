// The history of what was applied, and of what was not and why.
import type { RevisionSummary, RevisionView } from '../status/views.js'
import { exitCodes, type Io } from './command.js'
import { type ControlClient, ControlError } from './control-client.js'
import { renderProblems } from './declaration-problems.js'
import { columns, printable, type View } from './view.js'

/** Shown of a history; -o json and -o yaml show all of it. */
const shortCommit = 12

export function isHistory(kind: string): boolean {
  return /^revisions?$/i.test(kind)
}

/** What `callboard get revisions` shows, or with a reference `callboard get revision 12`. */
export function readHistory(
  client: ControlClient,
  io: Io,
  reference: string | undefined,
  { namespace }: { readonly namespace?: string },
): () => Promise<View> {
  if (namespace !== undefined) throw new ControlError('revisions are in no namespace; leave it out', exitCodes.usage)
  return async () => {
    if (reference === undefined) {
      const found = await client.list<RevisionSummary>('/api/v1/revisions', {}, { signal: io.signal })
      if (found.length === 0) io.stderr('no revision was looked at yet\n')
      return { data: found, table: found.length === 0 ? '' : renderHistory(found), exitCode: exitCodes.clean }
    }
    const path = `/api/v1/revisions/${encodeURIComponent(reference)}`
    const revision = await client.get<RevisionView>(path, {}, { signal: io.signal })
    return { data: revision, table: renderRevision(revision), exitCode: exitCodes.clean }
  }
}

function renderHistory(revisions: readonly RevisionSummary[]): string {
  return columns([
    ['GENERATION', 'TIME', 'OUTCOME', 'TOOK', 'CHANGES', 'REVISION', 'AUTHOR', 'SIGNED BY', 'SUBJECT'],
    ...revisions.map((one) => [
      one.generation === null ? '-' : String(one.generation),
      one.time,
      one.outcome === 'applied' ? one.outcome : `${one.outcome} (${one.reason})`,
      `${Math.round(one.durationMs)} ms`,
      String(one.changes.length),
      shortened(one),
      one.author ?? '-',
      signerOf(one),
      one.commit?.subject ?? '-',
    ]),
  ])
}

/** `main@sha1:` and the beginning of the hash, which is enough to ask for it again. */
function shortened({ revision }: RevisionSummary): string {
  const start = revision.lastIndexOf(':') + 1
  return revision.slice(0, start + shortCommit)
}

/** Without the fingerprint where a name says it, too. */
function signerOf({ commit }: RevisionSummary): string {
  return commit?.signer?.replace(/(?<=\S) \([^()]*\)$/, '') ?? '-'
}

function renderRevision(one: RevisionView): string {
  const { commit } = one
  const facts = [
    ['Revision', one.revision],
    ...(commit === undefined
      ? []
      : [
          ['Commit', commit.id],
          ['Author', commit.author],
          ['Subject', commit.subject],
          ['Committed', commit.date],
          ['Signed by', commit.signer ?? 'not verified'],
        ]),
    ['Outcome', `${one.outcome}: ${one.reason}: ${one.message}`],
    ['Generation', one.generation === null ? 'none: it was not applied' : String(one.generation)],
    ['Looked at', `${one.time}, ${Math.round(one.durationMs)} ms`],
  ]
  const changes = one.changes.map(({ operation, kind, namespace, name, from }) => {
    const moved = from === undefined ? '' : ` from ${from}`
    return `${printable(`  ${operation} ${kind} ${namespace === '' ? '' : `${namespace}/`}${name}${moved}`)}\n`
  })
  const problems = one.problems.length === 0 ? '' : `\n${renderProblems(one.problems)}`
  return `${columns(facts)}${changes.length === 0 ? '' : `\n${changes.join('')}`}${problems}`
}
