/** What ends early, or goes on where it should end. */
export class WireFault extends Error {
  override readonly name = 'WireFault'
}

/** Reads the values of RFC 4251, section 5, one after the other. Throws `WireFault`. */
export class SshReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  byte(): number {
    return this.#take(1)[0] ?? 0
  }

  uint32(): number {
    return this.#take(4).readUInt32BE()
  }

  string(): Buffer {
    return this.#take(this.uint32())
  }

  text(): string {
    return this.string().toString('latin1')
  }

  /** A positive number, without the zero bytes before it. */
  mpint(): Buffer {
    const bytes = this.string()
    if ((bytes[0] ?? 0) >= 0x80) throw new WireFault('a negative number')
    let from = 0
    while (bytes[from] === 0) from += 1
    return bytes.subarray(from)
  }

  fixed(length: number): Buffer {
    return this.#take(length)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new WireFault('bytes after the end')
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new WireFault('it ends too early')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

/** As `SshReader.string` reads it. */
export function sshString(bytes: Uint8Array | string): Buffer {
  const content = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}
