// What callbacks of every type have in common when they are rendered.

import type { SecretText } from '../delivery/secrets.js'
import { isObject, type Json, stringifyJson } from '../expression/json.js'
import type { Scope } from '../expression/scope.js'
import type { BodyProgram, TextProgram } from '../resources/kinds/callback-program.js'
import type { LiteralSecrets } from './literal-secrets.js'

/** What sets a callback off. */
export interface Occasion {
  readonly id: string
  readonly now: number
  readonly scope: Scope
  /** Headers of the request, by lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly about: Readonly<Record<string, string | number>>
}

/** What the delivery engine is to know of a message. */
export interface Rendered {
  readonly transport: string
  readonly target: string
  /** Messages with an equal one are sent one after the other. */
  readonly order?: string
  readonly payload: Json
}

const maxBodyLength = 10 * 1024 * 1024
/** What belongs to the whole of which a request is a part. */
export const tracing = ['traceparent', 'tracestate'] as const

export function renderBody(
  { template, form, contentType }: BodyProgram,
  scope: Scope,
): { readonly text: string; readonly contentType: string | undefined } {
  const rendered =
    form === 'value'
      ? renderValue(template.render(scope))
      : { text: form === 'json' ? template.renderJson(scope) : template.renderText(scope), contentType }
  if (rendered.text.length > maxBodyLength) {
    throw new Error(`the body came out longer than ${maxBodyLength / 1024 / 1024} MiB`)
  }
  return rendered
}

/** A body that is one expression: what it finds decides how it is sent. */
function renderValue(value: Json): { readonly text: string; readonly contentType: string } {
  if (typeof value === 'string') return { text: value, contentType: 'text/plain; charset=utf-8' }
  const text = isObject(value) || Array.isArray(value) ? stringifyJson(value) : String(value)
  return { text, contentType: 'application/json' }
}

/** Secrets stay references: they are put in when it is sent. */
export function textOf(
  program: TextProgram,
  scope: Scope,
  secrets: LiteralSecrets,
  clean: (text: string) => string = (text) => text,
): SecretText {
  switch (program.kind) {
    case 'template':
      return clean(program.template.renderText(scope))
    case 'secret':
      return program.place
    case 'literal':
      return secrets.keep(program.text)
  }
}
