// Reads one HTTP/1.1 answer (RFC 9112) from the pieces that a connection brings. Strict where an answer could be taken for
// two: what is not clear is an error, and the connection is not used again.

/** Undici's and Node's limit. */
const maxHeadBytes = 16 * 1024
/** Of the line before each chunk, and of what may follow the last. */
const maxChunkLineBytes = 4 * 1024
const line = '\r\n'
const headEnd = '\r\n\r\n'
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

type Framing = 'none' | 'length' | 'chunks' | 'close'

export class AnswerReader {
  status = 0
  retryAfter: string | undefined
  location: string | undefined
  /** The beginning of the body, as much as was asked for. */
  readonly body: Buffer[] = []
  /** More of the body is not wanted: the answer counts as read, and the connection is to be closed. */
  isCut = false
  /** Seconds that the other side keeps the connection open, if it says so. */
  keepAliveSeconds: number | undefined
  readonly #isHead: boolean
  #room: number
  #unread: Buffer | undefined
  #phase: 'head' | 'body' | 'done' = 'head'
  #framing: Framing = 'none'
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0
  #chunkPart: 'size' | 'data' | 'end' | 'trailers' = 'size'
  #trailerBytes = 0
  #staysOpen = true

  /** `maxBody` bytes of the body are read. */
  constructor(method: string, maxBody: number) {
    this.#isHead = method === 'HEAD'
    this.#room = maxBody
  }

  /** True once the answer is complete, and nothing follows it that should not: another request may be sent. */
  get isReusable(): boolean {
    return this.#phase === 'done' && this.#staysOpen && !this.isCut && this.#unread === undefined
  }

  /** Takes the next piece; true when the answer is complete. Throws when it is no HTTP. */
  read(piece: Buffer): boolean {
    let bytes: Buffer | undefined = this.#unread === undefined ? piece : Buffer.concat([this.#unread, piece])
    this.#unread = undefined
    while (this.#phase === 'head' && bytes !== undefined) bytes = this.#readHead(bytes)
    while (this.#phase === 'body' && bytes !== undefined) bytes = this.#readBody(bytes)
    if (this.#phase === 'done' && bytes !== undefined) this.#unread = bytes
    return this.#phase === 'done'
  }

  /** The other side has closed; true when that completes the answer. */
  end(): boolean {
    if (this.#phase === 'body' && this.#framing === 'close') this.#phase = 'done'
    return this.#phase === 'done'
  }

  /** Returns what follows; `undefined` when there is nothing yet. */
  #readHead(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(headEnd)
    if (end === -1 ? bytes.length > maxHeadBytes : end > maxHeadBytes) throw broken('its head is too long')
    if (end === -1) {
      const begin = bytes.toString('latin1', 0, 7)
      if (!'HTTP/1.'.startsWith(begin)) throw broken(`it begins with ${JSON.stringify(begin)}`)
      if (bytes.includes('\n\n')) throw broken('a line of its head does not end in CRLF')
      this.#unread = bytes
      return undefined
    }
    this.#takeHead(bytes.toString('latin1', 0, end))
    return restOf(bytes, end + headEnd.length)
  }

  #takeHead(head: string): void {
    const lines = head.split(line)
    const begin = statusLine.exec(lines[0] as string)
    if (begin === null) throw broken(`it begins with ${JSON.stringify(head.slice(0, 20))}`)
    const status = Number(begin[2])
    if (status === 101) throw broken('it changes the protocol')
    // An interim answer is followed by the real one.
    if (status < 200) return
    this.status = status
    this.#staysOpen = begin[1] === '1'
    let length: string | undefined
    let coding: string | undefined
    for (let index = 1; index < lines.length; index += 1) {
      const text = lines[index] as string
      const colon = text.indexOf(':')
      const name = text.slice(0, Math.max(0, colon))
      if (!fieldName.test(name) || text.includes('\n') || text.includes('\r'))
        throw broken(`its head has a line ${JSON.stringify(text.slice(0, 100))}`)
      const value = text.slice(colon + 1).trim()
      switch (name.toLowerCase()) {
        case 'content-length':
          if (length !== undefined && length !== value) throw broken('it has two lengths')
          length = value
          break
        case 'transfer-encoding':
          coding = coding === undefined ? value.toLowerCase() : `${coding}, ${value.toLowerCase()}`
          break
        case 'connection':
          this.#takeConnection(value.toLowerCase())
          break
        case 'keep-alive':
          this.keepAliveSeconds = secondsOf(value)
          break
        case 'retry-after':
          this.retryAfter ??= value
          break
        case 'location':
          this.location ??= value
          break
      }
    }
    this.#frame(length, coding)
  }

  #takeConnection(value: string): void {
    const options = value.split(',').map((option) => option.trim())
    if (options.includes('close')) this.#staysOpen = false
    else if (options.includes('keep-alive')) this.#staysOpen = true
  }

  /** How long the body is: RFC 9112 6.3. */
  #frame(length: string | undefined, coding: string | undefined): void {
    if (coding !== undefined && length !== undefined) throw broken('it has a length and a transfer coding')
    if (length !== undefined && !/^\d{1,15}$/.test(length)) throw broken(`its length is ${JSON.stringify(length)}`)
    if (this.#isHead || this.status === 204 || this.status === 304) this.#framing = 'none'
    else if (coding === 'chunked') this.#framing = 'chunks'
    else if (coding === undefined && length !== undefined) this.#framing = 'length'
    else this.#framing = 'close'
    this.#left = this.#framing === 'length' ? Number(length) : 0
    if (this.#framing === 'close') this.#staysOpen = false
    this.#phase = this.#framing === 'none' || (this.#framing === 'length' && this.#left === 0) ? 'done' : 'body'
  }

  #readBody(bytes: Buffer): Buffer | undefined {
    if (this.#framing === 'chunks') return this.#readChunks(bytes)
    if (this.#framing === 'close') {
      this.#keep(bytes)
      return undefined
    }
    return this.#readLeft(bytes, () => {
      this.#phase = 'done'
    })
  }

