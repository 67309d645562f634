// Templates are bounded by themselves: what they do is counted. That a thread of its own renders them, and is ended when
// it does not answer, is for what nobody thought of.

import { existsSync } from 'node:fs'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { type Rendered, type RenderJob, renderJob, TemplateCache } from './render-job.js'
import type { WorkerAnswer } from './render-worker.js'

export interface Renderer {
  /** What came of it; a job that takes too long fails as a whole. Rejects only after `close`. */
  render(job: RenderJob): Promise<Rendered>
  /** Ends the thread; what is still waiting is rejected. */
  close(): Promise<void>
}

export interface RendererOptions {
  /** The compiled worker. Where it does not exist, this thread renders. */
  readonly worker?: URL
  /** Milliseconds for one job. Default: 250. */
  readonly limitMs?: number
  /** Milliseconds without a job after which the thread ends. Default: 30 s. */
  readonly idleMs?: number
  /** Milliseconds for the thread to begin. Default: 10 s. */
  readonly startMs?: number
}

const batchSize = 50
/** An attempt that is ended may have been unlucky: the machine was busy. A second one is not. */
const maxAttempts = 2
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }

interface Waiting {
  readonly job: RenderJob
  readonly resolve: (rendered: Rendered) => void
  readonly reject: (error: Error) => void
  attempts: number
}

export function createRenderer(options: RendererOptions = {}): Renderer {
  const worker = options.worker ?? new URL('./render-worker.js', import.meta.url)
  if (existsSync(worker)) return new WorkerRenderer(worker, options)
  const cache = new TemplateCache()
  return { render: async (job) => renderJob(job, cache), close: async () => {} }
}

class WorkerRenderer implements Renderer {
  readonly #url: URL
  readonly #limitMs: number
  readonly #idleMs: number
  readonly #startMs: number
  readonly #queue: Waiting[] = []
  #thread: Thread | undefined
  #idle: NodeJS.Timeout | undefined
  #closed = false
  readonly #ends = new Set<Promise<unknown>>()

  constructor(url: URL, { limitMs = 250, idleMs = 30_000, startMs = 10_000 }: RendererOptions) {
    this.#url = url
    this.#limitMs = limitMs
    this.#idleMs = idleMs
    this.#startMs = startMs
  }

  render(job: RenderJob): Promise<Rendered> {
    if (this.#closed) return Promise.reject(new Error('the renderer is closed'))
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject, attempts: 0 })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    const waiting = [...(this.#thread?.abandon() ?? []), ...this.#queue.splice(0)]
    this.#end()
    for (const { reject } of waiting) reject(new Error('the renderer was closed'))
    await Promise.all(this.#ends)
  }

  #next(): void {
    clearTimeout(this.#idle)
    if (this.#closed || this.#thread?.isBusy) return
    if (this.#queue.length === 0) {
      this.#idle = setTimeout(() => this.#end(), this.#idleMs).unref()
      return
    }
    if (this.#thread?.isDead) this.#end()
    this.#thread ??= new Thread(this.#url, { limitMs: this.#limitMs, startMs: this.#startMs })
    // One that failed before is alone, so that it harms no other.
    const alone = this.#queue.findIndex(({ attempts }) => attempts > 0)
    const count = alone === -1 ? batchSize : Math.max(1, alone)
    this.#thread.run(this.#queue.splice(0, count), (unanswered, reason) => {
      if (reason !== undefined) this.#failed(unanswered, reason)
      this.#next()
    })
  }

  /** The first of them is the one that was being rendered. */
  #failed([current, ...others]: readonly Waiting[], reason: string): void {
    this.#end()
    if (current !== undefined) {
      current.attempts++
      if (current.attempts < maxAttempts) this.#queue.push(current)
      else current.resolve({ texts: {}, failures: Object.fromEntries(namesOf(current).map((name) => [name, reason])) })
    }
    this.#queue.unshift(...others)
  }

  #end(): void {
    const end = this.#thread?.end()
    this.#thread = undefined
    if (end === undefined) return
    this.#ends.add(end)
    void end.finally(() => this.#ends.delete(end))
  }
}

function namesOf({ job }: Waiting): readonly string[] {
  return job.parts.map(({ name }) => name)
}

/** `reason`: why the thread is of no use any more; `unanswered` are in their order. */
type Done = (unanswered: readonly Waiting[], reason: string | undefined) => void

class Thread {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #limitMs: number
  #jobs: Waiting[] = []
  #done: Done | undefined
  #timer: NodeJS.Timeout | undefined
  #isReady = false
  /** It was ended, or ended by itself. */
  isDead = false

  constructor(url: URL, { limitMs, startMs }: { limitMs: number; startMs: number }) {
    this.#limitMs = limitMs
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#worker = new Worker(url, {
      workerData: port2,
      transferList: [port2],
      resourceLimits,
      // What is in the environment is nothing to templates.
      env: {},
      execArgv: [],
    })
    this.#worker.on('error', (error) => this.#fail(`rendering failed: ${error.message}`))
    this.#worker.on('exit', () => this.#fail('rendering ended early'))
    this.#port.on('message', (answer: WorkerAnswer) => this.#took(answer))
    this.#arm(startMs)
  }

  get isBusy(): boolean {
    return this.#done !== undefined
  }

  run(jobs: Waiting[], done: Done): void {
    this.#jobs = jobs
    this.#done = done
    this.#worker.ref()
    this.#port.ref()
    this.#port.postMessage(jobs.map(({ job }) => job))
    if (this.#isReady) this.#arm(this.#limitMs)
  }

  /** What it was at. */
  abandon(): readonly Waiting[] {
    this.#done = undefined
    return this.#jobs
  }

  async end(): Promise<void> {
    this.#done = undefined
    clearTimeout(this.#timer)
    this.#port.close()
    await this.#worker.terminate()
  }

  #took(answer: WorkerAnswer): void {
    if (answer === 'ready') this.#isReady = true
    else this.#jobs.shift()?.resolve(answer)
    if (this.#jobs.length > 0) {
      this.#arm(this.#limitMs)
      return
    }
    clearTimeout(this.#timer)
    this.#worker.unref()
    this.#port.unref()
    this.#finish(undefined)
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#late(), ms)
  }

  /** Perhaps this thread was the slow one, and the answer is here already. */
  #late(): void {
    const answer = receiveMessageOnPort(this.#port)
    if (answer !== undefined) this.#took(answer.message as WorkerAnswer)
    else if (this.#isReady) this.#fail(`the template took more than ${this.#limitMs} ms`)
    else this.#fail('rendering did not start')
  }

  #fail(reason: string): void {
    this.isDead = true
    clearTimeout(this.#timer)
    this.#finish(reason)
  }

  #finish(reason: string | undefined): void {
    const done = this.#done
    this.#done = undefined
    const unanswered = this.#jobs
    this.#jobs = []
    done?.(unanswered, reason)
  }
}
