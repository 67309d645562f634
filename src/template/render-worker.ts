import { type MessagePort, workerData } from 'node:worker_threads'
import { type Rendered, type RenderJob, renderJob, TemplateCache } from './render-job.js'

/** From the worker: that it is there, and then one answer for each job, in their order. */
export type WorkerAnswer = 'ready' | Rendered

const port = workerData as MessagePort
const cache = new TemplateCache()
port.on('message', (batch: readonly RenderJob[]) => {
  for (const job of batch) port.postMessage(renderJob(job, cache) satisfies WorkerAnswer)
})
port.postMessage('ready' satisfies WorkerAnswer)
