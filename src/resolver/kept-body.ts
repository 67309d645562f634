import { isUtf8 } from 'node:buffer'

/** The beginning of a recorded body. */
export class KeptBody {
  /** One byte a character: such a text lies with its entry, while a buffer would keep alive what it was cut from. */
  readonly #bytes: string
  readonly isCut: boolean

  constructor(bytes: string, isCut: boolean) {
    this.#bytes = bytes
    this.isCut = isCut
  }

  /** What keeping it takes. */
  get size(): number {
    return this.#bytes.length + 48
  }

  get text(): string {
    return Buffer.from(this.#bytes, 'latin1').toString('utf8')
  }

  /** As text where it is UTF-8, as base64 otherwise. */
  readable(): { readonly body: string; readonly encoding: 'utf8' | 'base64' } {
    const bytes = Buffer.from(this.#bytes, 'latin1')
    const whole = this.isCut ? bytes.subarray(0, bytes.length - tornBytes(bytes)) : bytes
    if (isUtf8(whole)) return { body: whole.toString('utf8'), encoding: 'utf8' }
    return { body: bytes.toString('base64'), encoding: 'base64' }
  }
}

/** Keeps at most `limit` bytes of a body; undefined when there are none. */
export function keepBody(body: Buffer | KeptBody | undefined, limit: number): KeptBody | undefined {
  if (body === undefined || body instanceof KeptBody) return body
  if (body.length === 0) return undefined
  return new KeptBody(body.toString('latin1', 0, limit), body.length > limit)
}

/** How many bytes at the end are the beginning of a character that the cut went through. */
function tornBytes(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}
