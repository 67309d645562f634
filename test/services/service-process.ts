// One broker as a child process: ready when its log says so, stopped or killed, and never left behind (guard.mjs).

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const guard = fileURLToPath(new URL('guard.mjs', import.meta.url))
const logKept = 64 * 1024

export interface Command {
  readonly name: string
  /** Where its data is: removed when this process ends before the service does. */
  readonly folder?: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** What it prints once clients can use it. */
  readonly ready: RegExp
}

export class ServiceProcess {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>
  #log = ''

  private constructor({ name, folder = '', command, args, env = process.env }: Command) {
    this.#name = name
    this.#child = spawn(process.execPath, [guard, folder, command, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#exit = once(this.#child, 'close')
    this.#child.stdin?.on('error', () => {})
  }

  /** Resolves when the log says that it is ready; the error of one that ends before that, or takes too long, has its log. */
  static async start(command: Command, withinMs = 60_000): Promise<ServiceProcess> {
    const service = new ServiceProcess(command)
    try {
      await service.#untilReady(command.ready, withinMs)
    } catch (error) {
      await service.kill()
      throw error
    }
    return service
  }

  #untilReady(ready: RegExp, withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (what: string): void => reject(new Error(`${this.#name} ${what}; its log ends:\n${this.log}`))
      const timer = setTimeout(() => fail(`was not ready within ${withinMs} ms`), withinMs)
      const read = (text: string): void => {
        this.#log = (this.#log + text).slice(-logKept)
        if (!ready.test(this.#log)) return
        clearTimeout(timer)
        resolve()
      }
      this.#child.stdout?.setEncoding('utf8').on('data', read)
      this.#child.stderr?.setEncoding('utf8').on('data', read)
      this.#exit.then(
        () => {
          clearTimeout(timer)
          fail('ended before it was ready')
        },
        (error: Error) => fail(error.message),
      )
    })
  }

  /** The last of what it printed. */
  get log(): string {
    return this.#log
  }

  /** Asks it to end in an orderly way and waits until it has; one that does not within the time is killed. */
  async stop(withinMs = 20_000): Promise<void> {
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGUSR2'), withinMs)
    await this.#exit
    clearTimeout(timer)
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGUSR2')
    await this.#exit
  }
}

/** The path of a command, or undefined when there is none; `more` are folders beside those of PATH. */
export function findCommand(name: string, more: readonly string[] = []): string | undefined {
  const folders = [...more, ...(process.env.PATH ?? '').split(delimiter)].filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
