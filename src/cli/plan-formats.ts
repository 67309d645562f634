// A plan in the forms that people, programs and pull requests read it in.

import type { Json } from '../expression/json.js'
import { toJson } from '../expression/json-text.js'
import type { Problem } from '../resources/problem.js'
import type { Change } from './changes.js'
import { digestLines } from './plan-digests.js'
import { differenceLines } from './plan-lines.js'
import { renderPlanMarkdown } from './plan-markdown.js'
import { recipientLines } from './plan-recipients.js'
import { budgetNote, countsOf, nameOf, type PlanReport, summaryOf } from './plan-report.js'
import { type FiredWebhook, operationsText } from './plan-webhooks.js'
import { printable } from './view.js'

export const planFormats: ReadonlyMap<string, (report: PlanReport, colour: boolean) => string> = new Map([
  ['text', text],
  ['json', (report: PlanReport) => json(report)],
  ['markdown', (report: PlanReport) => renderPlanMarkdown(report)],
])

const styles = { create: ['+', 32], update: ['~', 33], move: ['→', 36], prune: ['-', 31] } as const
/** Warnings that are new are listed, but do not bury the plan. */
const mostWarnings = 20

function text(report: PlanReport, colour: boolean): string {
  const { base, head, planned, problems, comparesProblems, notComputed, notes } = report
  const lines = (planned?.changes ?? []).flatMap((change) => changeLines(change, colour))
  const { known, fresh } = problems
  const errors = ofSeverity(fresh, 'error')
  // Where new ones cannot be told from old ones, all that was there before would be told at each plan.
  const warnings = comparesProblems ? ofSeverity(fresh, 'warning') : []
  const isNew = comparesProblems ? 'new ' : ''
  const sections = [
    lines,
    (planned?.fires ?? []).map(firedLine),
    (planned?.recipients ?? []).flatMap(recipientLines).map(printable),
    (planned?.digests ?? []).flatMap(digestLines).map(printable),
    errors.map((problem) => problemLine(problem, isNew)),
    ofSeverity(known, 'error').map((problem) => problemLine(problem, '')),
    warnings.slice(0, mostWarnings).map((problem) => problemLine(problem, isNew)),
    warnings.length > mostWarnings ? [`… and ${warnings.length - mostWarnings} more warnings`] : [],
    [
      `${printable(base)} → ${printable(head)}: ${summaryOf(report)}`,
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

function changeLines({ operation, resource, from, keepsState, differences }: Change, colour: boolean): string[] {
  const [sign, code] = styles[operation]
  const title = `${sign} ${operation} ${nameOf(resource)}${from === undefined ? '' : ` from ${nameOf(from)}`}`
  const painted = colour ? `\u001b[${code}m${title}\u001b[0m` : title
  return [
    `${painted}  (${printable(`${resource.file}:${resource.line}`)})`,
    ...(keepsState === false ? [`    ${stateNote}`] : []),
    ...differenceLines(differences).map((line) => `    ${line}`),
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

function json({ base, head, planned, problems, comparesProblems, notComputed, notes }: PlanReport): string {
  const report = {
    base,
    head,
    /** False: nothing is said of single resources. */
    computed: planned !== undefined,
    counts: planned === undefined ? null : countsOf(planned),
    changes: planned === undefined ? null : planned.changes.map(changeData),
    webhooks: planned?.fires.map(firedData) ?? null,
    recipients: planned?.recipients.map(({ user = null, ...change }) => ({ user, ...change })) ?? null,
    digests: planned?.digests ?? null,
    deletionBudget: planned?.excesses.map(({ namespace = null, ...excess }) => ({ namespace, ...excess })) ?? null,
    problems: comparesProblems
      ? { new: problems.fresh, known: problems.known }
      : { new: null, known: null, all: problems.fresh },
    notComputed,
    notes,
  }
  return `${indented(report as unknown as Json)}\n`
}

function changeData({ operation, resource, from, keepsState, differences }: Change) {
  return {
    operation,
    kind: resource.kind,
    namespace: resource.namespace,
    name: resource.name,
    file: resource.file,
    line: resource.line,
    ...(from === undefined
      ? {}
      : { from: { namespace: from.namespace, name: from.name, file: from.file, line: from.line }, keepsState }),
    differences,
  }
}

function firedData({ webhook: { kind, namespace, name, file, line }, operations }: FiredWebhook) {
  // One of several, where only who has applied it before can say which.
  const hears = [...operations].map(([said, count]) => ({ operations: said.split(' or '), count }))
  return { kind, namespace, name, file, line, hears }
}

/** As JSON.stringify with an indent of two, and numbers with all their digits. */
function indented(value: Json, indent = ''): string {
  const inner = `${indent}  `
  const items = Array.isArray(value)
    ? value.map((item) => indented(item, inner))
    : isPlain(value)
      ? Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => `${JSON.stringify(key)}: ${indented(item, inner)}`)
      : undefined
  if (items === undefined) return toJson(value) ?? 'null'
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return items.length === 0 ? `${open}${close}` : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`
}

function isPlain(value: Json): value is { [key: string]: Json } {
  return (
    value !== null &&
    typeof value === 'object' &&
    Object.getPrototypeOf(value) !== undefined &&
    value.constructor === Object
  )
}