  /** As much as is left of the body or the chunk. */
  #readLeft(bytes: Buffer, complete: () => void): Buffer | undefined {
    const taken = Math.min(bytes.length, this.#left)
    this.#left -= taken
    if (this.#left === 0) complete()
    this.#keep(taken === bytes.length ? bytes : bytes.subarray(0, taken))
    return restOf(bytes, taken)
  }

  #readChunks(bytes: Buffer): Buffer | undefined {
    if (this.#chunkPart === 'data') {
      return this.#readLeft(bytes, () => {
        this.#chunkPart = 'end'
      })
    }
    const end = bytes.indexOf(line)
    if (end === -1) {
      if (bytes.length > maxChunkLineBytes) throw broken('a line between its chunks is too long')
      this.#unread = bytes
      return undefined
    }
    const text = bytes.toString('latin1', 0, end)
    this.#takeChunkLine(text)
    return restOf(bytes, end + line.length)
  }

  #takeChunkLine(text: string): void {
    if (this.#chunkPart === 'end') {
      if (text !== '') throw broken('a chunk is longer than it says')
      this.#chunkPart = 'size'
    } else if (this.#chunkPart === 'size') {
      const size = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;.*)?$/.exec(text)?.[1]
      if (size === undefined) throw broken(`a chunk begins with ${JSON.stringify(text.slice(0, 20))}`)
      this.#left = Number.parseInt(size, 16)
      this.#chunkPart = this.#left === 0 ? 'trailers' : 'data'
    } else if (text === '') this.#phase = 'done'
    else {
      this.#trailerBytes += text.length
      if (this.#trailerBytes > maxHeadBytes) throw broken('what follows its chunks is too long')
    }
  }

  #keep(bytes: Buffer): void {
    if (bytes.length < this.#room) {
      this.body.push(bytes)
      this.#room -= bytes.length
      return
    }
    this.body.push(bytes.subarray(0, this.#room))
    this.isCut = bytes.length > this.#room || this.#phase !== 'done'
    this.#room = 0
    this.#phase = 'done'
  }
}

function restOf(bytes: Buffer, from: number): Buffer | undefined {
  return from < bytes.length ? bytes.subarray(from) : undefined
}

function secondsOf(value: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout=(\d{1,9})/i.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}

function broken(why: string): Error {
  return new Error(`the answer is no HTTP that can be read: ${why}`)
}
