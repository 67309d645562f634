// Reads a request's body: bounded while it arrives and again after inflation.

import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import type busboy from 'busboy'
import { addNamed, type NamedValues } from './location.js'
import type { Body } from './request.js'

/** A body that cannot be taken; `status` is what to answer. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused'
  readonly status: 400 | 413
  constructor(status: 400 | 413, message: string) {
    super(message)
    this.status = status
  }
}

/** The client went away before its request was complete. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted'
}

/** With the first form that has parts: 10 ms of a start that few need. */
function loadBusboy(): typeof busboy {
  return createRequire(import.meta.url)('busboy') as typeof busboy
}

const maxFields = 1_000
const maxEncodings = 2

/** True when bytes follow the headers. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

export async function readBody(req: IncomingMessage, limit: number): Promise<Body> {
  const arrived = await collect(req, limit)
  const encoding = req.headers['content-encoding']
  const bytes = encoding === undefined ? arrived : await inflated(arrived, encoding, limit)
  return bodyOf(bytes, arrived, req.headers['content-type'])
}

/** A body with what its type says is in it; `raw` is as it arrived. */
export async function bodyOf(bytes: Buffer, raw: Buffer, type: string | undefined): Promise<Body> {
  if (type === undefined || !/^\s*multipart\/form-data/i.test(type)) return { bytes, raw }
  const fields = await multipartFields(bytes, type)
  return fields === undefined ? { bytes, raw } : { bytes, raw, fields }
}

function collect(req: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(req.headers['content-length'] ?? 0)
  if (announced > limit) return Promise.reject(tooLarge(limit))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (): void => {
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= limit) {
        chunks.push(chunk)
        return
      }
      settle()
      reject(tooLarge(limit))
    }
    const onEnd = (): void => {
      settle()
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size))
    }
    const onClose = (): void => {
      settle()
      reject(new RequestAborted('the client went away before its request was complete'))
    }
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

function tooLarge(limit: number): BodyRefused {
  return new BodyRefused(413, `the body is larger than ${limit} bytes`)
}

const inflaters: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: async (bytes, options) => {
    // Senders disagree on whether "deflate" has a zlib header.
    const zlib =
      bytes.length > 1 && ((bytes[0] ?? 0) & 0x0f) === 8 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0
    return promisify(zlib ? inflate : inflateRaw)(bytes, options)
  },
}

/** Undoes what Content-Encoding names, last first. A coding that is not known leaves the bytes as they are. */
async function inflated(arrived: Buffer, header: string, limit: number): Promise<Buffer> {
  const codings = header
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (arrived.length === 0 || codings.some((coding) => !Object.hasOwn(inflaters, coding))) return arrived
  if (codings.length > maxEncodings)
    throw new BodyRefused(400, `the body is encoded ${codings.length} times; at most ${maxEncodings} are undone`)
  let bytes = arrived
  for (const coding of codings.reverse()) {
    try {
      bytes = (await inflaters[coding]?.(bytes, { maxOutputLength: limit })) ?? bytes
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        throw new BodyRefused(413, `the body is larger than ${limit} bytes once its ${coding} is undone`)
      }
      throw new BodyRefused(400, `Content-Encoding says ${coding}, but the body is none`)
    }
  }
  return bytes
}

/** Undefined when the body is no multipart after all; it then counts as text. */
function multipartFields(bytes: Buffer, type: string): Promise<NamedValues | undefined> {
  return new Promise((resolve) => {
    const fields: NamedValues = Object.create(null)
    try {
      const parser = loadBusboy()({
        headers: { 'content-type': type },
        limits: { fields: maxFields, files: maxFields, parts: maxFields, fieldSize: bytes.length, headerPairs: 100 },
      })
      parser.on('field', (name, value) => addNamed(fields, name, value))
      parser.on('file', (name, stream, { filename }) => {
        addNamed(fields, name, filename ?? '')
        stream.resume()
      })
      parser.on('close', () => resolve(fields))
      parser.on('error', () => resolve(undefined))
      parser.end(bytes)
    } catch {
      resolve(undefined)
    }
  })
}

const drainMs = 5_000

/**
 * Lets a client finish sending what nobody will read: cut off at once, it might never see its answer. One that goes on
 * for too long is cut off all the same.
 */
export function drain(req: IncomingMessage): void {
  req.resume()
  const timer = setTimeout(() => {
    if (!req.complete) req.socket.destroy()
  }, drainMs)
  timer.unref()
  req.once('close', () => clearTimeout(timer))
}
