// A log that people and programs may read beside the program: numbered files of one JSON object a line, only ever
// appended to. The oldest files go when there are too many. What stands in it is in no other place.

import { type Disk, type DiskFile, nodeDisk, readInto, writeAll } from './disk.js'

export interface LogEntry {
  /** Counts from 1 and always rises; numbers may be missing. */
  readonly seq: number
}

export interface AppendLogOptions {
  readonly folder: string
  readonly disk?: Disk
  /** A file that has more gets no more. */
  readonly fileBytes?: number
  /** How many files there are at most; the oldest is deleted. */
  readonly files?: number
  readonly onWarning: (message: string) => void
}

/** Part of a log, the newest first. */
export interface LogPage<Entry> {
  readonly items: readonly Entry[]
  /** The number that the page ended with; absent when there is nothing older. */
  readonly next?: number
}

interface LogFile {
  readonly number: number
  readonly path: string
  /** Number of its first entry; undefined while it has none that can be read. */
  first: number | undefined
  /** Whole entries, as far as they are on disk. */
  length: number
  /** It gets no more, whatever its length. */
  isSealed: boolean
}

/** The only names that are files of a log. */
export const logFileName = /^\d{8,12}\.ndjson$/
/** Files that are looked through for one page: what is looked for may be rare. */
const filesPerPage = 2
/** Entries that are written at once. */
const chunkBytes = 1024 * 1024
/** In which the first entry of a file is looked for. */
const headBytes = 16 * 1024
const newline = 0x0a

/** Opens the log in `folder`, which is made if need be, and cuts off what a crash left of an entry. */
export async function openAppendLog<Entry extends LogEntry>(options: AppendLogOptions): Promise<AppendLog<Entry>> {
  const { folder, disk = nodeDisk, onWarning } = options
  await disk.makeFolder(folder)
  const found = (await disk.list(folder)).filter((name) => logFileName.test(name))
  const numbers = found.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b)
  const files: LogFile[] = []
  let last: Entry | undefined
  for (const number of numbers) {
    const path = pathOf(folder, number)
    // Only the newest was being written to, unless nothing has been written to it yet.
    const isNewest = number === numbers.at(-1) || number === numbers.at(-2)
    const file = isNewest ? undefined : await finishedFile(disk, number, path)
    if (file !== undefined) {
      files.push(file)
      continue
    }
    const bytes = (await disk.readFile(path)) ?? Buffer.alloc(0)
    const { length, first, newest } = wholeEntries<Entry>(bytes)
    if (length < bytes.length) {
      onWarning(`${path} ends in ${bytes.length - length} bytes that are no entry; they are cut off`)
      await disk.truncate(path, length)
    }
    if (newest !== undefined && newest.seq > (last?.seq ?? 0)) last = newest
    files.push({ number, path, first, length, isSealed: false })
  }
  return new AppendLog<Entry>({ fileBytes: 4 * 1024 * 1024, files: 16, ...options, disk }, files, last)
}

/** What has to be known of a file that gets no more; undefined when its beginning does not tell. */
async function finishedFile(disk: Disk, number: number, path: string): Promise<LogFile | undefined> {
  const handle = await disk.open(path, 'read')
  try {
    const head = Buffer.alloc(Math.min(headBytes, handle.length))
    const bytes = head.subarray(0, await readInto(handle, head, 0))
    const first = entryOf<LogEntry>(bytes, 0, bytes.indexOf(newline))?.seq
    return first === undefined ? undefined : { number, path, first, length: handle.length, isSealed: true }
  } finally {
    await handle.close()
  }
}

function pathOf(folder: string, number: number): string {
  return `${folder}/${String(number).padStart(8, '0')}.ndjson`
}

export class AppendLog<Entry extends LogEntry> {
  readonly #options: Required<AppendLogOptions>
  /** The oldest first. */
  readonly #files: LogFile[]
  #open: { readonly file: LogFile; readonly handle: DiskFile } | undefined
  #last: Entry | undefined
  #seq: number
  #appending: Promise<unknown> = Promise.resolve()

  constructor(options: Required<AppendLogOptions>, files: LogFile[], last: Entry | undefined) {
    this.#options = options
    this.#files = files
    this.#last = last
    this.#seq = last?.seq ?? 0
  }

  /** The newest entry that is on disk. */
  get last(): Entry | undefined {
    return this.#last
  }

  /**
   * Numbers the entries and resolves with them once they are on disk. Calls are carried out in order. Rejects when they
   * cannot be written; those of them that were are then the newest in the log.
   */
  append(entries: readonly Omit<Entry, 'seq'>[]): Promise<readonly Entry[]> {
    const appending = this.#appending.then(() => this.#append(entries))
    this.#appending = appending.catch(() => {})
    return appending
  }

