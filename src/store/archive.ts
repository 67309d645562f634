// A state directory in one file: gzip over lines of JSON and bytes.
//
//   {"callboard":"backup","format":1,"epoch":…,"segments":[…]}
//   {"name":"journal/00000001.ndjson","length":…}, the bytes, {"sha256":…}     for each file
//   {"end":true,"entries":…}

import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type Disk, type DiskFile, writeAll } from './disk.js'
import { format } from './document.js'

/** A file and how much of it is meant. */
export interface ArchiveEntry {
  readonly path: string
  readonly length: number
  /** It may be gone by now, as the oldest file of a log is at any time; then it is left out. */
  readonly mayGo?: boolean
}

export interface ArchiveSource {
  readonly disk: Disk
  /** Names in the archive start here. */
  readonly dir: string
  readonly epoch: string
  readonly segments: readonly number[]
  readonly entries: readonly ArchiveEntry[]
}

export interface ArchiveHeader {
  readonly format: number
  readonly epoch: string
  readonly segments: readonly number[]
}

const chunkBytes = 256 * 1024
const maxLineBytes = 1024 * 1024
const maxEntries = 100_000
/** The only names that are read or written, so none leads out of the directory. */
const entryName = /^(?:(?:journal|audit)\/\d{8,12}\.ndjson|contents\/\d{8,12}\.pack|secrets\/[0-9a-f]{64})$/

/** Writes the archive in one step; refuses a file that exists. */
export async function writeArchive(source: ArchiveSource, file: string): Promise<void> {
  const { disk } = source
  if ((await disk.changedMs(file)) !== undefined) throw new Error(`${file} exists; name a new file for the backup`)
  const temporary = `${file}.${randomUUID()}.tmp`
  const target = await disk.open(temporary, 'create')
  try {
    try {
      await pipeline(Readable.from(partsOf(source)), createGzip(), async (compressed: AsyncIterable<Buffer>) => {
        for await (const chunk of compressed) await writeAll(target, chunk)
      })
      await target.sync()
    } finally {
      await target.close()
    }
    await disk.rename(temporary, file)
  } catch (error) {
    await disk.remove(temporary).catch(() => {})
    throw error
  }
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')))
  await disk.syncFolder(folder === '' ? (file.startsWith('/') ? '/' : '.') : folder)
}

async function* partsOf({ disk, dir, epoch, segments, entries }: ArchiveSource): AsyncGenerator<Buffer> {
  yield line({ callboard: 'backup', format, epoch, segments })
  let count = 0
  for (const { path, length, mayGo } of entries) {
    const file = await disk.open(path, 'read').catch(unlessGone(mayGo === true))
    if (file === undefined) continue
    count += 1
    const hash = createHash('sha256')
    try {
      yield line({ name: path.slice(dir.length + 1), length })
      for (let at = 0; at < length; ) {
        const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, length - at))
        const read = await file.read(chunk, at)
        if (read === 0) throw new Error(`${path} ends at byte ${at}, not at ${length}`)
        const bytes = chunk.subarray(0, read)
        hash.update(bytes)
        at += read
        yield bytes
      }
    } finally {
      await file.close()
    }
    yield line({ sha256: hash.digest('hex') })
  }
  yield line({ end: true, entries: count })
}

/** For a file that is opened: undefined when it is not there, and need not be. */
export function unlessGone(mayGo: boolean): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (mayGo && error.code === 'ENOENT') return undefined
    throw error
  }
}

function line(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

export interface ExtractOptions {
  /** Makes the file for an entry; its name is one of ours. */
  readonly create: (name: string) => Promise<DiskFile>
  /** An archive that unpacks to more is refused. */
  readonly maxBytes: number
}

/** Unpacks and checks an archive. Throws an error that says what is wrong with it. */
export async function readArchive(compressed: Readable, options: ExtractOptions): Promise<ArchiveHeader> {
  const gunzip = createGunzip()
  let extracting: Promise<ArchiveHeader> | undefined
  try {
    await pipeline(compressed, gunzip, async (bytes: AsyncIterable<Buffer>) => {
      extracting = extract(new ByteReader(bytes), options)
      await extracting
    })
  } catch (error) {
    throw inWords(error)
  } finally {
    // A pipeline that fails does not wait for its end, which may be writing a file at that moment.
    await extracting?.catch(() => {})
  }
  if (extracting === undefined) throw new Error('it is empty')
  return extracting
}

/** What zlib says, for people. */
function inWords(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'Z_BUF_ERROR')
    return new Error('it ends too early, as a file does that was not copied whole', { cause: error })
  if (code === undefined || !code.startsWith('Z_')) return error
  return message === 'incorrect header check'
    ? new Error('it is no backup: backups are compressed by gzip, and this is not', { cause: error })
    : new Error(`it is damaged: what is compressed in it cannot be read (${message})`, { cause: error })
}

