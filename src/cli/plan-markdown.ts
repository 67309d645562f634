import type { Problem } from '../resources/problem.js'
import type { Change } from './changes.js'
import { digestLines } from './plan-digests.js'
import { differenceLines } from './plan-lines.js'
import { recipientLines } from './plan-recipients.js'
import { budgetNote, errorsOf, nameOf, type PlanReport, summaryOf } from './plan-report.js'
import { operationsText } from './plan-webhooks.js'
import { printable } from './view.js'

/** By this a comment of an earlier run is found and replaced. */
export const planMarker = '<!-- callboard-plan -->'

/** GitHub refuses comments beyond 65,536 characters. */
const mostCharacters = 60_000
/** Problems listed; `callboard validate` shows all. */
const mostProblems = 50

/** For a comment in a pull request, with what a reviewer has to know first. */
export function renderPlanMarkdown(report: PlanReport): string {
  const { base, head, planned, problems, comparesProblems, notComputed, notes } = report
  const changes = planned?.changes ?? []
  const rows = changes.map(row)
  const nothing = notComputed.length === 0 ? 'No resource changes.' : 'No changes in what could be computed.'
  const alerts = [
    ...(planned?.excesses ?? []).map((excess) => alert('CAUTION', budgetNote(excess))),
    ...notComputed.map((what) => alert('WARNING', `not computed: ${what}`)),
    ...notes.map((note) => alert('NOTE', note)),
  ]
  const body = new Bounded(mostCharacters)
  body.add([planMarker, `### Callboard plan: ${summaryOf(report)}`, '', `${code(base)} → ${code(head)}`, ''].join('\n'))
  for (const text of alerts) body.add(`\n${text}\n`)
  if (comparesProblems) body.add(problemList('New problems', problems.fresh))
  else body.add(problemList('Problems', errorsOf(problems.fresh)))
  body.add(problemList('Problems that the base has as well', errorsOf(problems.known)))
  if (planned !== undefined && rows.length === 0) body.add(`\n${nothing}\n`)
  if (rows.length > 0) {
    const table = new Bounded(body.left * 0.7)
    table.add('\n| change | resource | where |\n| --- | --- | --- |\n')
    for (const text of rows) table.add(`${text}\n`)
    body.add(table.text('more changes'))
    for (const change of changes) if (change.differences.length > 0) body.add(`\n${details(change)}\n`)
  }
  const heard = (planned?.fires ?? []).map((one) => `- ${code(nameOf(one.webhook))}: ${plain(operationsText(one))}`)
  if (heard.length > 0) body.add(`\n**Webhooks that would hear of it**\n\n${heard.join('\n')}\n`)
  const people = (planned?.recipients ?? []).flatMap(recipientLines)
  if (people.length > 0) body.add(`\n**Who would hear of other events**\n\n${fence('diff', people.map(printable))}\n`)
  const digests = (planned?.digests ?? []).flatMap(digestLines)
  if (digests.length > 0) body.add(`\n**Digests**\n\n${fence('diff', digests.map(printable))}\n`)
  return body.text('more parts')
}

/** Whole pieces, as long as they fit; what does not is counted. */
class Bounded {
  readonly #pieces: string[] = []
  #left: number
  #missing = 0

  constructor(characters: number) {
    this.#left = characters
  }

  get left(): number {
    return this.#left
  }

  add(piece: string): void {
    if (piece === '') return
    // After one gap everything is a gap: what follows would seem to be all there is.
    if (this.#missing > 0 || piece.length > this.#left) this.#missing++
    else {
      this.#pieces.push(piece)
      this.#left -= piece.length
    }
  }

  text(what: string): string {
    const gap = this.#missing === 0 ? '' : `\n_Cut here: ${this.#missing} ${what}. \`--output json\` has all of it._\n`
    return this.#pieces.join('') + gap
  }
}

function row({ operation, resource, from }: Change): string {
  const origin = from === undefined ? '' : ` from ${code(nameOf(from))}`
  return `| ${operation} | ${code(nameOf(resource))}${origin} | ${code(`${resource.file}:${resource.line}`)} |`
}

function details({ resource, differences }: Change): string {
  const title = nameOf(resource).replaceAll('<', '&lt;')
  return `<details><summary>${title}</summary>\n\n${fence('diff', differenceLines(differences))}\n\n</details>`
}

function problemList(title: string, problems: readonly Problem[]): string {
  if (problems.length === 0) return ''
  const lines = problems
    .slice(0, mostProblems)
    .map(({ file, line, column, severity, message, rule }) =>
      printable(`${file}:${line}:${column}: ${severity}: ${message} [${rule}]`.slice(0, 500)),
    )
  const more = problems.length - lines.length
  return `\n**${title}**\n\n${fence('text', more > 0 ? [...lines, `… and ${more} more`] : lines)}\n`
}

function alert(sort: string, text: string): string {
  return `> [!${sort}]\n> ${plain(text)}`
}

/** Text that stays text: no markup, no link, nobody mentioned. */
function plain(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]#|~!]/g, '\\$&')
    .replaceAll('@', '@\u200b')
}

function code(value: string): string {
  return `\`${printable(value).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

function fence(language: string, lines: readonly string[]): string {
  const text = lines.join('\n')
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}${language}\n${text}\n${ticks}`
}