  /** Entries that `matches` takes, of those before number `before`. A page may be short, or empty, and still have a next. */
  async page(
    { limit, before = Number.POSITIVE_INFINITY }: { readonly limit: number; readonly before?: number },
    matches: (entry: Entry) => boolean = () => true,
  ): Promise<LogPage<Entry>> {
    const items: Entry[] = []
    let read = 0
    let next = before
    for (const file of [...this.#files].reverse()) {
      const { first, length, path } = file
      if (first === undefined || first >= next) continue
      if (read === filesPerPage) return { items, next }
      read += 1
      const bytes = await this.#options.disk.readFile(path)
      // Deleted since, and so is everything older.
      if (bytes === undefined) break
      for (const entry of backwards<Entry>(bytes.subarray(0, length))) {
        if (entry.seq >= next) continue
        if (items.length === limit) return { items, next }
        next = entry.seq
        if (matches(entry)) items.push(entry)
      }
    }
    return { items }
  }

  async close(): Promise<void> {
    await this.#appending
    const { handle } = this.#open ?? {}
    this.#open = undefined
    await handle?.close()
  }

  async #append(given: readonly Omit<Entry, 'seq'>[]): Promise<readonly Entry[]> {
    const written: Entry[] = []
    let chunk: Entry[] = []
    let bytes = 0
    let lines: Buffer[] = []
    const flush = async () => {
      if (chunk.length === 0) return
      await this.#write(Buffer.concat(lines, bytes), chunk)
      for (const entry of chunk) written.push(entry)
      chunk = []
      lines = []
      bytes = 0
    }
    for (const rest of given) {
      this.#seq += 1
      const entry = { ...rest, seq: this.#seq } as unknown as Entry
      const { seq, ...others } = entry
      const line = Buffer.from(`${JSON.stringify({ seq, ...others })}\n`)
      chunk.push(entry)
      lines.push(line)
      bytes += line.length
      if (bytes >= chunkBytes) await flush()
    }
    await flush()
    return written
  }

  async #write(bytes: Buffer, entries: readonly Entry[]): Promise<void> {
    const { file, handle } = await this.#room()
    try {
      await writeAll(handle, bytes)
      await handle.sync()
    } catch (error) {
      await this.#giveUp(file, handle)
      throw error
    }
    file.first ??= entries[0]?.seq
    file.length += bytes.length
    this.#last = entries.at(-1)
  }

  /** The file that the next entries go into. */
  async #room(): Promise<{ file: LogFile; handle: DiskFile }> {
    const { disk, folder, fileBytes } = this.#options
    if (this.#open !== undefined && this.#open.file.length < fileBytes) return this.#open
    await this.#open?.handle.close()
    this.#open = undefined
    const newest = this.#files.at(-1)
    const goesOn = newest !== undefined && !newest.isSealed && newest.length < fileBytes
    const file = goesOn ? newest : this.#newFile((newest?.number ?? 0) + 1)
    const handle = await disk.open(file.path, goesOn ? 'append' : 'create')
    if (!goesOn) this.#files.push(file)
    if (file.length === 0) await disk.syncFolder(folder)
    this.#open = { file, handle }
    await this.#dropOldest()
    return this.#open
  }

  #newFile(number: number): LogFile {
    return { number, path: pathOf(this.#options.folder, number), first: undefined, length: 0, isSealed: false }
  }

  async #dropOldest(): Promise<void> {
    const { disk, files, onWarning } = this.#options
    while (this.#files.length > files) {
      const [oldest] = this.#files
      if (oldest === undefined) return
      try {
        await disk.remove(oldest.path)
      } catch (error) {
        onWarning(`${oldest.path} cannot be deleted: ${(error as Error).message}`)
        return
      }
      this.#files.shift()
    }
  }

  /** What a write or a sync that failed has left is not known: it is cut off, or the file gets no more. */
  async #giveUp(file: LogFile, handle: DiskFile): Promise<void> {
    const { disk } = this.#options
    this.#open = undefined
    await handle.close().catch(() => {})
    await disk.truncate(file.path, file.length).catch(() => {
      file.isSealed = true
    })
  }
}

/** How much of `bytes` is whole entries to its end. What is damaged before the last whole entry stays, and is stepped over. */
function wholeEntries<Entry extends LogEntry>(bytes: Buffer) {
  let length = 0
  let newest: Entry | undefined
  for (let end = bytes.length; end > 0 && newest === undefined; ) {
    const at = bytes.lastIndexOf(newline, end - 1)
    if (at === -1) break
    const start = at === 0 ? 0 : bytes.lastIndexOf(newline, at - 1) + 1
    newest = entryOf<Entry>(bytes, start, at)
    length = at + 1
    end = start
  }
  if (newest === undefined) return { length: 0, first: undefined, newest }
  let first: number | undefined
  for (let start = 0; first === undefined; ) {
    const at = bytes.indexOf(newline, start)
    first = entryOf<Entry>(bytes, start, at)?.seq
    start = at + 1
  }
  return { length, first, newest }
}

function* backwards<Entry extends LogEntry>(bytes: Buffer): Generator<Entry> {
  for (let at = bytes.length - 1; at >= 0; ) {
    const start = at === 0 ? 0 : bytes.lastIndexOf(newline, at - 1) + 1
    const entry = entryOf<Entry>(bytes, start, at)
    if (entry !== undefined) yield entry
    at = start - 1
  }
}

/** Undefined for a line that is no entry. */
function entryOf<Entry extends LogEntry>(bytes: Buffer, start: number, end: number): Entry | undefined {
  try {
    const entry = JSON.parse(bytes.toString('utf8', start, end)) as Partial<Entry> | null
    return Number.isSafeInteger(entry?.seq) ? (entry as Entry) : undefined
  } catch {
    return undefined
  }
}
