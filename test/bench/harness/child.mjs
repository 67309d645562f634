// A measured program in a process of its own.
import { execFileSync, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const meter = new URL('./meter.mjs', import.meta.url).href

export class Child {
  #process
  #name
  #stderr = ''
  #messages = []
  #waiting = []
  #exited

  /** `script` is run by this Node.js; `flags` come before it. */
  constructor(name, script, args = [], { flags = [], env = {} } = {}) {
    this.#name = name
    this.startedAt = performance.now()
    this.#process = spawn(process.execPath, [...flags, '--import', meter, script, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    })
    this.#process.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-4_000)
    })
    this.#process.on('message', (message) => {
      const at = this.#waiting.findIndex(({ wants }) => wants(message))
      if (at < 0) this.#messages.push(message)
      else this.#waiting.splice(at, 1)[0].resolve(message)
    })
    this.#exited = new Promise((resolve) => {
      this.#process.on('exit', (code, signal) => {
        for (const { reject } of this.#waiting.splice(0)) reject(this.#ended(code ?? signal))
        resolve(code ?? signal)
      })
    })
  }

  get pid() {
    return this.#process.pid
  }

  get isRunning() {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** What the program has written to stderr, its end if it is long. */
  get complaints() {
    return this.#stderr
  }

  #ended(how) {
    return new Error(`${this.#name} ended with ${how}:\n${this.#stderr}`)
  }

  /** The next message that `wants` accepts. */
  message(wants) {
    const at = this.#messages.findIndex(wants)
    if (at >= 0) return Promise.resolve(this.#messages.splice(at, 1)[0])
    if (!this.isRunning) return Promise.reject(this.#ended(this.#process.exitCode ?? this.#process.signalCode))
    return new Promise((resolve, reject) => this.#waiting.push({ wants, resolve, reject }))
  }

  send(message) {
    // A failure shows as the end of the process, which rejects whoever waits for an answer.
    this.#process.send(message, () => {})
  }

  /** User and system CPU time of all its threads since it started, and its memory. */
  async meter() {
    this.send('meter')
    return (await this.message((message) => message.meter !== undefined)).meter
  }

  exit() {
    return this.#exited
  }

  async stop() {
    if (!this.isRunning) return
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 15_000)
    await this.#exited
    clearTimeout(timer)
  }
}

const canPin = process.platform === 'linux' && availableParallelism() > 1 && hasTaskset()

function hasTaskset() {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Keeps all threads of a process on one core, so that server and load do not take turns on the same one. */
export function pin(child, core) {
  if (canPin) execFileSync('taskset', ['-a', '-cp', String(core), String(child.pid)], { stdio: 'ignore' })
}

export const isPinned = canPin
export const pathOf = (relative, base) => fileURLToPath(new URL(relative, base))
