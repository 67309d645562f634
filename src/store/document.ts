// The small document beside the journal, by lowdb: which segments there are, in which format, and of which epoch. Nothing
// is lost with it: the segments say the same, only less handily.

import { type Adapter, Low } from 'lowdb'
import { type Disk, replaceFile } from './disk.js'

/** The layout of the state directory; raised when an older program could no longer read it. */
export const format = 1
export const documentName = 'state.json'

export interface State {
  format: number
  /** Names this history of the state: a new one begins when a backup is restored. */
  epoch: string
  /** Numbers of the journal's segments, the oldest first. */
  segments: number[]
}

/** Writes a temporary file, syncs it, renames it into place and syncs the folder. */
class SyncedJsonFile implements Adapter<State> {
  readonly #disk: Disk
  readonly #folder: string

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  async read(): Promise<State | null> {
    const bytes = await this.#disk.readFile(`${this.#folder}/${documentName}`)
    return bytes === undefined ? null : parseState(bytes.toString())
  }

  async write(state: State): Promise<void> {
    await replaceFile(this.#disk, this.#folder, documentName, Buffer.from(`${JSON.stringify(state, null, 2)}\n`))
  }
}

/** Throws when `text` is no state document. */
export function parseState(text: string): State {
  const state = JSON.parse(text) as Partial<State> | null
  const { segments } = state ?? {}
  if (
    typeof state?.format !== 'number' ||
    typeof state.epoch !== 'string' ||
    state.epoch === '' ||
    !Array.isArray(segments) ||
    !segments.every((number, index) => Number.isSafeInteger(number) && number > (segments[index - 1] ?? 0))
  ) {
    throw new SyntaxError('format, epoch or segments are missing or wrong')
  }
  return { format: state.format, epoch: state.epoch, segments }
}

export class StateDocument {
  readonly #low: Low<State>
  #last: Promise<void> = Promise.resolve()

  constructor(disk: Disk, folder: string) {
    this.#low = new Low<State>(new SyncedJsonFile(disk, folder), { format, epoch: '', segments: [] })
  }

  /** What was written last; `undefined` when nothing was, or when it cannot be read. */
  async read(warn: (message: string) => void): Promise<State | undefined> {
    try {
      await this.#low.read()
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      warn(`${documentName} is damaged (${error.message}); it is made again from the journal's segments`)
    }
    return this.#low.data.epoch === '' ? undefined : this.#low.data
  }

  /** On disk when it resolves. Calls are carried out in order. */
  async write(state: State): Promise<void> {
    const write = this.#last.then(async () => {
      this.#low.data = state
      await this.#low.write()
    })
    this.#last = write.catch(() => {})
    await write
  }
}
