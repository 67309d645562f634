// Templates as far as they can be checked without data.

import type { Roots } from '../../template/roots.js'
import type { TemplateFinding } from '../../template/syntax.js'
import { compileExpression, compileTemplate } from '../../template/template.js'
import type { Finding } from '../problem.js'
import type { Linking } from './linking.js'

/** Texts by the name of their field. */
export type MessageTexts = Readonly<Partial<Record<'title' | 'body' | 'link', string>>>

/** `roots`: the names that the texts may use. */
export function checkTexts(texts: MessageTexts, roots: Roots, linking: Linking): void {
  for (const field of ['title', 'body', 'link'] as const) {
    const text = texts[field]
    if (text !== undefined) linking.add(`/spec/${field}`, compileTemplate(text, roots).findings.map(inText(text)))
  }
}

export function checkExpression(text: string, pointer: string, roots: Roots, linking: Linking): void {
  linking.add(pointer, compileExpression(text, roots).findings.map(inText(text)))
}

/** Where in the text it is, when that is long enough to get lost in. */
export function inText(text: string): (finding: TemplateFinding) => Finding {
  const isLong = text.trimEnd().includes('\n')
  return ({ rule, severity, message, hint, line, column }) => ({
    rule,
    severity,
    pointer: '',
    message: isLong ? `${message} (line ${line} of the text, column ${column})` : message,
    ...(hint === undefined ? {} : { hint }),
  })
}
