// What callbacks of every type have: headers, and a body.

import type { Json } from '../../expression/json.js'
import {
  type CompileOptions,
  compilePayloadText,
  compileTemplate,
  compileText,
  type Template,
} from '../../expression/template.js'
import type { Callback } from '../generated/mock.js'
import { joinPointer } from '../reading.js'
import { schemaFile } from '../schemas.js'
import type { BodyProgram, HeaderProgram, TextProgram } from './callback-program.js'
import type { Linking } from './linking.js'
import { constantText, isOneExpression, spelled, unsendable } from './mock-response.js'

/** An entry of a mock's `webhooks`, or a Callback's spec, as declared. */
export type DeclaredCallback = Omit<Callback, 'name'>

const jsonType = 'application/json'
const textType = 'text/plain; charset=utf-8'

/** What the schema says of single headers, it says because they hold secrets. */
const secretHeaders: ReadonlySet<string> = new Set(
  Object.keys(schemaFile('common').$defs?.requestHeaders?.properties ?? {}).map((name) => name.toLowerCase()),
)

export interface MessageParts {
  readonly headers: readonly HeaderProgram[]
  readonly body: BodyProgram | undefined
  readonly isTyped: boolean
}

/**
 * `ignored`: lower-case names of headers that are not taken from the declaration. `headerText`: what their values can be;
 * HTTP has no room for more than Latin-1.
 */
export function compileMessage(
  { headers = {}, body: declared }: DeclaredCallback,
  at: string,
  linking: Linking,
  ignored: ReadonlySet<string>,
  headerText: 'latin1' | 'utf8' = 'latin1',
): MessageParts {
  const names = Object.keys(headers)
  const isTyped = names.some((name) => name.toLowerCase() === 'content-type')
  const compiled = names.flatMap((name): HeaderProgram[] => {
    const pointer = `${at}/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (ignored.has(name.toLowerCase())) {
      const message = `"${name}" belongs to the connection and is not taken from here`
      linking.warning(pointer, 'header-ignored', message, 'remove it')
      return []
    }
    return [{ name, value: compileHeader(name, headers[name], pointer, linking, headerText) }]
  })
  const body = declared === undefined ? undefined : compileBody(declared as Json, isTyped, `${at}/body`, linking)
  return { headers: compiled, body, isTyped }
}

function compileHeader(
  name: string,
  value: unknown,
  pointer: string,
  linking: Linking,
  headerText: 'latin1' | 'utf8',
): TextProgram {
  if (typeof value === 'object' && value !== null) return { kind: 'secret', place: value }
  const template = compiledText(String(value), pointer, linking)
  const constant = constantText(template)
  const refused = headerText === 'utf8' || constant === undefined ? undefined : unsendable.exec(constant)?.[0]
  if (refused !== undefined) {
    const hint = 'header values are Latin-1 without line breaks; encode other text, for example as %-sequences'
    linking.error(pointer, 'header-value', `"${name}" holds ${spelled(refused)}, which no header can carry`, hint)
  }
  const isKept = secretHeaders.has(name.toLowerCase()) || linking.isEncrypted(pointer)
  const isSecret = isKept && constant !== undefined && constant !== ''
  return isSecret ? { kind: 'literal', text: constant } : { kind: 'template', template }
}

function compileBody(body: Json, isTyped: boolean, pointer: string, linking: Linking): BodyProgram | undefined {
  if (body === null) return undefined
  const options = optionsOf(linking)
  if (typeof body !== 'string') {
    const template = linking.took(pointer, compileTemplate(body, options))
    return { template, form: 'json', contentType: isTyped ? undefined : jsonType }
  }
  if (isOneExpression(body, options)) {
    return { template: linking.took(pointer, compileTemplate(body, options)), form: 'value', contentType: undefined }
  }
  const compiled = compilePayloadText(body, options)
  const template = linking.took(pointer, compiled)
  return { template, form: compiled.json ? 'json' : 'text', contentType: isTyped ? undefined : textType }
}

/** A text with expressions. */
export function compiledText(text: string, pointer: string, linking: Linking): Template {
  return linking.took(pointer, compileText(text, optionsOf(linking)))
}

function optionsOf({ env, occasion }: Linking): CompileOptions {
  return occasion === 'change' ? { env, change: true } : { env, callback: true }
}

/** For brokers: a header of the caller's own under the name that tells duplicates. `what`: what receivers then miss. */
export function warnOfIdHeader({ headers = {} }: DeclaredCallback, at: string, what: string, linking: Linking): void {
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() !== 'callboard-delivery-id') continue
    const hint = 'name it otherwise'
    linking.warning(joinPointer(`${at}/headers`, name), 'reserved-header', `"${name}" ${what}`, hint)
  }
}
