// A rendering thread that does what the first part of a job asks for.
import { workerData as port } from 'node:worker_threads'

const acts = {
  hang: () => {
    for (;;);
  },
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('broken')
  },
  silent: () => undefined,
  memory: () => {
    const all = []
    for (;;) all.push(new Array(100_000).fill(all.length))
  },
}

port.on('message', (batch) => {
  for (const { parts } of batch) {
    const [{ name, text }] = parts
    const act = acts[text]
    if (act === undefined) port.postMessage({ texts: { [name]: text }, failures: {} })
    else act()
  }
})
port.postMessage('ready')
