import { isUtf8 } from 'node:buffer'

/** The beginning of a recorded body. */
export class KeptBody {
  readonly #bytes: Buffer
  readonly isCut: boolean

  constructor(bytes: Buffer, isCut: boolean) {
    this.#bytes = bytes
    this.isCut = isCut
  }

  get text(): string {
    return this.#bytes.toString('utf8')
  }

  /** As text where it is UTF-8, as base64 otherwise. */
  readable(): { readonly body: string; readonly encoding: 'utf8' | 'base64' } {
    const bytes = this.#bytes
    const whole = this.isCut ? bytes.subarray(0, bytes.length - tornBytes(bytes)) : bytes
    if (isUtf8(whole)) return { body: whole.toString('utf8'), encoding: 'utf8' }
    return { body: bytes.toString('base64'), encoding: 'base64' }
  }
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
