// What a message is made from: the texts of its event type, and those of a Template over them.

import type { RenderPart } from '../template/render-job.js'
import type { EventTypeProgram, TemplateProgram } from './kinds/notification-program.js'

export type Words = 'title' | 'body' | 'link'

const words: readonly Words[] = ['title', 'body', 'link']

/** Under which name the rendered text of an event type is found; that of a Template is under the word itself. */
export function baseName(word: Words): string {
  return `base ${word}`
}

export const severityName = 'severity'

/** The expression of an event type, where it has one. */
export function severityParts({ severity }: Pick<EventTypeProgram, 'severity'>): readonly RenderPart[] {
  if ('fixed' in severity) return []
  const { expression: text } = severity
  return [{ name: severityName, text, kind: 'expression', roots: 'event', into: ['event', 'severity'] }]
}

/** `given`: what the event itself says, which wins over its type. It is in the context already. */
export function baseParts(
  type: Pick<EventTypeProgram, Words>,
  given: { readonly [Word in Words]?: string },
): readonly RenderPart[] {
  return words.flatMap((word): RenderPart[] => {
    const text = type[word]
    if (text === undefined || given[word] !== undefined) return []
    return [{ name: baseName(word), text, kind: 'template', roots: 'event', into: [word] }]
  })
}

export function templateParts(template: Pick<TemplateProgram, Words> | undefined): readonly RenderPart[] {
  return words.flatMap((name): RenderPart[] => {
    const text = template?.[name]
    return text === undefined ? [] : [{ name, text, kind: 'template', roots: 'message' }]
  })
}

/** What stands for a title that nobody declared. */
export function plainTitle({ description, id }: Pick<EventTypeProgram, 'description' | 'id'>): string {
  return oneLine(description) || id
}

const longestTitle = 1000
const longestLink = 8000

/** As titles go: one line, and not a page of it. */
export function oneLine(text: string): string {
  const line = text
    .slice(0, 10 * longestTitle)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line.length <= longestTitle ? line : `${whole(line.slice(0, longestTitle - 1))}…`
}

/** Without the empty lines that tags leave at its ends. */
export function trimmedBody(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
}

/** A link that a browser opens; undefined when it is none. */
export function webLink(text: string): string | undefined {
  const link = text.trim()
  if (link.length > longestLink || /\s/.test(link) || !URL.canParse(link)) return undefined
  return /^https?:$/.test(new URL(link).protocol) ? link : undefined
}

function whole(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text
}
