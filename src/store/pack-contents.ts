// A content store in pack files. Bytes are read when they are asked for; memory holds where they are.

import type { Disk } from './disk.js'
import { openPack, Pack, type Slot } from './pack.js'
import { type ContentStore, StoreUnavailable } from './store.js'

export interface PackContentsOptions {
  readonly folder: string
  readonly disk: Disk
  /** On disk before `putAll` resolves. */
  readonly durable: boolean
  readonly warn: (message: string) => void
}

/** With less than this to gain, nothing is rewritten. */
const minGarbageBytes = 64 * 1024

export function packName(number: number): string {
  return `${String(number).padStart(8, '0')}.pack`
}

/** Opens the packs of `folder`; later ones win, and each goes on where it was whole. */
export async function openPackContents(options: PackContentsOptions): Promise<PackContents> {
  const { folder, disk, warn } = options
  await disk.makeFolder(folder)
  const slots = new Map<string, Slot>()
  const packs: Pack[] = []
  let last: Pack | undefined
  for (const name of await disk.list(folder)) {
    const number = /^(\d{8,12})\.pack$/.exec(name)?.[1]
    const path = `${folder}/${name}`
    if (number === undefined) {
      // A rewrite that was cut off.
      if (name.endsWith('.tmp')) await disk.remove(path)
      continue
    }
    const { pack, damage } = await openPack(disk, path, Number(number), (key, slot) => slots.set(key, slot))
    packs.push(pack)
    for (const { from, to } of damage) warn(`${path} is damaged from byte ${from} to ${to}; contents there are lost`)
    // What follows the whole part is torn: nothing may be appended behind it.
    const torn = damage.at(-1)
    if (torn !== undefined && torn.from === pack.length) await disk.truncate(path, pack.length)
    last = pack
  }
  return new PackContents(options, slots, packs, last)
}

