// The program as a whole, in this process: a folder, a state directory, two ports.

import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { createLog } from '../../src/log.js'
import { type Controller, start } from '../../src/main.js'
import { loadSettings } from '../../src/settings.js'
import type { RevisionSummary, StatusView } from '../../src/status/views.js'
import { type AskOptions, ask, type Reply } from './ask.js'
import { eventually } from './eventually.js'
import { type Cleanup, Folder } from './folder.js'

export const operateToken = 'operate-e2e'

type Flags = Readonly<Record<string, unknown>>

export class Running {
  readonly folder: Folder
  readonly #flags: Flags
  #controller: Controller | undefined

  private constructor(folder: Folder, flags: Flags) {
    this.folder = folder
    this.#flags = flags
  }

  /** Serves until the test ends. `flags` are settings, as a partial tree. */
  static async start(
    from: Folder | Readonly<Record<string, string>>,
    flags: Flags = {},
    cleanup: Cleanup = onTestFinished,
  ): Promise<Running> {
    const running = new Running(from instanceof Folder ? from : new Folder(from, cleanup), flags)
    await running.start()
    cleanup(() => running.stop())
    return running
  }

  async start(): Promise<void> {
    const { folder } = this
    const flags = {
      source: { url: folder.root },
      stateDir: folder.state,
      ports: { resolver: 0, control: 0 },
      tokens: { operate: operateToken },
      ...this.#flags,
    }
    this.#controller = await start(loadSettings({ env: {}, flags }), { env: {}, log: createLog('silent', false) })
  }

  async stop(): Promise<void> {
    const controller = this.#controller
    this.#controller = undefined
    await controller?.close()
  }

  /** With `between`, what happens while nothing runs. */
  async restart(between: () => unknown = () => {}): Promise<void> {
    await this.stop()
    await between()
    await this.start()
  }

  get #open(): Controller {
    if (this.#controller === undefined) throw new Error('it does not run')
    return this.#controller
  }

  get resolver(): string {
    return this.#open.addresses.resolver
  }

  get control(): string {
    return this.#open.addresses.control
  }

  /** Asks a mock. */
  ask(path: string, options?: AskOptions): Promise<Reply> {
    return ask(this.resolver + path, options)
  }

  /** Reads from the control port. */
  async see<Shown>(path: string): Promise<Shown> {
    const { status, json, text } = await ask(this.control + path)
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
    return json as Shown
  }

  operate(path: string, body: unknown = {}, token = operateToken): Promise<Reply> {
    return ask(this.control + path, { body, headers: { authorization: `Bearer ${token}` } })
  }

  status(): Promise<StatusView> {
    return this.see('/api/v1/status')
  }

  /** Waits until the status is as wanted. */
  async statusOnce(what: string, isSo: (status: StatusView) => boolean): Promise<StatusView> {
    let last: StatusView | undefined
    const found = () => last && { conditions: last.conditions, problems: last.problems, generation: last.generation }
    return eventually(
      what,
      async () => {
        last = await this.status()
        return isSo(last) && last
      },
      { found },
    )
  }

  /** Waits until a mock answers as wanted. */
  async answerOnce(path: string, isSo: (reply: Reply) => boolean, options?: AskOptions): Promise<Reply> {
    let last: Reply | undefined
    return eventually(
      `${path} answers as wanted`,
      async () => {
        last = await this.ask(path, options)
        return isSo(last) && last
      },
      { found: () => last && { status: last.status, text: last.text } },
    )
  }

  async revisions(): Promise<readonly RevisionSummary[]> {
    return (await this.see<{ items: RevisionSummary[] }>('/api/v1/revisions?limit=500')).items
  }
}

export function condition({ conditions }: StatusView, type: string) {
  const found = conditions.find((one) => one.type === type)
  if (found === undefined) throw new Error(`no condition ${type}`)
  return found
}

/** One that serves all tests of a `describe`, for tests that leave nothing behind. */
export function shared(files: Readonly<Record<string, string>>, flags: Flags = {}): () => Running {
  const ends: (() => void | Promise<void>)[] = []
  let running: Running | undefined
  beforeAll(async () => {
    running = await Running.start(files, flags, (end) => ends.push(end))
  })
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })
  return () => {
    if (running === undefined) throw new Error('it has not started')
    return running
  }
}
