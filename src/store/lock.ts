// One process holds the state directory. The lock is a file, `lock.<n>`, that says who. Whoever finds it stale makes the
// next number, which only one can, and then looks once more whether anybody else is there.
//
// A holder on this machine is checked by its process id and start time, so a reused id is not mistaken for it. A holder
// that cannot be seen from here (another machine or container) counts as gone when it has not touched the file for long.

import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Disk, writeAll } from './disk.js'
import { StoreLocked } from './store.js'
import { systemTimer, type Timer } from './timer.js'

export interface Holder {
  readonly pid: number
  /** When the process started, in ticks since boot; `null` where the system does not tell. */
  readonly started: string | null
  /** Changes when the machine starts again. */
  readonly boot: string | null
  /** The process id space: a container has its own. */
  readonly space: string | null
  readonly host: string
}

/** What can be known of processes from here. */
export interface Processes {
  readonly self: Holder
  /** Of a process in our own space; `undefined` when there is none, `null` when only that is known. */
  started(pid: number): string | null | undefined
}

export interface LockOptions {
  readonly disk: Disk
  readonly timer?: Timer
  readonly processes?: Processes
  /** Somebody has taken the lock away: nothing may be written any more. */
  readonly lost: (error: StoreLocked) => void
}

export interface Lock {
  release(): Promise<void>
}

const touchEveryMs = 5000
const goneAfterMs = 20_000
/** `lock.<n>`, and `lock.<uuid>.tmp` while it is written. */
const lockName = /^lock\.(\d+)$/
const temporaryName = /^lock\.[0-9a-f-]+\.tmp$/

/** True for the names that a lock may leave in a directory. */
export function isLockName(name: string): boolean {
  return lockName.test(name) || temporaryName.test(name)
}

/** Takes the lock of `folder`, or throws `StoreLocked`. */
export async function lock(
  folder: string,
  { disk, timer = systemTimer, processes = here, lost }: LockOptions,
): Promise<Lock> {
  const content = Buffer.from(`${JSON.stringify({ ...processes.self, token: randomUUID() })}\n`)
  const path = `${folder}/${await claim(folder, disk, processes, content)}`
  const isOurs = async () => (await disk.readFile(path))?.equals(content) === true
  let released = false
  let cancel = () => {}
  let touching: Promise<void> | undefined
  const touch = async (): Promise<void> => {
    try {
      if (!(await isOurs())) {
        if (!released)
          lost(new StoreLocked(`${path} is gone: another process may use ${folder}, so nothing more is written`))
        return
      }
      await disk.touch(path)
    } catch {
      // It cannot be read or written now. That alone gives nobody the right to take it.
    }
    if (!released) schedule()
  }
  const schedule = (): void => {
    cancel = timer(touchEveryMs, () => {
      touching = touch()
    })
  }
  schedule()
  return {
    async release() {
      released = true
      cancel()
      await touching
      if (await isOurs()) await disk.remove(path)
    },
  }
}

async function claim(folder: string, disk: Disk, processes: Processes, content: Buffer): Promise<string> {
  const temporary = `${folder}/lock.${randomUUID()}.tmp`
  for (let tries = 0; ; tries += 1) {
    const stale = await staleLocks(folder, disk, processes, undefined)
    const next = `lock.${Math.max(0, ...stale.map(lockNumber)) + 1}`
    const file = await disk.open(temporary, 'create')
    try {
      await writeAll(file, content)
    } finally {
      await file.close()
    }
    try {
      // With all its content at once: nobody finds a lock half written.
      await disk.link(temporary, `${folder}/${next}`)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Somebody else was faster (EEXIST), or holds it by now and has tidied up (ENOENT).
      if ((code === 'EEXIST' || code === 'ENOENT') && tries < 10) continue
      throw error
    } finally {
      await disk.remove(temporary)
    }
    try {
      await staleLocks(folder, disk, processes, next)
    } catch (error) {
      await disk.remove(`${folder}/${next}`)
      throw error
    }
    for (const name of await disk.list(folder)) {
      if (stale.includes(name) || temporaryName.test(name)) await disk.remove(`${folder}/${name}`)
    }
    return next
  }
}

/** Names of locks whose holders are gone; throws `StoreLocked` when one is not. `own` is left out. */
async function staleLocks(
  folder: string,
  disk: Disk,
  processes: Processes,
  own: string | undefined,
): Promise<string[]> {
  const stale: string[] = []
  for (const name of await disk.list(folder)) {
    if (!lockName.test(name) || name === own) continue
    const path = `${folder}/${name}`
    const content = await disk.readFile(path)
    if (content === undefined) continue
    const holder = parseHolder(content)
    if (holder === undefined || !(await holds(holder, path, disk, processes))) stale.push(name)
    else throw new StoreLocked(describe(holder, folder, path, processes))
  }
  return stale
}

function lockNumber(name: string): number {
  return Number(lockName.exec(name)?.[1])
}

function parseHolder(content: Buffer): Holder | undefined {
  try {
    const holder = JSON.parse(content.toString()) as Holder | null
    return Number.isSafeInteger(holder?.pid) && typeof holder?.host === 'string' ? holder : undefined
  } catch {
    // It is created whole, so a power loss made it so, and its holder is gone.
    return undefined
  }
}

async function holds(holder: Holder, path: string, disk: Disk, { self, started }: Processes): Promise<boolean> {
  if (isVisible(holder, self)) {
    const start = started(holder.pid)
    return start !== undefined && (start === null || holder.started === null || start === holder.started)
  }
  // The same machine, and it has started again since.
  if (holder.host === self.host && holder.boot !== self.boot) return false
  const touched = await disk.changedMs(path)
  return touched !== undefined && (await clockOf(disk, path)) - touched < goneAfterMs
}

function isVisible(holder: Holder, self: Holder): boolean {
  return holder.host === self.host && holder.boot === self.boot && holder.space === self.space
}

/** The time by the clock that also dates the lock: on a network drive it is not ours. */
async function clockOf(disk: Disk, path: string): Promise<number> {
  const probe = `${path.slice(0, path.lastIndexOf('/'))}/lock.${randomUUID()}.tmp`
  await (await disk.open(probe, 'create')).close()
  const time = await disk.changedMs(probe)
  await disk.remove(probe)
  return time ?? Date.now()
}

function describe(holder: Holder, folder: string, path: string, { self }: Processes): string {
  if (isVisible(holder, self)) return `the state directory ${folder} is in use by process ${holder.pid}`
  return (
    `the state directory ${folder} is in use by process ${holder.pid} on ${holder.host}, which cannot be seen from here ` +
    `(if it is gone, its lock ${path} ends by itself within ${goneAfterMs / 1000} seconds)`
  )
}

/** The real processes of this machine. */
export const here: Processes = {
  self: {
    pid: process.pid,
    started: startOf(process.pid) ?? null,
    boot: firstLine('/proc/sys/kernel/random/boot_id'),
    space: spaceOf(),
    host: hostname(),
  },
  started: startOf,
}

function startOf(pid: number): string | null | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs as another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  // proc(5): the name, in parentheses, may hold anything; after it the state, and 19 fields on the start time.
  const stat = firstLine(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields?.[0] === 'Z') return undefined
  return fields?.[19] ?? null
}

function firstLine(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

function spaceOf(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return null
  }
}
