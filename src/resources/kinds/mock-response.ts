// An answer as declared, made ready: what is the same for every request is bytes already.

import { Buffer, isUtf8 } from 'node:buffer'
import { decodeBase64 } from '../../expression/condition-value.js'
import { isObject, type Json } from '../../expression/json.js'
import type { Scope, StoreView } from '../../expression/scope.js'
import { type CompileOptions, compilePayloadText, type Template } from '../../expression/template.js'
import { readText } from '../../expression/text.js'
import type { MockResponse } from '../generated/mock.js'
import type { Linking } from './linking.js'
import type { ResponseBody, ResponseProgram } from './mock-program.js'

const jsonType = 'application/json'
const textType = 'text/plain; charset=utf-8'
const binaryType = 'application/octet-stream'

/** RFC 9110: answers with these have no content. */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

/** Written by the server from the body it sends; declared ones could only contradict it. */
const framing: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'trailer'])

/** What Node refuses to send in a header value. */
export const unsendable = /[^\t\x20-\x7e\x80-\xff]/

/** Compiles one answer; `at` is the pointer to it. What is wrong with it is among the linking's findings. */
export function compileResponse(spec: MockResponse, at: string, linking: Linking): ResponseProgram {
  const failing = spec.error !== undefined && spec.error !== ''
  const statusCode = spec.statusCode ?? (failing ? 500 : 200)
  const headers = compileHeaders(spec, at, linking)
  const declaredType = headers.find(({ name }) => name.toLowerCase() === 'content-type')
  const body = compileBody(spec, at, linking, declaredType === undefined ? undefined : constantText(declaredType.value))
  const dropped = body !== undefined && withoutBody.has(statusCode)
  if (dropped) {
    linking.warning(
      `${at}/statusCode`,
      'status-without-body',
      `an answer with status ${statusCode} has no body; the declared one is not sent`,
      'use 200, or leave the body out',
    )
  }
  const sent = dropped ? undefined : body
  const delay = compileDelay(spec.delay, `${at}/delay`, linking)
  return {
    statusCode,
    headers,
    body: sent,
    ...(delay === undefined ? {} : { delay }),
    constant: headers.every(({ value }) => value.constant) && (sent === undefined || sent.bytes !== undefined),
  }
}

