import { execFileSync } from 'node:child_process'
import { expect, onTestFinished } from 'vitest'
import { type DirectoryOptions, openDirectory } from '../../src/source/directory.js'
import type { Snapshot, Source } from '../../src/source/source.js'
import { Looks } from '../contract/source.js'
import { DirectoryOrigin } from './directory-origin.js'

export const none: ReadonlySet<string> = new Set()

export interface Opened {
  readonly origin: DirectoryOrigin
  readonly source: Source
}

/** A source on some files, or on a folder of an origin, until the end of the test. */
export async function open(
  files: Readonly<Record<string, string>> | DirectoryOrigin = {},
  options: DirectoryOptions = {},
  folder = '',
): Promise<Opened> {
  const origin =
    files instanceof DirectoryOrigin ? files : await DirectoryOrigin.create(files as Record<string, string>)
  const source = openDirectory(origin.at(folder), options)
  onTestFinished(async () => {
    await source.close()
    await origin.remove()
  })
  return { origin, source }
}

export interface Watching extends Opened {
  readonly looks: Looks
  /** Fetches by the hints that come in until the snapshot is like this. */
  readonly until: (done: (snapshot: Snapshot) => boolean) => Promise<void>
}

/** A source that has been fetched once, and is watched. */
export async function watching(
  files: Readonly<Record<string, string>> | DirectoryOrigin = {},
  options: DirectoryOptions = {},
  { references = none, folder = '' }: { references?: ReadonlySet<string>; folder?: string } = {},
): Promise<Watching> {
  const { origin, source } = await open(files, options, folder)
  await source.fetch(references).catch(() => {})
  const looks = new Looks()
  await source.watch(looks.look)
  expect(await looks.next()).toBe('anywhere')
  const until: Watching['until'] = (done) =>
    looks.until((hint) =>
      // Without a root at the moment, there will be another look when there is.
      source.fetch(references, hint).then(done, () => false),
    )
  return { origin, source, looks, until }
}

/** Time that passes only by sleeping; `onSleep` is what happens meanwhile. */
export function steppedClock(onSleep: (elapsedMs: number) => void = () => {}) {
  // Later than any file here was touched, so that none is taken to be changing still.
  const start = Date.now() + 1_000
  const clock = {
    elapsed: 0,
    now: () => start + clock.elapsed,
    sleep: async (ms: number) => {
      clock.elapsed += ms
      onSleep(clock.elapsed)
    },
  }
  return clock
}

export function text({ files }: Snapshot, path: string): string | undefined {
  const file = files.get(path)
  return file && Buffer.from(file.bytes).toString('utf8')
}

export function holds(path: string, wanted: string | undefined): (snapshot: Snapshot) => boolean {
  return (snapshot) => text(snapshot, path) === wanted
}

export function shell(origin: DirectoryOrigin, script: string): void {
  execFileSync('bash', ['-ec', script], { cwd: origin.root, stdio: 'pipe' })
}
