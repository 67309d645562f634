import { FSWatcher } from 'chokidar'

export interface FolderEvents {
  /** Something happened to `name` in `folder`, or to the folder itself; without a name, to anything in it. */
  event(folder: string, name: string | undefined, type: string): void
  error(error: unknown): void
}

/** Watches what lies directly in some folders. */
export interface FolderWatch {
  /** Resolves when changes are seen in all of the folders that exist. */
  readonly ready: Promise<void>
  drop(folder: string): void
  close(): Promise<void>
}

export type OpenFolderWatch = (folders: readonly string[], events: FolderEvents) => FolderWatch

/**
 * chokidar as no more than a set of folder watches. By itself it also watches each file (10,000 of them: 1 to 2 s and
 * 70 to 130 MB before it is ready), or, told to ignore files, still lists and lstats the whole folder at each event
 * (95 ms of CPU for one edit among 10,000 files). The source looks for itself, so all that is needed is the raw event.
 */
class BareWatcher extends FSWatcher {
  // chokidar asks for leave before it lists a folder, and does not list when it is told that it has just done so.
  override _throttle(): false {
    return false
  }
}

export const watchFolders: OpenFolderWatch = (folders, events) => {
  // Links are followed by the source, which hands over real paths.
  const watcher = new BareWatcher({ ignoreInitial: true, atomic: false, followSymlinks: false })
  watcher.on('error', events.error)
  watcher.on('raw', (type, name: string | null, details) => {
    const folder = watchedPath(details)
    if (folder !== undefined) events.event(folder, name ?? undefined, type)
  })
  // By CHOKIDAR_USEPOLLING or the platform: it would poll folders and so miss what changes inside files.
  const polls = watcher.options.usePolling
  if (polls) events.error(new Error('polling is asked for by CHOKIDAR_USEPOLLING, or by the platform'))
  // chokidar reads every backslash as a Windows separator.
  const watchable = process.platform === 'win32' ? folders : folders.filter((folder) => !folder.includes('\\'))
  if (watchable.length < folders.length) events.error(new Error('a folder has a backslash in its name'))

  let begin = (): void => {}
  const ready = new Promise<void>((resolve) => {
    begin = resolve
  })
  if (polls || watchable.length === 0) begin()
  else watcher.once('ready', begin).add([...watchable])
  return {
    ready,
    drop: (folder) => {
      watcher.unwatch(folder)
    },
    close: () => {
      // A closed watcher does not become ready any more.
      begin()
      const closed = watcher.close()
      // Closing takes the listeners away, and an error event that nobody hears would end the process.
      watcher.on('error', () => {})
      return closed
    },
  }
}

function watchedPath(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return undefined
  return typeof details.watchedPath === 'string' ? details.watchedPath : undefined
}
