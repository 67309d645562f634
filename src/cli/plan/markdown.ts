import type { BudgetExcess } from '../../reconcile/deletion-budget.js'
import type { Problem } from '../../resources/problem.js'
import { printable } from '../view.js'
import type { Change } from './changes.js'
import { digestLines } from './digests.js'
import { holdLine } from './holds.js'
import { differenceLines } from './lines.js'
import { code, codeCell, html, plain, ticksFor } from './markdown-text.js'
import { messageLines, messageTitle } from './message-lines.js'
import type { Owners } from './owners.js'
import { pacedLines, recipientLines } from './recipients.js'
import { budgetLine, budgetNote, errorsOf, nameOf, type PlanReport, summaryOf } from './report.js'
import { answerText, requestText } from './route-lines.js'
import type { RequestChange } from './routes.js'
import { fitSections, type Section } from './sections.js'
import { operationsText } from './webhooks.js'

/** By this a comment of an earlier run is found and replaced. */
export function planMarker(id: string): string {
  return `<!-- callboard-plan: ${id === '' ? '.' : id} -->`
}

/** The marker that a comment begins with. */
export function markerOf(text: string): string | undefined {
  return /^<!-- callboard-plan: [\w./-]{1,100} -->(?=\n)/.exec(text)?.[0]
}

/** Nothing that ends the marker. */
export function isMarkerId(text: string): boolean {
  return /^[\w./-]{1,100}$/.test(text)
}

/** GitHub refuses comments beyond 65,536 characters. */
const mostCharacters = 60_000
/** Problems listed; `callboard validate` shows all. */
const mostProblems = 50
/** Namespaces named in which the deletion budget is exceeded. */
const mostExcesses = 5
/** Characters of one line in a block. */
const widest = 2_000

/** For a comment in a pull request, with what a reviewer has to know first. */
export function renderPlanMarkdown(report: PlanReport): string {
  const { id, base, head, planned, notes } = report
  const marked = isMarkerId(id) ? id : id.replace(/[^\w./-]/g, '-').slice(0, 100)
  const budget = planned === undefined ? undefined : budgetLine(planned)
  const first = [
    planMarker(marked),
    `### Callboard plan: ${summaryOf(report)}`,
    '',
    `${code(base)} → ${code(head)}${budget === undefined ? '' : `; ${plain(budget)}`}`,
    '',
    ...excessNotes(planned?.excesses ?? []).flatMap((note) => ['', alert('CAUTION', note), '']),
    ...notes.flatMap((note) => ['', alert('NOTE', note), '']),
  ].join('\n')
  const sections = [...told(report), ...layers(report), ...known(report)]
  return first + fitSections(sections, mostCharacters - first.length)
}

function excessNotes(excesses: readonly BudgetExcess[]): readonly string[] {
  const more = excesses.length - mostExcesses
  const shown = excesses.slice(0, mostExcesses).map(budgetNote)
  return more > 0 ? [...shown, `deletion budget: it is exceeded in ${more} more namespaces`] : shown
}

/** What a reviewer has to know of before the changes. */
function told({ problems, comparesProblems, notComputed }: PlanReport): Section[] {
  const warned = notComputed.map((what) => `\n${alert('WARNING', `not computed: ${what}`)}\n`)
  const fresh = comparesProblems ? problems.fresh : errorsOf(problems.fresh)
  return [
    { head: '', pieces: warned.slice(0, 5), tail: '', what: 'things that were not computed', share: 0.04 },
    block('Not computed besides', 'text', notComputed.slice(5), 'things that were not computed', 0.04),
    problemList(comparesProblems ? 'New problems' : 'Problems', fresh, 0.15),
  ]
}

function known({ problems }: PlanReport): Section[] {
  return [problemList('Problems that the base has as well', errorsOf(problems.known), 0.04)]
}

