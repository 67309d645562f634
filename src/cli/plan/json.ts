// A plan for programs: schemas/report/plan.schema.json says what is in it.

import type { Json } from '../../expression/json.js'
import { toJson } from '../../expression/json-text.js'
import type { Change } from './changes.js'
import type { MessageChange, ShownMessage } from './messages.js'
import type { Owners } from './owners.js'
import { countsOf, type PlanReport } from './report.js'
import type { RequestAnswer, RequestChange } from './routes.js'
import type { FiredWebhook } from './webhooks.js'

export function renderPlanJson(plan: PlanReport): string {
  const { base, head, planned, problems, comparesProblems, notComputed, notes } = plan
  const report = {
    version: 1,
    base,
    head,
    /** False: nothing is said of single resources. */
    computed: planned !== undefined,
    counts: planned === undefined ? null : countsOf(planned),
    changes: planned === undefined ? null : planned.changes.map((change) => changeData(change, planned.owners)),
    webhooks: planned?.fires.map(firedData) ?? null,
    requests: planned?.requests.map(requestData) ?? null,
    requestsTried: planned?.requestsTried ?? null,
    namespaces: planned?.namespaces ?? null,
    recipients: planned?.recipients.map(({ user = null, ...change }) => ({ user, ...change })) ?? null,
    holds: planned?.holds.map(({ before = null, after = null, ...hold }) => ({ ...hold, before, after })) ?? null,
    digests: planned?.digests ?? null,
    messages: planned?.messages.map(messageData) ?? null,
    budget: planned === undefined ? null : { ...planned.budget, allowed: planned.budget.allowed ?? null },
    deletionBudget: planned?.excesses.map(({ namespace = null, ...excess }) => ({ namespace, ...excess })) ?? null,
    problems: comparesProblems
      ? { new: problems.fresh, known: problems.known }
      : { new: null, known: null, all: problems.fresh },
    notComputed,
    notes,
  }
  return `${indented(report as unknown as Json)}\n`
}

function changeData(change: Change, owners: Owners | undefined) {
  const { operation, resource, from, keepsState, differences } = change
  return {
    operation,
    kind: resource.kind,
    namespace: resource.namespace,
    name: resource.name,
    file: resource.file,
    line: resource.line,
    owners: owners?.of(change) ?? null,
    ...(from === undefined
      ? {}
      : { from: { namespace: from.namespace, name: from.name, file: from.file, line: from.line }, keepsState }),
    differences,
  }
}

function requestData({ namespace, request, before, after, more }: RequestChange) {
  const { method, path, headers, body = null } = request
  const sent = { method, path, headers: headers.map(([name, value]) => ({ name, value })), body }
  return { namespace, request: sent, before: answerData(before), after: answerData(after), more }
}

function answerData({ mock, statuses, passedOnTo, suspended }: RequestAnswer) {
  return { mock: mock ?? null, statuses, passedOnTo: passedOnTo ?? null, suspended }
}

function messageData({ event, digest, namespace, channelType, lang, before, after, also, among }: MessageChange) {
  const shown = (message: ShownMessage | undefined) => message ?? null
  const places = [{ namespace, channelType, lang }, ...also]
  const everywhere = places.length === among.length
  return { event, digest: digest ?? null, places, everywhere, before: shown(before), after: shown(after) }
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
