// A plan in the forms that people, programs and pull requests read it in.

import type { Problem } from '../../resources/problem.js'
import { printable } from '../view.js'
import type { Change } from './changes.js'
import { digestLines } from './digests.js'
import { holdLine } from './holds.js'
import { renderPlanJson } from './json.js'
import { differenceLines } from './lines.js'
import { renderPlanMarkdown } from './markdown.js'
import { messageLines, messageTitle } from './message-lines.js'
import type { MessageChange } from './messages.js'
import type { Owners } from './owners.js'
import { pacedLines, recipientLines } from './recipients.js'
import { budgetLine, budgetNote, nameOf, type PlanReport, summaryOf } from './report.js'
import { requestLine } from './route-lines.js'
import { type FiredWebhook, operationsText } from './webhooks.js'

export const planFormats: ReadonlyMap<string, (report: PlanReport, colour: boolean) => string> = new Map([
  ['text', text],
  ['json', renderPlanJson],
  ['markdown', (report: PlanReport) => renderPlanMarkdown(report)],
])

const styles = { create: ['+', 32], update: ['~', 33], move: ['→', 36], prune: ['-', 31] } as const
/** Warnings that are new are listed, but do not bury the plan. */
const mostWarnings = 20

function text(report: PlanReport, colour: boolean): string {
  const { base, head, planned, problems, comparesProblems, notComputed, notes } = report
  const lines = (planned?.changes ?? []).flatMap((change) => changeLines(change, planned?.owners, colour))
  const { known, fresh } = problems
  const errors = ofSeverity(fresh, 'error')
  // Where new ones cannot be told from old ones, all that was there before would be told at each plan.
  const warnings = comparesProblems ? ofSeverity(fresh, 'warning') : []
  const isNew = comparesProblems ? 'new ' : ''
  const sections = [
    lines,
    (planned?.fires ?? []).map(firedLine),
    [
      ...(planned?.namespaces ?? []).map(({ namespace, text: what }) => printable(`namespace ${namespace}: ${what}`)),
      ...(planned?.requests ?? []).map((change) => printable(requestLine(change))),
    ],
    [...(planned?.recipients ?? []).flatMap(recipientLines), ...(planned?.holds ?? []).map(holdLine)].map(printable),
    (planned?.recipients ?? []).flatMap(pacedLines).map(printable),
    (planned?.digests ?? []).flatMap(digestLines).map(printable),
    ...(planned?.messages ?? []).map(messageBlock),
    errors.map((problem) => problemLine(problem, isNew)),
    ofSeverity(known, 'error').map((problem) => problemLine(problem, '')),
    warnings.slice(0, mostWarnings).map((problem) => problemLine(problem, isNew)),
    warnings.length > mostWarnings ? [`… and ${warnings.length - mostWarnings} more warnings`] : [],
    [
      `${printable(base)} → ${printable(head)}: ${summaryOf(report)}`,
      ...(planned === undefined ? [] : [budgetLine(planned) ?? []].flat()),
      ...(planned?.excesses ?? []).map(budgetNote),
      ...notComputed.map((what) => `not computed: ${printable(what)}`),
      ...notes.map((note) => `note: ${printable(note)}`),
    ],
  ]
  return sections
    .filter((section) => section.length > 0)
    .map((section) => `${section.join('\n')}\n`)
    .join('\n')
}

function changeLines(change: Change, owners: Owners | undefined, colour: boolean): string[] {
  const { operation, resource, from, keepsState, differences } = change
  const [sign, code] = styles[operation]
  const title = `${sign} ${operation} ${nameOf(resource)}${from === undefined ? '' : ` from ${nameOf(from)}`}`
  const owning = owners?.of(change) ?? []
  const owned = owning.length === 0 ? '' : `, owned by ${owning.join(' ')}`
  const painted = colour ? `\u001b[${code}m${title}\u001b[0m` : title
  return [
    `${painted}  (${printable(`${resource.file}:${resource.line}${owned}`)})`,
    ...(keepsState === false ? [`    ${stateNote}`] : []),
    ...differenceLines(differences).map((line) => `    ${line}`),
  ]
}

function messageBlock(message: MessageChange): string[] {
  return [
    printable(`${messageTitle(message)} would read:`),
    ...messageLines(message).map((line) => printable(`    ${line}`).trimEnd()),
  ]
}

function firedLine(fired: FiredWebhook): string {
  const { webhook } = fired
  return `${nameOf(webhook)} would hear of ${operationsText(fired)}  (${printable(`${webhook.file}:${webhook.line}`)})`
}

const stateNote = 'counters and ttl begin again; the annotation callboard/renamed-from keeps them'

function ofSeverity(problems: readonly Problem[], wanted: Problem['severity']): Problem[] {
  return problems.filter(({ severity }) => severity === wanted)
}

function problemLine({ file, line, column, severity, message, rule }: Problem, isNew: string): string {
  return printable(`${file}:${line}:${column}: ${isNew}${severity}: ${message} [${rule}]`)
}
