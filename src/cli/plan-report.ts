// What a merge would do, in the three forms people and programs read it in.

import type { BudgetExcess } from '../reconcile/deletion-budget.js'
import { describeExcess } from '../reconcile/deletion-budget.js'
import type { Plan } from '../reconcile/plan.js'
import type { Resource } from '../resources/resource.js'
import { type Difference, differences } from './differences.js'

export interface PlanReport {
  /** What is compared with what, in words: `main (1a2b3c4)` and `./mocks`. */
  readonly base: string
  readonly head: string
  readonly plan: Plan
  readonly excesses: readonly BudgetExcess[]
  /** Errors that the base has already; the plan leaves out what they concern. */
  readonly notComputed: readonly string[]
}

/** Differences shown of one resource; the rest is counted. */
const differencesShown = 20
/** GitHub cuts comments at 65,536 characters. */
const markdownBound = 60_000

export const planFormats: Readonly<Record<string, (report: PlanReport) => string>> = { text, json, markdown }

interface Row {
  readonly operation: 'create' | 'update' | 'move' | 'prune'
  readonly resource: Resource
  readonly from?: Resource
  readonly differences: readonly Difference[]
}

const signs = { create: '+', update: '~', move: '→', prune: '-' } as const

function rows({ plan }: PlanReport): Row[] {
  return [
    ...plan.create.map((resource): Row => ({ operation: 'create', resource, differences: [] })),
    ...plan.update.map(
      ({ before, after }): Row => ({
        operation: 'update',
        resource: after,
        differences: differences(content(before), content(after)),
      }),
    ),
    ...plan.move.map(
      ({ from, to }): Row => ({
        operation: 'move',
        resource: to,
        from,
        differences: differences(content(from), content(to)),
      }),
    ),
    ...plan.prune.map((resource): Row => ({ operation: 'prune', resource, differences: [] })),
  ]
}

function content({ labels, annotations, spec }: Resource): object {
  return { labels, annotations, spec }
}

function nameOf({ kind, namespace, name }: Resource): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

function summary({ plan: { create, update, move, prune, unchanged } }: PlanReport): string {
  return `${create.length} to create, ${update.length} to update, ${move.length} to move, ${prune.length} to prune, ${unchanged} unchanged`
}

function text(report: PlanReport): string {
  const lines = rows(report).flatMap(({ operation, resource, from, differences: found }) => [
    `${signs[operation]} ${operation} ${nameOf(resource)}${from === undefined ? '' : ` from ${nameOf(from)}`}  (${resource.file}:${resource.line})`,
    ...shown(found).map((line) => `    ${line}`),
  ])
  return `${[...lines, ...(lines.length > 0 ? [''] : []), `${report.base} → ${report.head}: ${summary(report)}`, ...notes(report)].join('\n')}\n`
}

function notes({ excesses, notComputed }: PlanReport): string[] {
  return [
    ...excesses.map(
      (excess) =>
        `deletion budget: ${describeExcess(excess)}; applying it needs callboard reconcile --allow-prune <revision>`,
    ),
    ...notComputed.map((what) => `not computed: ${what}`),
  ]
}

function shown(found: readonly Difference[]): string[] {
  const lines = found.slice(0, differencesShown).map(({ pointer, before, after }) => {
    if (before === undefined) return `+ ${pointer}: ${brief(after)}`
    if (after === undefined) return `- ${pointer}: ${brief(before)}`
    return `~ ${pointer}: ${brief(before)} → ${brief(after)}`
  })
  return found.length > differencesShown ? [...lines, `… and ${found.length - differencesShown} more`] : lines
}

function brief(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing'
  return json.length > 100 ? `${json.slice(0, 97)}…` : json
}

function json(report: PlanReport): string {
  const { base, head, plan, excesses, notComputed } = report
  const changes = rows(report).map(({ operation, resource, from, differences: found }) => ({
    operation,
    kind: resource.kind,
    namespace: resource.namespace,
    name: resource.name,
    file: resource.file,
    line: resource.line,
    ...(from === undefined
      ? {}
      : { from: { namespace: from.namespace, name: from.name, file: from.file, line: from.line } }),
    differences: found,
  }))
  const counts = {
    create: plan.create.length,
    update: plan.update.length,
    move: plan.move.length,
    prune: plan.prune.length,
    unchanged: plan.unchanged,
  }
  const deletionBudget = excesses.map(({ namespace = null, ...excess }) => ({ namespace, ...excess }))
  return `${JSON.stringify({ base, head, counts, changes, deletionBudget, notComputed }, null, 2)}\n`
}

function markdown(report: PlanReport): string {
  const head = [
    '<!-- callboard-plan -->',
    `### Callboard plan: ${summary(report)}`,
    '',
    `${code(report.base)} → ${code(report.head)}`,
    '',
  ]
  const warnings = notes(report).map((note) => `> **Note:** ${note}`)
  const table = rows(report).map(
    ({ operation, resource, from }) =>
      `| ${operation} | ${code(nameOf(resource))}${from === undefined ? '' : ` from ${code(nameOf(from))}`} | ${code(`${resource.file}:${resource.line}`)} |`,
  )
  const details = rows(report)
    .filter(({ differences: found }) => found.length > 0)
    .map(
      ({ resource, differences: found }) =>
        `<details><summary>${code(nameOf(resource))}</summary>\n\n${fence(shown(found).join('\n'))}\n\n</details>`,
    )
  const body =
    table.length === 0 ? ['No resource changes.'] : ['| change | resource | where |', '| --- | --- | --- |', ...table]
  return bounded([...head, ...warnings, ...(warnings.length > 0 ? [''] : []), ...body, '', ...details])
}

/** Whole lines up to the bound, and a word about what is missing. */
function bounded(lines: readonly string[]): string {
  let length = 0
  const kept = lines.filter((line) => {
    length += line.length + 1
    return length <= markdownBound
  })
  const cut = lines.length - kept.length
  return `${[...kept, ...(cut > 0 ? [`\n_Cut here: ${cut} more lines; the JSON output has all of it._`] : [])].join('\n')}\n`
}

function code(value: string): string {
  return `\`${value.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll('\n', ' ')}\``
}

function fence(value: string): string {
  const longest = Math.max(2, ...[...value.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}diff\n${value}\n${ticks}`
}
