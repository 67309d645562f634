import type { CommitView, StatusView, SuspensionView } from '../status/views.js'
import { type CliCommand, exitCodes } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'
import { renderProblems } from './declaration-problems.js'
import { columns, plural, printable, show, type ViewOptions, viewOptions } from './view.js'

export const statusCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('status')
      .description('show where a running controller stands; exit code 1 unless it is ready')
    controlOptions(viewOptions(command)).action((options: ViewOptions & ControlOptions) =>
      withControl(io, options, (client) =>
        show(io, options, async () => {
          const status = await client.get<StatusView>('/api/v1/status', {}, { signal: io.signal })
          return {
            data: status,
            table: renderStatus(status),
            exitCode: isClean(status) ? exitCodes.clean : exitCodes.problems,
          }
        }),
      ),
    )
  },
}

function isClean({ conditions, counts }: StatusView): boolean {
  return counts.errors === 0 && conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

function renderStatus(status: StatusView): string {
  const { counts, conditions, deletionBudget, problems } = status
  const kinds = Object.entries(counts.resources).map(([kind, count]) => `${count} ${kind}`)
  const facts = [
    ['Source', status.source],
    ['Applied', described(status.lastAppliedRevision, status.lastAppliedTime, `, generation ${status.generation}`)],
    ...commitRow(status.lastAppliedCommit),
    ['Attempted', described(status.lastAttemptedRevision, status.lastAttemptTime)],
    ...(isOther(status.lastAttemptedCommit, status.lastAppliedCommit) ? commitRow(status.lastAttemptedCommit) : []),
    ['Resources', `${kinds.join(', ') || 'none'}; ${plural(counts.unmanaged, 'unmanaged document')}`],
    ['Problems', `${plural(counts.errors, 'error')}, ${plural(counts.warnings, 'warning')}`],
    ...(status.suspended ? suspensionRows(status) : []),
  ]
  const table = [
    ['CONDITION', 'STATUS', 'REASON', 'SINCE', 'MESSAGE'],
    ...conditions.map((one) => [one.type, one.status, one.reason, one.lastTransitionTime, one.message]),
  ]
  const budget = deletionBudget === null ? '' : `\n${printable(deletionBudget.hint)}\n`
  const details = problems.length === 0 ? '' : `\n${renderProblems(problems)}`
  const missing = counts.errors + counts.warnings - problems.length
  const more = missing > 0 ? `… and ${plural(missing, 'more problem')}\n` : ''
  return `${columns(facts)}\n${columns(table)}${budget}${details}${more}`
}

function suspensionRows(status: StatusView): string[][] {
  const { suspension, lastSeenRevision, lastSeenCommit, lastAppliedRevision } = status
  // An older controller does not say.
  const isNews = (lastSeenRevision ?? null) !== null && lastSeenRevision !== lastAppliedRevision
  return [
    ['Suspended', `${whose(suspension)}nothing is applied until "callboard resume"`],
    ...(isNews ? [['Newest', `${lastSeenRevision} (seen, not applied)`], ...commitRow(lastSeenCommit)] : []),
  ]
}

function whose(suspension: SuspensionView | null | undefined): string {
  if (suspension === null || suspension === undefined) return ''
  const { since, revision, by, reason } = suspension
  const parts = [
    revision === null ? '' : `at ${revision}`,
    by === null ? '' : `by ${by}`,
    since === null ? '' : `since ${since}`,
  ].filter((part) => part !== '')
  const why = reason === null ? '' : ` (${reason})`
  return parts.length === 0 && why === '' ? '' : `${parts.join(' ')}${why}: `
}

/** What Git says of the revision above. */
function commitRow(commit: CommitView | null | undefined): string[][] {
  if (commit === null || commit === undefined) return []
  const signed = commit.signer === null ? '' : `, signed by ${commit.signer}`
  return [['', `${commit.subject} (${commit.author}, ${commit.date}${signed})`]]
}

function isOther(one: CommitView | null | undefined, other: CommitView | null | undefined): boolean {
  return one?.id !== other?.id
}

function described(revision: string | null, time: string | null, more = ''): string {
  return revision === null ? 'none yet' : `${revision} (${time ?? 'time unknown'}${more})`
}
