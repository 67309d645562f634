// How messages read with the sample of their event, before anybody gets one: what fails, what is asked for and not there,
// and what is longer than a channel takes.

import { isObject, type Json, stringifyJson } from '../expression/json.js'
import { nearest } from '../expression/suggest.js'
import { lengthIn } from '../template/length.js'
import { type RenderJob, type RenderPart, renderJob, TemplateCache } from '../template/render-job.js'
import type { Missing } from '../template/run.js'
import { digestRoot } from './catalogues/digest-sample.js'
import { type ChannelTypeFacts, channelTypeFacts } from './channel-types.js'
import { sampleGroup, saysGroup } from './group-sample.js'
import type { EventTypeProgram, TemplateProgram } from './kinds/notification-program.js'
import {
  baseName,
  baseParts,
  oneLine,
  plainTitle,
  severityName,
  severityParts,
  templateParts,
  trimmedBody,
  type Words,
  webLink,
} from './message-parts.js'
import type { Finding } from './problem.js'

const cache = new TemplateCache(500)
const severities: readonly string[] = ['info', 'warning', 'error', 'critical']

/** What a sample is rendered with, besides the payload. */
export interface SampleCircumstances {
  readonly event?: Readonly<Record<string, Json>>
  readonly channel?: Readonly<Record<string, Json>>
  readonly user?: Readonly<Record<string, Json>>
  /** Where several events are said in one message. */
  readonly group?: Readonly<Record<string, Json>>
}

export function sampleContext(
  type: EventTypeProgram,
  payload: Json,
  { event = {}, channel, user, group }: SampleCircumstances = {},
): string {
  const { severity } = type
  const sample = {
    id: 'sample',
    type: type.id,
    time: '2026-01-31T12:00:00Z',
    source: 'callboard',
    severity: 'fixed' in severity ? severity.fixed : 'info',
    labels: {},
    ...event,
  }
  const words = { title: plainTitle(type), body: '', link: '' }
  const context = { payload, ...digestRoot(type.id, payload), event: sample, ...words }
  return stringifyJson({
    ...context,
    ...(channel && { channel }),
    ...(user && { user }),
    ...(group && { group }),
  } as Json)
}

const person = { name: 'ann', email: 'ann@example.com', displayName: 'Ann', locale: 'en', timezone: 'UTC' }

interface Checked {
  readonly type: EventTypeProgram
  readonly channelTypes: string
  readonly findings: readonly Finding[]
}

/** By program: whatever else changes, most event types and templates stay as they are. */
const checked = new WeakMap<EventTypeProgram | TemplateProgram, Checked>()

function once(
  program: EventTypeProgram | TemplateProgram,
  type: EventTypeProgram,
  channelTypes: readonly string[],
  check: () => readonly Finding[],
): readonly Finding[] {
  const known = checked.get(program)
  const reached = channelTypes.join()
  if (known?.type === type && known.channelTypes === reached) return known.findings
  const findings = check()
  checked.set(program, { type, channelTypes: reached, findings })
  return findings
}

/** `channelTypes`: those that the texts can reach. Pointers lead from the document of the event type. */
export function eventTypeFindings(type: EventTypeProgram, channelTypes: readonly string[]): readonly Finding[] {
  return once(type, type, channelTypes, () => checkEventType(type, channelTypes))
}

function checkEventType(type: EventTypeProgram, channelTypes: readonly string[]): readonly Finding[] {
  const parts = [...severityParts(type), ...baseParts(type, {})]
  if (parts.length === 0) return []
  if (!hasSample(type) && parts.some(({ text }) => /\bpayload\b/.test(text))) {
    const message = 'there is no sample, so nobody knows how messages read'
    const hint = 'add a sample: a payload as it may come; texts are checked against it'
    return [{ rule: 'missing-sample', severity: 'warning', pointer: '/spec', message, hint }]
  }
  const check = new MessageCheck(type, { format: 'rich', channelTypes, nameOf: baseName })
  check.run(parts, parts)
  check.severity()
  check.words()
  check.joined(parts, parts)
  return check.findings
}

/** Of a Template for an event of this type. Pointers lead from the document of the Template. */
export function templateFindings(
  template: TemplateProgram,
  type: EventTypeProgram,
  channelTypes: readonly string[],
): readonly Finding[] {
  return once(template, type, channelTypes, () => checkTemplate(template, type, channelTypes))
}

function checkTemplate(
  template: TemplateProgram,
  type: EventTypeProgram,
  channelTypes: readonly string[],
): readonly Finding[] {
  const own = templateParts(template)
  if (template.format === 'native' && template.body === undefined) {
    const message = 'the format is native, and there is no body: nothing is written in the markup of a channel'
    return [
      {
        rule: 'native-without-body',
        severity: 'error',
        pointer: '/spec/format',
        message,
        hint: 'add a body, or remove format',
      },
    ]
  }
  if (!hasSample(type) && own.some(({ text }) => /\bpayload\b/.test(text))) return []
  const reached = template.channelType === '' ? channelTypes : [template.channelType]
  const check = new MessageCheck(type, { format: template.format, channelTypes: reached, nameOf: (word) => word })
  const parts = [...severityParts(type), ...baseParts(type, {}), ...own]
  check.run(parts, own)
  check.words()
  check.joined(parts, own)
  return check.findings
}

function hasSample({ sample }: EventTypeProgram): boolean {
  return !isObject(sample) || Object.keys(sample).length > 0
}

interface MessageCheckOptions {
  readonly format: TemplateProgram['format']
  readonly channelTypes: readonly string[]
  readonly nameOf: (word: Words) => string
}