export class PackContents implements ContentStore {
  readonly #options: PackContentsOptions
  readonly #slots: Map<string, Slot>
  #packs: Pack[]
  #active: Pack | undefined
  #lastNumber: number
  /** Writes are carried out one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  #closed = false
  #keeping = 0

  constructor(options: PackContentsOptions, slots: Map<string, Slot>, packs: Pack[], active: Pack | undefined) {
    this.#options = options
    this.#slots = slots
    this.#packs = packs
    this.#active = active
    this.#lastNumber = active?.number ?? 0
  }

  /** Runs `work`; no file is replaced meanwhile. */
  async keepFiles<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#keeping += 1
    try {
      return await work()
    } finally {
      this.#keeping -= 1
    }
  }

  /** The files and how much of each counts, once what is being written is. */
  files(): Promise<readonly { readonly path: string; readonly length: number }[]> {
    return this.#exclusive(async () => this.#packs.map(({ path, length }) => ({ path, length })))
  }

  has(key: string): boolean {
    return this.#slots.has(key)
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.getAll([key])).get(key)
  }

  async getAll(keys: Iterable<string>): Promise<Map<string, Uint8Array>> {
    const wanted = new Map<Pack, Map<string, Slot>>()
    for (const key of keys) {
      const slot = this.#slots.get(key)
      if (slot === undefined) continue
      const inPack = wanted.get(slot.pack)
      if (inPack === undefined) wanted.set(slot.pack, new Map([[key, slot]]))
      else inPack.set(key, slot)
    }
    const found = new Map<string, Uint8Array>()
    // All are begun at once: a pack that is being read stays open, also when it is replaced meanwhile.
    await Promise.all(
      [...wanted].map(([pack, slots]) =>
        pack.read([...slots], (key, bytes) => {
          if (bytes !== undefined) found.set(key, bytes)
          else this.#drop(key, slots.get(key))
        }),
      ),
    )
    return found
  }

  putAll(entries: Iterable<readonly [key: string, bytes: Uint8Array]>): Promise<void> {
    return this.#exclusive(async () => {
      this.#checkOpen()
      const added = new Map<string, Uint8Array>()
      for (const [key, bytes] of entries) if (!this.#slots.has(key)) added.set(key, bytes)
      if (added.size === 0) return
      for (const [key, slot] of await this.#append(added)) this.#slots.set(key, slot)
    })
  }

  retain(keys: ReadonlySet<string>): Promise<void> {
    return this.#exclusive(async () => {
      this.#checkOpen()
      if (this.#keeping > 0) return
      let total = 0
      for (const { length } of this.#packs) total += length
      let kept = 0
      for (const [key, { length }] of this.#slots) if (keys.has(key)) kept += length
      if (total - kept > minGarbageBytes && kept * 2 < total) await this.#rewrite(keys)
    })
  }

  /** Runs `work` when no write is under way, and keeps others waiting. */
  #exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#last.then(work)
    this.#last = run.catch(() => {})
    return run
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#last
    for (const pack of this.#packs) await pack.close()
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
  }

  async #append(entries: ReadonlyMap<string, Uint8Array>): Promise<[string, Slot][]> {
    const { disk, durable } = this.#options
    let pack = this.#active
    try {
      pack ??= await this.#begin()
      return await pack.append(entries, durable)
    } catch (error) {
      if (error instanceof RangeError) throw error
      // What the disk has of it is unknown: this pack is left as it is, and the next one begun.
      if (pack !== undefined) {
        this.#active = undefined
        await disk.truncate(pack.path, pack.length).catch(() => {})
      }
      throw new StoreUnavailable(`contents cannot be written: ${(error as Error).message}`, { cause: error })
    }
  }

  async #begin(): Promise<Pack> {
    const { folder, disk } = this.#options
    this.#lastNumber += 1
    const path = `${folder}/${packName(this.#lastNumber)}`
    const pack = new Pack(path, this.#lastNumber, await disk.open(path, 'create'), 0)
    try {
      await disk.syncFolder(folder)
    } catch (error) {
      await pack.close()
      await disk.remove(path).catch(() => {})
      throw error
    }
    this.#packs.push(pack)
    this.#active = pack
    return pack
  }

  /** Copies what is wanted to a new pack, which takes its name once it is whole, and deletes the others. */
  async #rewrite(keys: ReadonlySet<string>): Promise<void> {
    const { folder, disk } = this.#options
    this.#lastNumber += 1
    const path = `${folder}/${packName(this.#lastNumber)}`
    const temporary = `${path}.tmp`
    const copy = new Pack(path, this.#lastNumber, await disk.open(temporary, 'create'), 0)
    const copied = new Map<string, Slot>()
    const damaged: string[] = []
    try {
      for (const pack of this.#packs) {
        const wanted = [...this.#slots].filter(([key, slot]) => slot.pack === pack && keys.has(key))
        for (const group of groupsOf(wanted)) {
          const contents = new Map<string, Uint8Array>()
          await pack.read(group, (key, bytes) => {
            if (bytes === undefined) damaged.push(key)
            else contents.set(key, bytes)
          })
          for (const [key, slot] of await copy.append(contents, false)) copied.set(key, slot)
        }
      }
      await copy.append([], true)
      await disk.rename(temporary, path)
      await disk.syncFolder(folder)
    } catch (error) {
      await copy.close()
      await disk.remove(temporary).catch(() => {})
      throw new StoreUnavailable(`contents cannot be compacted: ${(error as Error).message}`, { cause: error })
    }
    for (const key of damaged) this.#drop(key, this.#slots.get(key))
    const replaced = this.#packs
    this.#slots.clear()
    for (const [key, slot] of copied) this.#slots.set(key, slot)
    this.#packs = [copy]
    this.#active = copy
    for (const pack of replaced) {
      await pack.close()
      await disk.remove(pack.path)
    }
    await disk.syncFolder(folder)
  }

  /** Forgets what turned out to be damaged, so that it can be put again. */
  #drop(key: string, slot: Slot | undefined): void {
    if (slot === undefined || this.#slots.get(key) !== slot) return
    this.#slots.delete(key)
    this.#options.warn(`${slot.pack.path} is damaged at byte ${slot.offset}; the content ${key} is lost`)
  }
}

const groupBytes = 16 * 1024 * 1024

/** Parts that fit into memory together. */
function* groupsOf(wanted: readonly (readonly [key: string, slot: Slot])[]): Generator<(readonly [string, Slot])[]> {
  let group: (readonly [string, Slot])[] = []
  let bytes = 0
  for (const entry of wanted) {
    group.push(entry)
    bytes += entry[1].length
    if (bytes < groupBytes) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}