function compileHeaders({ headers = {} }: MockResponse, at: string, linking: Linking): ResponseProgram['headers'] {
  return Object.entries(headers).flatMap(([name, declared]) => {
    const pointer = `${at}/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (framing.has(name.toLowerCase())) {
      linking.warning(
        pointer,
        'header-ignored',
        `"${name}" follows from the body and is not taken from here`,
        'remove it',
      )
      return []
    }
    const values = Array.isArray(declared) ? declared : [declared]
    return values.map((value, index) => {
      const place = Array.isArray(declared) ? `${pointer}/${index}` : pointer
      const template = linking.text(place, String(value))
      const refused = template.constant ? unsendable.exec(constantText(template) ?? '')?.[0] : undefined
      if (refused !== undefined) {
        const hint = 'header values are Latin-1 without line breaks; encode other text, for example as %-sequences'
        linking.error(place, 'header-value', `"${name}" holds ${spelled(refused)}, which no header can carry`, hint)
      }
      return { name, value: template }
    })
  })
}

/** `declaredType` is the Content-Type among the headers: undefined when there is none or it is an expression. */
function compileBody(
  spec: MockResponse,
  at: string,
  linking: Linking,
  declaredType: string | undefined,
): ResponseBody | undefined {
  const body = bodyOf(spec, at, linking, declaredType)
  const typed = Object.keys(spec.headers ?? {}).some((name) => name.toLowerCase() === 'content-type')
  if (body === undefined || !typed) return body
  const { byValue: _fromValue, ...rest } = body
  return { ...rest, contentType: undefined }
}

function bodyOf(
  spec: MockResponse,
  at: string,
  linking: Linking,
  declaredType: string | undefined,
): ResponseBody | undefined {
  const base64 = spec.decode === 'base64'
  if (spec.payloadTemplatePath !== undefined) {
    const pointer = `${at}/payloadTemplatePath`
    const bytes = linking.readFile(pointer, spec.payloadTemplatePath)
    return bytes === undefined ? undefined : fileBody(bytes, { pointer, linking, base64, declaredType })
  }
  const payload = spec.payload as Json | undefined
  const pointer = `${at}/payload`
  if (typeof payload === 'string') {
    return base64 ? base64Body(payload, pointer, linking) : textBody(payload, { pointer, linking, declaredType })
  }
  if (payload !== undefined) {
    if (base64)
      linking.warning(`${at}/decode`, 'payload-base64', 'only a text can be base64; this payload is not decoded')
    return jsonBody(payload, linking.template(pointer, payload))
  }
  if (spec.error === undefined || spec.error === '') return undefined
  const error = { error: spec.error }
  return jsonBody(error, linking.template(at, error))
}

interface Place {
  readonly pointer: string
  readonly linking: Linking
  readonly declaredType: string | undefined
}

function jsonBody(value: Json, template: Template): ResponseBody {
  const contentType = isObject(value) || Array.isArray(value) ? jsonType : textType
  return prepared({ contentType, template, json: true, base64: false })
}

function textBody(text: string, { pointer, linking, declaredType }: Place): ResponseBody {
  const wantsJson = declaredType !== undefined && /[/+]json\b/i.test(declaredType)
  if (isOneExpression(text, { env: linking.env })) {
    const template = linking.template(pointer, text)
    return { contentType: textType, byValue: true, template, json: wantsJson, base64: false }
  }
  const compiled = compilePayloadText(text, { env: linking.env })
  const template = linking.took(pointer, compiled)
  if (wantsJson && !compiled.json && !template.constant) {
    linking.warning(
      pointer,
      'payload-not-json',
      'the content type is JSON, but this text is not: what is put in will not be escaped',
      'write the payload as YAML, or as text that parses as JSON with the expressions inside strings',
    )
  }
  return prepared({ contentType: textType, template, json: compiled.json, base64: false })
}

function base64Body(text: string, pointer: string, linking: Linking): ResponseBody | undefined {
  const template = linking.text(pointer, text)
  const constant = constantText(template)
  if (constant === undefined) return { contentType: binaryType, template, json: false, base64: true }
  const bytes = decodeBase64(constant)
  if (bytes === undefined) {
    linking.error(
      pointer,
      'payload-base64',
      'this is not base64, which "decode" asks for',
      'encode it, or remove "decode"',
    )
    return undefined
  }
  return { contentType: isUtf8(bytes) ? textType : binaryType, bytes, json: false, base64: false }
}

function fileBody(bytes: Uint8Array, place: Place & { readonly base64: boolean }): ResponseBody | undefined {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(raw)) return { contentType: binaryType, bytes: raw, json: false, base64: false }
  const text = raw.toString('utf8').replace(/^\uFEFF/, '')
  if (place.base64) return base64Body(text.trim(), place.pointer, place.linking)
  const body = textBody(text, place)
  return body.json && /^\s*[[{]/.test(text) ? { ...body, contentType: jsonType } : body
}

/** A body that is the same for every request becomes bytes. */
function prepared(body: ResponseBody & { readonly template: Template }): ResponseBody {
  const { template, ...rest } = body
  if (!template.constant) return body
  return { ...rest, bytes: Buffer.from(body.json ? template.renderJson(nowhere) : template.renderText(nowhere)) }
}

export function isOneExpression(text: string, options: CompileOptions): boolean {
  return 'whole' in readText(text, options, { findings: [], uses: new Set() })
}

function compileDelay(delay: MockResponse['delay'], pointer: string, linking: Linking): ResponseProgram['delay'] {
  if (delay === undefined || delay === 0) return undefined
  const range = typeof delay === 'number' ? { min: delay, max: delay } : { min: delay.min, max: delay.max }
  if (range.min > range.max) {
    linking.error(pointer, 'delay-range', `min ${range.min} is more than max ${range.max}`, 'exchange them')
  }
  return range
}

export function spelled(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** The text of a template that no request changes. */
export function constantText(template: Template): string | undefined {
  return template.constant ? template.renderText(nowhere) : undefined
}

const nothing: StoreView = { get: () => undefined, entries: () => ({}) }

/** Where constant templates are rendered: they look at nothing of it. */
const nowhere: Scope = {
  req: undefined,
  reqHeader: {},
  queryParams: {},
  pathParam: {},
  mS: nothing,
  cS: nothing,
  gS: nothing,
  namespace: '',
  now: () => new Date(0),
  random: () => 0,
}
