import type { IncomingMessage } from 'node:http'
import { BadRequest, HttpProblem } from './problem-details.js'
import type { RawBody, RawBodyOptions } from './route.js'

/** What is read and thrown away of a body that is too large, so that the client gets to see the answer. */
const drainBytes = 8 * 1024 * 1024

/** Reads a JSON body of at most `maxBytes`; an empty one is `{}`. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  requireJson(request)
  const bytes = await readBounded(request, maxBytes)
  if (bytes.length === 0) return {}
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new BadRequest('body', 'is not valid UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BadRequest('body', error instanceof Error ? error.message : 'is not valid JSON')
  }
}

/** Reads a body of at most `maxBytes` as it is. Other sites are kept out as by `readJsonBody`. */
export async function readRawBody(
  request: IncomingMessage,
  { types, takes, maxBytes }: RawBodyOptions,
): Promise<RawBody> {
  const { headers } = request
  const type = requireType(request, takes?.(headers) === true ? undefined : Object.keys(types))
  return { type, headers, bytes: await readBounded(request, maxBytes) }
}

/** Also keeps other sites out: a browser asks before it sends this type across origins, and gets no leave. */
function requireJson(request: IncomingMessage): void {
  requireType(request, ['application/json'])
}

function requireType(request: IncomingMessage, types: readonly string[] | undefined): string {
  const given = request.headers['content-type']
  const [type = '', ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase())
  if (types !== undefined && !types.includes(type)) {
    const found = given === undefined ? 'there is none' : `it is ${JSON.stringify(type.slice(0, 60))}`
    throw new HttpProblem(415, 'unsupported-media-type', `Content-Type must be ${types.join(' or ')}, ${found}`)
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length)
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw new HttpProblem(415, 'unsupported-media-type', 'the charset of a JSON body is utf-8')
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new HttpProblem(415, 'unsupported-media-type', 'send the body without Content-Encoding')
  }
  return type
}

async function readBounded(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new HttpProblem(413, 'too-large', `the body is larger than ${maxBytes} bytes`, {
    headers: { Connection: 'close' },
  })
  if (Number(request.headers['content-length'] ?? 0) > maxBytes + drainBytes) throw tooLarge
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop must not destroy the socket: the answer still has to go out on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
    if (size > maxBytes + drainBytes) break
  }
  if (size > maxBytes) throw tooLarge
  return Buffer.concat(chunks, size)
}