async function extract(reader: ByteReader, { create, maxBytes }: ExtractOptions): Promise<ArchiveHeader> {
  const header = parseHeader(await reader.line())
  const names = new Set<string>()
  let total = 0
  for (;;) {
    const entry = (await reader.line()) as { name?: unknown; length?: unknown; end?: unknown; entries?: unknown } | null
    if (entry?.end === true) {
      if (entry.entries !== names.size)
        throw new Error(`it has ${names.size} entries, and should have ${entry.entries}`)
      if (!(await reader.atEnd())) throw new Error('something follows its end')
      break
    }
    const { name, length } = entry ?? {}
    if (typeof name !== 'string' || !entryName.test(name)) throw new Error(`it has an entry ${JSON.stringify(name)}`)
    if (names.has(name)) throw new Error(`it has ${name} twice`)
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) {
      throw new Error(`${name} has no proper length`)
    }
    total += length
    if (total > maxBytes) throw new Error(`it unpacks to more than ${maxBytes} bytes`)
    names.add(name)
    if (names.size > maxEntries) throw new Error(`it has more than ${maxEntries} entries`)
    await extractEntry(reader, name, length, create)
  }
  for (const segment of header.segments) {
    const name = `journal/${String(segment).padStart(8, '0')}.ndjson`
    if (!names.has(name)) throw new Error(`${name} is missing from it`)
  }
  return header
}

async function extractEntry(
  reader: ByteReader,
  name: string,
  length: number,
  create: (name: string) => Promise<DiskFile>,
): Promise<void> {
  const hash = createHash('sha256')
  const file = await create(name)
  try {
    for await (const chunk of reader.take(length)) {
      hash.update(chunk)
      await writeAll(file, chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const sum = (await reader.line()) as { sha256?: unknown } | null
  if (sum?.sha256 !== hash.digest('hex')) throw new Error(`${name} does not have the checksum it was written with`)
}

function parseHeader(value: unknown): ArchiveHeader {
  const header = value as (Partial<ArchiveHeader> & { callboard?: unknown }) | null
  const { callboard, format: found, epoch, segments } = header ?? {}
  if (callboard !== 'backup' || typeof found !== 'number' || typeof epoch !== 'string' || !isSegments(segments)) {
    throw new Error('it is no backup of a state directory')
  }
  if (found > format) throw new Error(`a newer version wrote it (format ${found}; this one reads ${format})`)
  return { format: found, epoch, segments }
}

function isSegments(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((number, index) => Number.isSafeInteger(number) && number > (value[index - 1] ?? 0))
  )
}

/** Lines and runs of bytes from a stream. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#chunks = bytes[Symbol.asyncIterator]()
  }

  /** The next line, as JSON. */
  async line(): Promise<unknown> {
    let end = this.#rest.indexOf(0x0a)
    while (end === -1) {
      if (this.#rest.length > maxLineBytes) throw new Error('it has a line that is too long')
      const chunk = await this.#next()
      if (chunk === undefined) throw new Error('it ends too early')
      this.#rest = Buffer.concat([this.#rest, chunk])
      end = this.#rest.indexOf(0x0a)
    }
    const text = this.#rest.toString('utf8', 0, end)
    this.#rest = this.#rest.subarray(end + 1)
    try {
      return JSON.parse(text)
    } catch {
      throw new Error('it has a line that cannot be read')
    }
  }

  async *take(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      const chunk = this.#rest.length > 0 ? this.#rest : await this.#next()
      if (chunk === undefined) throw new Error('it ends too early')
      const taken = chunk.subarray(0, left)
      this.#rest = chunk.subarray(taken.length)
      left -= taken.length
      yield taken
    }
  }

  async atEnd(): Promise<boolean> {
    return this.#rest.length === 0 && (await this.#next()) === undefined
  }

  async #next(): Promise<Buffer | undefined> {
    const { done, value } = await this.#chunks.next()
    return done === true ? undefined : value
  }
}