/** The three layers, what it means before what it is made of. */
function layers({ planned, notComputed }: PlanReport): Section[] {
  if (planned === undefined) return []
  const { changes, requests, namespaces, recipients, holds, digests, messages, owners } = planned
  const nothing = notComputed.length === 0 ? 'No resource changes.' : 'No changes in what could be computed.'
  const people = [...recipients.flatMap(recipientLines), ...holds.map(holdLine)]
  const heard = planned.fires.map((one) => `- ${code(nameOf(one.webhook))}: ${plain(operationsText(one))}\n`)
  return [
    { head: '', pieces: changes.length === 0 ? [`\n${nothing}\n`] : [], tail: '', what: '', share: 0.01 },
    {
      head: '\n**What would change for whole namespaces**\n\n',
      pieces: namespaces.map(({ namespace, text }) => `- ${code(namespace)}: ${plain(text)}\n`),
      tail: '',
      what: 'namespaces',
      share: 0.04,
    },
    {
      head: '\n**Requests that would be answered otherwise**\n\n| request | before | after |\n| --- | --- | --- |\n',
      pieces: requests.map(requestRow),
      tail: '',
      what: 'requests',
      share: 0.15,
    },
    block('Who would hear of other events', 'diff', people, 'people and channels', 0.08),
    block('What would be done against floods', 'diff', recipients.flatMap(pacedLines), 'channels', 0.04),
    block('Digests', 'diff', digests.flatMap(digestLines), 'digests', 0.04),
    {
      head: '\n**How messages would read**\n',
      pieces: messages.map((message) => {
        const title = `${html(messageTitle(message))}`
        return `\n${folded(title, fenced('diff', messageLines(message)))}\n`
      }),
      tail: '',
      what: 'messages',
      share: 0.15,
    },
    {
      head:
        owners === undefined
          ? '\n| change | resource | where |\n| --- | --- | --- |\n'
          : '\n| change | resource | where | owners |\n| --- | --- | --- | --- |\n',
      pieces: changes.map((change) => row(change, owners)),
      tail: '',
      what: 'changes',
      share: 0.2,
    },
    {
      head: '',
      pieces: changes.filter(({ differences }) => differences.length > 0).map((change) => `\n${details(change)}\n`),
      tail: '',
      what: 'changes in detail',
      share: 0.1,
    },
    { head: '\n**Webhooks that would hear of it**\n\n', pieces: heard, tail: '', what: 'webhooks', share: 0.03 },
  ]
}

function requestRow({ request, before, after, more }: RequestChange): string {
  const others = more === 0 ? '' : `, and ${more} more`
  return `| ${codeCell(requestText(request))}${others} | ${codeCell(answerText(before))} | ${codeCell(answerText(after))} |\n`
}

function row(change: Change, owners: Owners | undefined): string {
  const { operation, resource, from } = change
  const origin = from === undefined ? '' : ` from ${codeCell(nameOf(from))}`
  const owned = owners === undefined ? '' : ` ${owners.of(change).map(codeCell).join(' ')} |`
  return `| ${operation} | ${codeCell(nameOf(resource))}${origin} | ${codeCell(`${resource.file}:${resource.line}`)} |${owned}\n`
}

function details({ resource, differences }: Change): string {
  return folded(html(nameOf(resource)), fenced('diff', differenceLines(differences)))
}

function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`
}

function problemList(title: string, problems: readonly Problem[], share: number): Section {
  const lines = problems
    .slice(0, mostProblems)
    .map(({ file, line, column, severity, message, rule }) =>
      `${file}:${line}:${column}: ${severity}: ${message} [${rule}]`.slice(0, 500),
    )
  const more = problems.length - lines.length
  return block(title, 'text', more > 0 ? [...lines, `… and ${more} more`] : lines, 'problems', share)
}

function alert(sort: string, text: string): string {
  return `> [!${sort}]\n> ${plain(text)}`
}

function block(title: string, language: string, lines: readonly string[], what: string, share: number): Section {
  const shown = lines.map(oneLine)
  const ticks = ticksFor(shown)
  const pieces = shown.map((line) => `${line}\n`)
  return { head: `\n**${title}**\n\n${ticks}${language}\n`, pieces, tail: `${ticks}\n`, what, share }
}

function fenced(language: string, lines: readonly string[]): string {
  const shown = lines.map(oneLine)
  const ticks = ticksFor(shown)
  return `${ticks}${language}\n${shown.join('\n')}\n${ticks}`
}

function oneLine(text: string): string {
  const line = printable(text)
  return line.length > widest ? `${line.slice(0, widest)}…` : line
}
