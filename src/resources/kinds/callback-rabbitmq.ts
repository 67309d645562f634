// Callbacks of type rabbitmq.

import { Buffer } from 'node:buffer'
import type { Template } from '../../expression/template.js'
import { secretHint } from '../known-tokens.js'
import { compiledText, compileMessage, type DeclaredCallback, warnOfIdHeader } from './callback-message.js'
import type { BodyProgram, RabbitCallback, TextProgram } from './callback-program.js'
import type { Linking } from './linking.js'
import { constantText } from './mock-response.js'
import { impossiblePort } from './port.js'
import { parseRabbitUrl, urlHint } from './rabbitmq-url.js'

/** AMQP writes the length of names and keys in one byte. */
export const maxNameBytes = 255

const none: ReadonlySet<string> = new Set()

export function compileRabbit(spec: DeclaredCallback, at: string, linking: Linking): RabbitCallback {
  // Without a URL it did not pass validation.
  const { rabbitURL = '', rabbitMandatory = false, rabbitCa } = spec
  const message = compileMessage(spec, at, linking, none, 'utf8')
  if (message.body !== undefined && !message.isTyped) warnOfText(message.body, `${at}/body`, linking)
  warnOfIdHeader(spec, at, 'is not the id of the delivery, which is the message id', linking)
  const address = compileAddress(spec, at, linking)
  const url = compileUrl(rabbitURL, `${at}/rabbitURL`, linking)
  if (rabbitCa !== undefined && typeof rabbitURL === 'string' && /^amqp:/i.test(rabbitURL)) {
    const problem = 'without TLS there is no certificate to check, and this authority is not used'
    linking.warning(`${at}/rabbitCa`, 'rabbit-tls', problem, 'write amqps:// in rabbitURL, or remove it')
  }
  return { type: 'rabbitmq', url, ca: rabbitCa, ...address, mandatory: rabbitMandatory, ...message }
}

function compileUrl(url: NonNullable<DeclaredCallback['rabbitURL']>, pointer: string, linking: Linking): TextProgram {
  if (typeof url === 'object') return { kind: 'secret', place: url }
  const template = compiledText(url, pointer, linking)
  const constant = constantText(template)
  if (constant === undefined) return { kind: 'template', template }
  const endpoint = parseRabbitUrl(constant)
  if (endpoint === undefined) {
    linking.error(pointer, 'callback-url', 'this is not the URL of a broker', impossiblePort(constant) ?? urlHint)
    return { kind: 'template', template }
  }
  for (const name of endpoint.unread) {
    const hint = 'remove it; "heartbeat", in seconds, is the one that is used'
    linking.warning(pointer, 'rabbit-url-parameter', `${JSON.stringify(name)} after the "?" is not used`, hint)
  }
  if (linking.isEncrypted(pointer)) return { kind: 'literal', text: constant }
  if (new URL(constant).password === '') return { kind: 'template', template }
  const hint = secretHint('rabbitURL')
  linking.warning(pointer, 'literal-secret', '"rabbitURL" holds a password as literal text', hint)
  return { kind: 'literal', text: constant }
}

function compileAddress(
  spec: DeclaredCallback,
  at: string,
  linking: Linking,
): Pick<RabbitCallback, 'exchange' | 'routingKey' | 'queue'> {
  const compiled = (field: 'rabbitExchange' | 'rabbitRoutingKey' | 'rabbitQueue'): Template => {
    const template = compiledText(spec[field] ?? '', `${at}/${field}`, linking)
    if (Buffer.byteLength(constantText(template) ?? '') > maxNameBytes) {
      linking.error(
        `${at}/${field}`,
        'rabbit-name',
        `"${field}" is longer than the ${maxNameBytes} bytes that AMQP allows`,
      )
    }
    return template
  }
  const exchange = compiled('rabbitExchange')
  const routingKey = compiled('rabbitRoutingKey')
  const queue = compiled('rabbitQueue')
  const [named, keyed, queued] = [exchange, routingKey, queue].map((template) => constantText(template) !== '')
  if (!named && !keyed && !queued) {
    const hint = 'name a rabbitQueue, or a rabbitExchange and the rabbitRoutingKey it wants'
    linking.error(at, 'rabbit-nowhere', 'nothing says where the message goes', hint)
  }
  if (queued && (constantText(exchange) || constantText(routingKey))) {
    const other = constantText(exchange) ? 'rabbitExchange' : 'rabbitRoutingKey'
    const problem = `"rabbitQueue" is not used, because "${other}" says where the message goes`
    linking.warning(`${at}/rabbitQueue`, 'rabbit-queue-unused', problem, 'remove one of the two')
  }
  return { exchange, routingKey, queue }
}

/** Messages are JSON unless a header says otherwise, and then their text should be. */
function warnOfText({ form, template }: BodyProgram, pointer: string, linking: Linking): void {
  if (form !== 'text') return
  const problem = `the content type of the message is application/json, but this text is not${template.constant ? '' : ': what is put in will not be escaped'}`
  const hint = 'add the header Content-Type: text/plain, or write the body as YAML'
  linking.warning(pointer, 'payload-not-json', problem, hint)
}
