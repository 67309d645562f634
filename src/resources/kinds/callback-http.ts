// Callbacks of type http.

import { secretHint } from '../known-tokens.js'
import { compiledText, compileMessage, type DeclaredCallback } from './callback-message.js'
import type { HttpCallback, TextProgram } from './callback-program.js'
import { compileSignature } from './callback-signature.js'
import type { Linking } from './linking.js'
import { constantText } from './mock-response.js'
import { impossiblePort } from './port.js'

/** Concern one connection, or follow from the body: whoever sends writes them. */
const framing: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export function compileHttp(spec: DeclaredCallback, at: string, linking: Linking): HttpCallback {
  // Without a url it did not pass validation.
  const { url = '', method = 'POST', sign: declared } = spec
  const message = compileMessage(spec, at, linking, framing)
  const { headers = {} } = spec
  const sign = declared && compileSignature(declared, { headers, framing }, at, linking)
  return { type: 'http', method, url: compileUrl(url, `${at}/url`, linking), sign, ...message }
}

function compileUrl(url: NonNullable<DeclaredCallback['url']>, pointer: string, linking: Linking): TextProgram {
  if (typeof url === 'object') return { kind: 'secret', place: url }
  const template = compiledText(url, pointer, linking)
  const constant = constantText(template)
  if (constant === undefined) return { kind: 'template', template }
  const target = URL.canParse(constant) ? new URL(constant) : undefined
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    const hint = impossiblePort(constant) ?? 'write http:// or https://, a host, and a path'
    linking.error(pointer, 'callback-url', `${JSON.stringify(constant)} is not a URL that can be sent to`, hint)
  } else if (linking.isEncrypted(pointer)) {
    return { kind: 'literal', text: constant }
  } else if (target.password !== '') {
    const hint = `${secretHint('url')}; or send an Authorization header from a secret`
    linking.warning(pointer, 'literal-secret', '"url" holds a password as literal text', hint)
    return { kind: 'literal', text: constant }
  }
  return { kind: 'template', template }
}