class MessageCheck {
  readonly findings: Finding[] = []
  readonly #type: EventTypeProgram
  readonly #options: MessageCheckOptions
  #texts: Readonly<Record<string, string>> = {}
  #isJoined = false

  constructor(type: EventTypeProgram, options: MessageCheckOptions) {
    this.#type = type
    this.#options = options
  }

  /** `own`: those of the document that is checked. */
  run(parts: readonly RenderPart[], own: readonly RenderPart[], more: SampleCircumstances = {}): void {
    const context = sampleContext(this.#type, this.#type.sample, { user: person, ...more })
    const job: RenderJob = { parts, context }
    const { texts, failures } = renderJob(job, cache, {
      missing: (part, missing) => {
        if (own.includes(part)) this.#missing(part, missing)
      },
    })
    this.#texts = texts
    for (const { name } of own) {
      const reason = failures[name]
      if (reason === undefined) continue
      this.#add(
        'template-failed',
        'error',
        name,
        `with the sample of ${this.#type.id} it cannot be rendered: ${reason}`,
      )
    }
  }

  /** Once more, as it reads when events were joined, where a text says anything of that. */
  joined(parts: readonly RenderPart[], own: readonly RenderPart[]): void {
    if (!own.some(({ text }) => saysGroup.test(text))) return
    this.#isJoined = true
    this.run(parts, own, { group: sampleGroup(this.#type) })
    this.words()
  }

  severity(): void {
    const severity = this.#texts[severityName]?.trim()
    if (severity === undefined || severities.includes(severity)) return
    const message = `with the sample it gives ${quoted(severity)}, which is no severity`
    this.#add('unknown-value', 'error', severityName, message, `it has to give one of ${severities.join(', ')}`)
  }

  words(): void {
    const title = this.#text('title')
    if (title !== undefined) {
      if (oneLine(title) === '')
        this.#add('template-empty', 'error', 'title', 'with the sample there is nothing in the title')
      this.#length('title', oneLine(title))
    }
    const body = this.#text('body')
    if (body !== undefined) this.#length('body', trimmedBody(body))
    const link = this.#text('link')
    if (link !== undefined && link.trim() !== '' && webLink(link) === undefined) {
      const message = `with the sample it reads ${quoted(link)}, which is no link`
      this.#add('template-link', 'error', 'link', message, 'it has to be a URL with http:// or https://')
    }
  }

  #text(word: Words): string | undefined {
    return this.#texts[this.#options.nameOf(word)]
  }

  /** What is cut reads badly; markup that is cut is broken. */
  #length(word: 'title' | 'body', text: string): void {
    const { format, channelTypes } = this.#options
    const tight = channelTypes.flatMap((type) => {
      const facts = channelTypeFacts(type)
      return facts !== undefined && isOver(text, word, facts) ? [`${type} takes ${facts.limits[word]}`] : []
    })
    if (tight.length === 0) return
    const isMarkup = format === 'native' && word === 'body'
    const message = `with the sample of ${this.#type.id} it has ${text.length} characters; ${tight.join(', ')}`
    const hint = isMarkup
      ? 'shorten it: markup that is cut is broken'
      : 'what is over is cut: shorten it, or use truncate'
    this.#add('template-too-long', isMarkup ? 'error' : 'warning', word, message, hint)
  }

  #missing(part: RenderPart, all: readonly Missing[]): void {
    const said = new Set<string>()
    for (const { path, target, key, line, column } of all) {
      if (said.has(path) || isOutside(path) || isDescribed(this.#type.schema, path)) continue
      said.add(path)
      const keys = isObject(target) ? Object.keys(target) : []
      const meant = nearest(key, keys)
      const parent = path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('[')))
      const what = isObject(target) ? 'is not in the sample' : `is not in the sample: ${parent} is ${kindOf(target)}`
      const hint =
        meant !== undefined
          ? `did you mean "${meant}"?`
          : `add it to the sample of ${this.#type.id}, or write ${path} | default('…')`
      const where = part.text.trimEnd().includes('\n') ? ` (line ${line} of the text, column ${column})` : ''
      this.#add('template-missing-value', 'warning', part.name, `${path} ${what}${where}`, hint)
    }
  }

  #add(rule: string, severity: Finding['severity'], name: string, message: string, hint?: string): void {
    const pointer = `/spec/${name.replace(/^base /, '')}`
    const isKnown = this.findings.some((one) => one.rule === rule && one.pointer === pointer)
    // Alone it has been found to be so.
    if (this.#isJoined && isKnown) return
    this.findings.push({ rule, severity, pointer, message, ...(hint !== undefined && { hint }) })
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}

function kindOf(value: Missing['target']): string {
  return Array.isArray(value) ? 'a list' : typeof value === 'string' ? 'a text' : `a ${typeof value}`
}

/** Whether an event has labels, is for a person, or was joined with others, the sample does not say. */
function isOutside(path: string): boolean {
  return /^(event|channel|user|group)\b/.test(path)
}

function isOver(text: string, word: 'title' | 'body', { limits }: ChannelTypeFacts): boolean {
  return text.length * 4 > limits[word] && lengthIn(text, limits.unit) > limits[word]
}

/** A schema that has the field says that it may come. */
function isDescribed(schema: Json | undefined, path: string): boolean {
  const [root, ...keys] = path.replace(/\[(\d+|"[^"]*")\]/g, '.$1').split('.')
  if (root !== 'payload') return false
  let at: Json | undefined = schema
  for (const key of keys) {
    if (!isObject(at)) return false
    const properties: Json | undefined = at.properties
    at = /^\d+$/.test(key) ? at.items : isObject(properties) ? properties[key.replaceAll('"', '')] : undefined
  }
  return at !== undefined
}
